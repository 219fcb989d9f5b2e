package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.testkit.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the files of infra/kubernetes as far as possible without a cluster. */
class KubernetesFilesTest {

    private static final Path FOLDER = Path.of("infra/kubernetes");
    private static final String NAME = "market-collector";
    private static final String LABELS = "{'app.kubernetes.io/name':'market-collector'}";

    private final JsonNode set = yaml("stateful-set.yaml");
    private final JsonNode pod = set.at("/spec/template/spec");
    private final JsonNode container = pod.at("/containers/0");

    @TempDir
    private Path home;

    private static JsonNode yaml(String file) {
        try {
            return new YAMLMapper().readTree(FOLDER.resolve(file).toFile());
        } catch (IOException e) {
            throw new AssertionError("run from the root of the project", e);
        }
    }

    private static String text(JsonNode node) {
        return node.toString().replace('"', '\'');
    }

    private static List<String> listed(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The settings of a pod; a name that is no setting is refused, as in every {@code .env}. */
    private Settings settings() throws Exception {
        Files.copy(FOLDER.resolve("collector.env"), home.resolve(".env"));
        return new SettingsLoader(Map.of("INSTANCE_ID", NAME + "-0"), home).load();
    }

    private static List<String> healthCheckOfTheImage() throws IOException {
        String line = Files.readAllLines(Path.of("infra/docker/Dockerfile")).stream()
                .filter(text -> text.startsWith("    CMD ["))
                .findFirst()
                .orElseThrow();
        return listed(new YAMLMapper().readTree(line.substring(line.indexOf('['))));
    }

    @Test
    void everyFileIsListedAndEveryObjectHasTheNameAndTheLabels() throws IOException {
        JsonNode list = yaml("kustomization.yaml");
        TreeSet<String> files = new TreeSet<>(listed(list.at("/resources")));
        assertThat(text(list.at("/configMapGenerator")))
                .isEqualTo("[{'name':'" + NAME + "','envs':['collector.env']}]");

        TreeSet<String> kinds = new TreeSet<>();
        for (String file : files) {
            JsonNode object = yaml(file);
            kinds.add(object.at("/kind").asText());
            assertThat(object.at("/metadata/name").asText()).as(file).isEqualTo(NAME);
            assertThat(text(object.at("/metadata/labels"))).as(file).isEqualTo(LABELS);
        }
        assertThat(kinds)
                .containsExactly("PodDisruptionBudget", "Service", "ServiceAccount", "ServiceMonitor", "StatefulSet");
        files.addAll(List.of("kustomization.yaml", "collector.env", "README.md"));
        try (Stream<Path> present = Files.list(FOLDER)) {
            assertThat(present.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(files);
        }
    }

    @Test
    void everySettingExistsAndFitsThePod() throws Exception {
        Settings settings = settings();

        assertThat(settings.httpHost()).as("a scraper is another host").isEqualTo("0.0.0.0");
        assertThat(text(container.at("/ports")))
                .isEqualTo("[{'name':'http','containerPort':" + settings.httpPort() + "}]");
        assertThat(Duration.ofSeconds(pod.at("/terminationGracePeriodSeconds").asLong()))
                .isEqualTo(Duration.ofSeconds(60))
                .isGreaterThan(settings.shutdownBudget().plusSeconds(5));
        assertThat(text(container.at("/envFrom"))).isEqualTo("[{'configMapRef':{'name':'" + NAME + "'}}]");
        assertThat(text(container.at("/env")))
                .isEqualTo("[{'name':'INSTANCE_ID','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'}}}]");
    }

    /** The root of a volume is owned by root, which the collector refuses; a directory in it is made by itself. */
    @Test
    void spoolIsADirectoryOfItsOwnOnAVolumeThatIsKept() throws Exception {
        settings();
        Path spool = new SettingsLoader(Map.of(), home).localDir();

        assertThat(text(container.at("/volumeMounts")))
                .isEqualTo("[{'name':'spool','mountPath':'" + spool.getParent() + "'}]");
        assertThat(pod.has("volumes")).isFalse();
        assertThat(text(set.at("/spec/volumeClaimTemplates")))
                .isEqualTo("[{'metadata':{'name':'spool'},'spec':{'accessModes':['ReadWriteOnce'],"
                        + "'resources':{'requests':{'storage':'4Gi'}}}}]");
        assertThat(text(set.at("/spec/persistentVolumeClaimRetentionPolicy")))
                .isEqualTo("{'whenDeleted':'Retain','whenScaled':'Retain'}");
    }

    @Test
    void probesAskTheCollectorWithoutAShell() throws IOException {
        List<String> live = healthCheckOfTheImage();
        List<String> health = live.subList(0, live.size() - 1);
        assertThat(live).endsWith("health", "--live");

        Map<String, List<String>> commands =
                Map.of("startupProbe", live, "livenessProbe", live, "readinessProbe", health);
        assertThat(names(container)).filteredOn(name -> name.endsWith("Probe")).hasSize(commands.size());
        commands.forEach((probe, command) -> {
            JsonNode checked = container.at("/" + probe);
            assertThat(names(checked))
                    .as(probe)
                    .containsExactly("exec", "periodSeconds", "timeoutSeconds", "failureThreshold");
            assertThat(listed(checked.at("/exec/command"))).as(probe).isEqualTo(command);
        });
        assertThat(allowed("startupProbe")).as("a large backlog is read").isEqualTo(300);
        assertThat(allowed("livenessProbe")).isGreaterThanOrEqualTo(300);
    }

    private int allowed(String probe) {
        return container.at("/" + probe + "/periodSeconds").asInt()
                * container.at("/" + probe + "/failureThreshold").asInt();
    }

    @Test
    void podHasNoRightsOfTheMachineOrTheCluster() {
        assertThat(names(pod))
                .containsExactlyInAnyOrder(
                        "serviceAccountName",
                        "automountServiceAccountToken",
                        "enableServiceLinks",
                        "terminationGracePeriodSeconds",
                        "securityContext",
                        "topologySpreadConstraints",
                        "containers");
        assertThat(pod.at("/containers")).hasSize(1);
        assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(pod.at("/enableServiceLinks").asBoolean(true)).isFalse();
        assertThat(text(pod.at("/securityContext")))
                .isEqualTo("{'runAsNonRoot':true,'runAsUser':10001,'runAsGroup':10001,'fsGroup':10001,"
                        + "'fsGroupChangePolicy':'OnRootMismatch','seccompProfile':{'type':'RuntimeDefault'}}");
        assertThat(text(container.at("/securityContext")))
                .isEqualTo("{'allowPrivilegeEscalation':false,'readOnlyRootFilesystem':true,"
                        + "'capabilities':{'drop':['ALL']}}");
        assertThat(text(container.at("/resources")))
                .isEqualTo("{'requests':{'cpu':'100m','memory':'256Mi'},'limits':{'memory':'512Mi'}}");
    }

    @Test
    void onePodAtATimeIsReplacedOrEvictedAndZonesDiffer() {
        JsonNode budget = yaml("pod-disruption-budget.yaml");

        assertThat(set.at("/spec/replicas").asInt()).isEqualTo(3);
        assertThat(budget.at("/spec/minAvailable").asInt())
                .isEqualTo(set.at("/spec/replicas").asInt() - 1);
        assertThat(set.at("/spec/podManagementPolicy").asText()).isEqualTo("Parallel");
        assertThat(text(set.at("/spec/updateStrategy"))).isEqualTo("{'type':'RollingUpdate'}");
        assertThat(set.at("/spec/minReadySeconds").asInt())
                .as("a refusing bucket shows")
                .isGreaterThan(60);
        assertThat(pod.at("/topologySpreadConstraints/0/topologyKey").asText())
                .isEqualTo("topology.kubernetes.io/zone");
        assertThat(pod.at("/topologySpreadConstraints/0/whenUnsatisfiable").asText())
                .isEqualTo("DoNotSchedule");
        assertThat(List.of(
                        budget.at("/spec/selector/matchLabels"),
                        set.at("/spec/selector/matchLabels"),
                        set.at("/spec/template/metadata/labels"),
                        pod.at("/topologySpreadConstraints/0/labelSelector/matchLabels"),
                        yaml("service.yaml").at("/spec/selector"),
                        yaml("service-monitor.yaml").at("/spec/selector/matchLabels")))
                .allSatisfy(labels -> assertThat(text(labels)).isEqualTo(LABELS));
    }

    @Test
    void prometheusScrapesEveryPodUnderTheNamesOfTheAlerts() throws IOException {
        JsonNode service = yaml("service.yaml");

        assertThat(set.at("/spec/serviceName").asText()).isEqualTo(NAME);
        assertThat(service.at("/spec/clusterIP").asText()).isEqualTo("None");
        assertThat(service.at("/spec/publishNotReadyAddresses").asBoolean()).isTrue();
        assertThat(text(service.at("/spec/ports"))).isEqualTo("[{'name':'http','port':8080,'targetPort':'http'}]");
        assertThat(text(yaml("service-monitor.yaml").at("/spec/endpoints")))
                .isEqualTo("[{'port':'http','path':'/metrics','interval':'15s','relabelings':["
                        + "{'targetLabel':'job','replacement':'collector'},"
                        + "{'targetLabel':'instance','sourceLabels':['__meta_kubernetes_pod_name']}]}]");
        assertThat(Files.readString(Path.of("infra/monitoring/alerts.yml"))).contains("up{job=\"collector\"}");
    }

    @Test
    void kubectlRendersThePodsWithImageAndSettings() throws Exception {
        Assumptions.assumeTrue(Programs.onPath("kubectl"), "kubectl is not on this machine");
        Process process = new ProcessBuilder("kubectl", "kustomize", FOLDER.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output)
                .contains("kind: ConfigMap", "image: registry.example.com/market-collector:")
                .containsPattern("configMapRef:\\s+name: market-collector-\\w{10}\n");
    }
}
