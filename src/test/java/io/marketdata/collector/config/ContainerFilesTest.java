package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the files of infra/docker and infra/ecs as far as possible without a container engine. */
class ContainerFilesTest {

    private static final Path DOCKER = Path.of("infra/docker");
    private static final String USER = "10001:10001";

    /** Read by the AWS SDK, not by the collector; only in the compose file, whose test server accepts any value. */
    private static final List<String> KEYS = List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");

    private final List<String> dockerfile = instructions();

    @TempDir
    private Path home;

    /** The instructions, each on one line, without comments. */
    private static List<String> instructions() {
        return text(DOCKER.resolve("Dockerfile"))
                .replaceAll("(?m)^#.*\n", "")
                .replaceAll("\\s*\\\\\n\\s*", " ")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError("run from the root of the project", e);
        }
    }

    private String instruction(String name) {
        List<String> found = dockerfile.stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList();
        assertThat(found).as(name).hasSize(1);
        return found.get(0);
    }

    private static JsonNode compose() throws IOException {
        return new YAMLMapper().readTree(text(DOCKER.resolve("compose.yaml")));
    }

    private static JsonNode task() throws IOException {
        return new ObjectMapper().readTree(text(Path.of("infra/ecs/task-definition.json")));
    }

    private static Map<String, String> environmentOfCompose() throws IOException {
        Map<String, String> environment = new HashMap<>();
        compose()
                .at("/services/collector/environment")
                .properties()
                .forEach(entry ->
                        environment.put(entry.getKey(), entry.getValue().asText()));
        return environment;
    }

    private static Map<String, String> environmentOfTask() throws IOException {
        Map<String, String> environment = new HashMap<>();
        task().at("/containerDefinitions/0/environment")
                .forEach(entry -> environment.put(
                        entry.at("/name").asText(), entry.at("/value").asText()));
        return environment;
    }

    private static List<String> variables() {
        return SettingsTable.ALL.stream()
                .map(Setting::variable)
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<String> listed(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }

    @Test
    void imageRunsAsAnUnprivilegedUserWithoutAShell() {
        assertThat(instruction("USER")).isEqualTo(USER);
        assertThat(instruction("ENTRYPOINT"))
                .isEqualTo("[\"java\", \"@/opt/market-collector/jvm.options\", \"-jar\","
                        + " \"/opt/market-collector/collector.jar\"]");
        assertThat(instruction("STOPSIGNAL")).isEqualTo("SIGTERM");
        assertThat(instruction("HEALTHCHECK"))
                .endsWith("\"/opt/market-collector/collector.jar\", \"health\", \"--live\"]");
        assertThat(dockerfile.get(0))
                .as("the base is pinned")
                .matches("ARG BASE=[a-z-]+:25\\.\\d+\\.\\d+_\\d+-jre-\\w+@sha256:[0-9a-f]{64}");
        assertThat(dockerfile)
                .filteredOn(line -> line.startsWith("FROM "))
                .last()
                .isEqualTo("FROM ${BASE}");
        assertThat(dockerfile.subList(dockerfile.lastIndexOf("FROM ${BASE}"), dockerfile.size()))
                .noneMatch(line -> line.startsWith("RUN "));
        assertThat(dockerfile).noneMatch(line -> line.startsWith("ADD ") || line.contains("curl"));
        assertThat(instruction("VOLUME")).isEqualTo("/var/lib/market-collector");
        assertThat(instruction("ENV")).isEqualTo("LOCAL_DIR=/var/lib/market-collector LANG=C.UTF-8");
    }

    @Test
    void builderReceivesOnlyTheFilesThatTheImageCopies() {
        TreeSet<String> copied = new TreeSet<>();
        for (String line : dockerfile) {
            if (line.startsWith("COPY ") && !line.startsWith("COPY --from=build ")) {
                List<String> words = List.of(line.substring(5).split(" "));
                copied.addAll(words.subList(0, words.size() - 1));
            }
        }
        assertThat(copied)
                .containsExactlyInAnyOrderElementsOf(text(DOCKER.resolve("Dockerfile.dockerignore"))
                        .lines()
                        .filter(line -> line.startsWith("!"))
                        .map(line -> line.substring(1))
                        .toList());
        assertThat(copied)
                .filteredOn(file -> !file.startsWith("target/"))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Path.of(file)).exists());
    }

    /** With an option that names no file Java starts without the archive. */
    @Test
    void everyJavaOfTheImageUsesTheArchiveThatTheBuildWrites() throws IOException {
        String archive = "-XX:AOTCache=/opt/market-collector/classes";

        assertThat(dockerfile)
                .filteredOn(line -> line.startsWith("RUN [\"java\""))
                .singleElement()
                .asString()
                .contains("\"" + archive.replace("AOTCache=", "AOTCacheOutput=") + "\"");
        assertThat(text(DOCKER.resolve("jvm.options")).lines()).contains(archive);
        assertThat(instruction("HEALTHCHECK")).contains("\"" + archive + "\"");
        assertThat(listed(task().at("/containerDefinitions/0/healthCheck/command")))
                .contains(archive);
    }

    @Test
    void everyVariableIsASettingAndTheSettingsAreValid() throws Exception {
        Map<String, String> compose = environmentOfCompose();
        assertThat(compose).containsKeys("RAW_BUCKET", "AWS_ENDPOINT_URL_S3", "WS_URL", "REST_URL");
        compose.keySet().removeAll(KEYS);
        Map<String, String> task = environmentOfTask();
        assertThat(task).containsKeys("RAW_BUCKET", "INSTANCE_ID", "LOCAL_DIR");

        for (Map<String, String> environment : List.of(compose, task)) {
            assertThat(variables()).containsAll(environment.keySet());
            assertThat(new SettingsLoader(environment, home).load().describe()).isNotEmpty();
        }
        assertThat(task().findValues("secrets"))
                .as("credentials come from the task's role")
                .isEmpty();
        assertThat(task().toString()).doesNotContain("AWS_ACCESS", "AWS_SECRET");
    }

    @Test
    void stopTimeoutsExceedTheShutdownBudget() throws Exception {
        Duration budget = new SettingsLoader(Map.of("RAW_BUCKET", "file:./bucket"), home)
                .load()
                .shutdownBudget();
        String grace = compose().at("/services/collector/stop_grace_period").asText();
        int task = task().at("/containerDefinitions/0/stopTimeout").asInt();

        assertThat(grace).matches("\\d+s");
        assertThat(Duration.ofSeconds(Long.parseLong(grace.replace("s", "")))).isGreaterThan(budget.plusSeconds(5));
        assertThat(Duration.ofSeconds(task)).isBetween(budget.plusSeconds(6), Duration.ofSeconds(120));
    }

    @Test
    void everyServiceIsSandboxed() throws Exception {
        JsonNode services = compose().at("/services");
        assertThat(services.fieldNames()).toIterable().containsExactly("exchange", "s3", "bucket", "collector");
        JsonNode sandbox = compose().at("/x-sandbox");
        assertThat(sandbox.at("/read_only").asBoolean()).isTrue();
        assertThat(listed(sandbox.at("/cap_drop"))).containsExactly("ALL");
        assertThat(listed(sandbox.at("/security_opt"))).containsExactly("no-new-privileges:true");
        String raw = text(DOCKER.resolve("compose.yaml"));
        assertThat(raw.split("<<: \\*sandbox", -1))
                .as("services with the sandbox")
                .hasSize(5);
        services.forEach(service -> {
            assertThat(service.at("/mem_limit").asText()).isNotEmpty();
            assertThat(service.has("privileged")).isFalse();
        });
        assertThat(listed(services.at("/collector/volumes"))).containsExactly("spool:/var/lib/market-collector");

        JsonNode container = task().at("/containerDefinitions/0");
        assertThat(container.at("/readonlyRootFilesystem").asBoolean()).isTrue();
        assertThat(container.at("/privileged").asBoolean(true)).isFalse();
        assertThat(container.at("/user").asText()).isEqualTo(USER);
        assertThat(listed(container.at("/linuxParameters/capabilities/drop"))).containsExactly("ALL");
        assertThat(listed(container.at("/dockerSecurityOptions"))).containsExactly("no-new-privileges");
        assertThat(container.at("/healthCheck/command").toString())
                .endsWith("\"/opt/market-collector/collector.jar\",\"health\",\"--live\"]");
        assertThat(container.at("/mountPoints/0/containerPath").asText())
                .isEqualTo(environmentOfTask().get("LOCAL_DIR"));
    }
}
