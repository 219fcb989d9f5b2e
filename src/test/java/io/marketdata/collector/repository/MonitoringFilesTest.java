package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.testkit.MonitoringFiles;
import io.marketdata.collector.testkit.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The files for Prometheus and Grafana can be loaded, and every alert has a test in which it fires and one in which it
 * does not.
 */
@Execution(ExecutionMode.CONCURRENT)
class MonitoringFilesTest {

    private static final Path RUNBOOK = Path.of("docs/RUNBOOK.md");

    @TempDir
    private Path folder;

    private static void promtool(Path directory, String... arguments) throws Exception {
        Assumptions.assumeTrue(Programs.onPath("promtool"), "promtool is not on this machine (Debian: prometheus)");
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    @Test
    void prometheusAcceptsTheAlertsAndTheirTestsPass() throws Exception {
        promtool(MonitoringFiles.FOLDER, "check", "rules", "alerts.yml");
        promtool(MonitoringFiles.FOLDER, "test", "rules", "alerts_test.yml");
    }

    @Test
    void prometheusAcceptsEveryQueryOfTheDashboard() throws Exception {
        StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        int number = 0;
        for (String expression : MonitoringFiles.dashboardExpressions()) {
            rules.append(
                    String.format(Locale.ROOT, "      - record: panel_%d%n        expr: '%s'%n", number++, expression));
        }
        Files.writeString(folder.resolve("dashboard.yml"), rules);

        promtool(folder, "check", "rules", "dashboard.yml");
    }

    @Test
    void everyAlertHasASeverityAndARemedy() throws IOException {
        MonitoringFiles.alerts().forEach((name, rule) -> {
            assertThat(rule.at("/labels/severity").asText()).as(name).isIn("critical", "warning", "info");
            for (String annotation : List.of("summary", "description")) {
                assertThat(rule.at("/annotations/" + annotation).asText())
                        .as(name)
                        .isNotBlank();
            }
            assertThat(rule.at("/annotations/runbook_url").asText()).as(name).matches("docs/RUNBOOK\\.md#[a-z-]+");
        });
    }

    @Test
    void everyRunbookHeadingThatAnAlertNamesExists() throws IOException {
        Assumptions.assumeTrue(Files.exists(RUNBOOK), RUNBOOK + " is not written yet");
        Set<String> headings = runbookHeadings();

        for (Map.Entry<String, JsonNode> alert : MonitoringFiles.alerts().entrySet()) {
            String url = alert.getValue().at("/annotations/runbook_url").asText();
            assertThat(headings).as(alert.getKey()).contains(url.substring(url.indexOf('#') + 1));
        }
    }

    @Test
    void everyRunbookHeadingThatAnAlarmOfTerraformNamesExists() throws IOException {
        List<String> named = Pattern.compile("about += \"([^\"]*)\"")
                .matcher(Files.readString(Path.of("infra/terraform/modules/fleet/alarms.tf")))
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(named).hasSizeGreaterThan(10);
        assertThat(runbookHeadings()).containsAll(named);
    }

    private static Set<String> runbookHeadings() throws IOException {
        return Files.readAllLines(RUNBOOK).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void everyAlertFiresInATestAndStaysQuietInTheHealthyHour() throws IOException {
        Set<String> firing = new TreeSet<>();
        Set<String> silent = new TreeSet<>();
        for (JsonNode test : MonitoringFiles.alertTests()) {
            for (JsonNode expectation : test.at("/alert_rule_test")) {
                boolean fires = !expectation.at("/exp_alerts").isEmpty();
                if (fires || test.at("/name").asText().equals("a healthy hour")) {
                    (fires ? firing : silent).add(expectation.at("/alertname").asText());
                }
            }
        }

        assertThat(firing).isEqualTo(MonitoringFiles.alerts().keySet());
        silent.add("Watchdog"); // fires always, so its test is the healthy hour
        assertThat(silent).isEqualTo(MonitoringFiles.alerts().keySet());
    }

    @Test
    void theDashboardHasAFixedNameItsVariablesAndPanelsThatDoNotOverlap() throws IOException {
        JsonNode dashboard = MonitoringFiles.dashboard();

        assertThat(dashboard.at("/uid").asText()).isEqualTo("market-data-collector");
        assertThat(dashboard.at("/schemaVersion").asInt()).isGreaterThanOrEqualTo(38);
        assertThat(dashboard.at("/templating/list"))
                .extracting(variable -> variable.at("/name").asText())
                .containsExactly("datasource", "instance", "symbol");
        Set<String> cells = new TreeSet<>();
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode panel : dashboard.at("/panels")) {
            String title = panel.at("/title").asText();
            assertThat(ids.add(panel.at("/id").asInt())).as(title).isTrue();
            JsonNode place = panel.at("/gridPos");
            assertThat(place.at("/x").asInt() + place.at("/w").asInt())
                    .as(title)
                    .isBetween(1, 24);
            for (int x = 0; x < place.at("/w").asInt(); x++) {
                for (int y = 0; y < place.at("/h").asInt(); y++) {
                    assertThat(cells.add((place.at("/x").asInt() + x) + ","
                                    + (place.at("/y").asInt() + y)))
                            .as("%s overlaps another panel", title)
                            .isTrue();
                }
            }
            if (!panel.at("/type").asText().equals("row")) {
                assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                        .as(title)
                        .isNotBlank();
                assertThat(panel.at("/targets")).as(title).isNotEmpty().allSatisfy(target -> {
                    assertThat(target.at("/expr").asText()).contains("instance=~\"$instance\"");
                    assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
                });
            }
        }
    }
}
