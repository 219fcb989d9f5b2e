package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.cloudwatch.AlarmNumber;
import io.marketdata.collector.daily.AuditNumbers;
import io.marketdata.collector.testkit.ExportedMetrics;
import io.marketdata.collector.testkit.MonitoringFiles;
import io.marketdata.collector.testkit.PromQl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Alerts, dashboards and documents name only metrics that the program exports. */
class MetricNamesTest {

    private static final Path DOCUMENT = Path.of("docs/MONITORING.md");

    private static ExportedMetrics exported;
    private static Map<String, Set<String>> samples;

    @BeforeAll
    static void readThePage() throws IOException {
        exported = ExportedMetrics.read();
        samples = exported.samples();
    }

    @Test
    void thePageHasCountersHistogramsAndTheirLabels() {
        assertThat(samples)
                .containsEntry("collector_trades_accepted_total", Set.of("symbol"))
                .containsEntry("collector_receive_delay_seconds_bucket", Set.of("le"))
                .containsKeys("collector_receive_delay_seconds_sum", "collector_receive_delay_seconds_count")
                .containsEntry("jvm_heap_used_bytes", Set.of())
                .hasSizeGreaterThan(40);
    }

    @Test
    void everyAlertQueriesExportedMetrics() throws IOException {
        Map<String, JsonNode> alerts = MonitoringFiles.alerts();

        assertThat(alerts).hasSizeGreaterThan(20);
        alerts.forEach(
                (name, rule) -> assertThat(PromQl.problems(rule.at("/expr").asText(), samples))
                        .as(name)
                        .isEmpty());
    }

    @Test
    void alertTestsUseOnlyExportedSeries() throws IOException {
        for (JsonNode test : MonitoringFiles.alertTests()) {
            for (JsonNode series : test.at("/input_series")) {
                assertThat(PromQl.problems(series.at("/series").asText(), samples))
                        .as(test.at("/name").asText())
                        .isEmpty();
            }
        }
    }

    @Test
    void everyPanelQueriesExportedMetrics() throws IOException {
        assertThat(MonitoringFiles.dashboardExpressions())
                .hasSizeGreaterThan(40)
                .allSatisfy(expression ->
                        assertThat(PromQl.problems(expression, samples)).isEmpty());
    }

    /** The help texts are the source; the right table is left in {@code target/}. */
    @Test
    void theDocumentHasTheTableOfEveryMetric() throws IOException {
        String table = table();
        Files.writeString(Path.of("target/metrics-table.md"), table);

        assertThat(Files.readString(DOCUMENT))
                .as("copy target/metrics-table.md into %s", DOCUMENT)
                .contains(table);
    }

    @Test
    void theDocumentNamesNoMetricThatIsNotExported() throws IOException {
        Set<String> named = Pattern.compile("\\b(?:collector|jvm)_[a-z0-9_]+\\b")
                .matcher(Files.readString(DOCUMENT))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
        named.removeAll(samples.keySet());
        named.removeAll(exported.types().keySet());

        assertThat(named).isEmpty();
    }

    @Test
    void theDocumentHasTheTableOfEveryCloudWatchMetric() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        Pattern.compile("(?m)^\\| `([A-Z]\\w+)` \\| (\\w+) \\| (symbol|process) \\| .* \\| .* \\|$")
                .matcher(Files.readString(DOCUMENT))
                .results()
                .forEach(row -> rows.put(row.group(1), row.group(2) + " " + row.group(3)));

        assertThat(rows)
                .isEqualTo(Arrays.stream(AlarmNumber.values())
                        .collect(Collectors.toMap(
                                AlarmNumber::metricName,
                                number -> number.unit() + " " + (number.isOfProcess() ? "process" : "symbol"))));
    }

    @Test
    void everyAlarmInTerraformWatchesAPublishedMetric() throws IOException {
        if (Files.exists(Path.of("infra"))) {
            try (Stream<Path> files = Files.walk(Path.of("infra"))) {
                for (Path file : files.filter(each -> each.toString().matches(".*\\.(tf|tftpl|json|hcl)"))
                        .toList()) {
                    assertThat(unknownToCloudWatch(Files.readString(file)))
                            .as("%s", file)
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void misspelledNameOrLabelIsFound() {
        assertThat(PromQl.problems("colector_health == 2", samples)).containsExactly("colector_health is not exported");
        assertThat(PromQl.problems("rate(collector_receive_delay_seconds_bukket{le=\"0.0\"}[5m])", samples))
                .contains("collector_receive_delay_seconds_bukket is not exported");
        assertThat(PromQl.problems("collector_trades_accepted > 0", samples))
                .containsExactly("collector_trades_accepted is not exported");
        assertThat(PromQl.problems("sum by (symbl) (collector_ids_open{symbol=~\"$symbol\"})", samples))
                .containsExactly("none of its metrics has the label symbl");
        assertThat(PromQl.problems("collector_put_failures_total{kinds=\"refused\"} offset 1h > 0", samples))
                .containsExactly("collector_put_failures_total has no label kinds");
    }

    @Test
    void alarmOnAnUnpublishedMetricIsFound() {
        assertThat(unknownToCloudWatch("""
                        resource "aws_cloudwatch_metric_alarm" "a" {
                          namespace   = var.namespace
                          metric_name = "RecordUploaded"
                          dimensions  = { Symbol = "BTCUSDT" }
                        }
                        resource "aws_cloudwatch_metric_alarm" "b" {
                          metric_name = "CPUSurplusCreditsCharged"
                          namespace   = "AWS/EC2"
                        }
                        resource "aws_cloudwatch_metric_alarm" "c" {
                          metric_name = "Up"
                          dimensions  = { Symbol = "BTCUSDT" }
                          namespace   = "MarketData/Collector"
                        }
                        locals {
                          alarms = { spool = { metric = "SpoolByte", above = 2 }, health = { metric = "Health" } }
                          widget = [["MarketData/Collector", "GapTrade", "Symbol", "BTCUSDT"]]
                          other  = [[local.namespace, "LostTrade", "Symbol", "BTCUSDT"], ["AWS/EC2", "CPUUtilization"]]
                        }
                        """))
                .containsExactlyInAnyOrder("RecordUploaded", "SpoolByte", "GapTrade", "LostTrade");
    }

    /** Names of metrics in an alarm or a dashboard that are neither ours nor of a namespace of AWS. */
    private static List<String> unknownToCloudWatch(String text) {
        Set<String> known =
                Arrays.stream(AlarmNumber.values()).map(AlarmNumber::metricName).collect(Collectors.toSet());
        known.addAll(AuditNumbers.UNITS.keySet());
        List<String> unknown = new ArrayList<>();
        Pattern.compile(
                        "\\bmetric(?:_name)?\\s*[=:]\\s*\"(\\w+)\"|(?<!== )\\[\\s*(?:\"MarketData/[^\"]*\"|[a-z]+\\.\\w*namespace\\w*),"
                                + "\\s*\"(\\w+)\"")
                .matcher(text)
                .results()
                .filter(match -> !enclosingBlock(text, match.start()).contains("\"AWS/") || match.group(2) != null)
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .filter(name -> !known.contains(name))
                .forEach(unknown::add);
        return unknown;
    }

    /** The text between the innermost braces around a place. */
    private static String enclosingBlock(String text, int at) {
        int begin = at;
        for (int depth = 0; begin > 0; begin--) {
            depth += text.charAt(begin) == '}' ? 1 : text.charAt(begin) == '{' ? -1 : 0;
            if (depth < 0) {
                break;
            }
        }
        int end = at;
        for (int depth = 0; end < text.length(); end++) {
            depth += text.charAt(end) == '{' ? 1 : text.charAt(end) == '}' ? -1 : 0;
            if (depth < 0) {
                break;
            }
        }
        return text.substring(begin, end);
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | metric | type | labels | unit | what it is, and when to worry |
                |---|---|---|---|---|
                """);
        exported.types()
                .forEach((name, type) -> table.append("| `")
                        .append(name)
                        .append("` | ")
                        .append(type)
                        .append(" | ")
                        .append(labels(name))
                        .append(" | ")
                        .append(unit(name))
                        .append(" | ")
                        .append(exported.helps().get(name))
                        .append(" |\n"));
        return table.toString();
    }

    private static String labels(String name) {
        Set<String> labels =
                new TreeSet<>(samples.getOrDefault(name, samples.getOrDefault(name + "_bucket", Set.of())));
        return labels.stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
    }

    /** By the ending of the name, as Prometheus advises ("Metric and label naming"). */
    private static String unit(String name) {
        String base = name.replaceFirst("_total$", "");
        if (base.endsWith("_seconds")) {
            return "s";
        }
        if (base.contains("_bytes")) {
            return "bytes";
        }
        return base.endsWith("_ratio") ? "0 to 1" : "number";
    }
}
