package io.marketdata.collector.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the files of {@code infra/monitoring}. */
public final class MonitoringFiles {

    public static final Path FOLDER = Path.of("infra/monitoring");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final ObjectMapper JSON = new ObjectMapper();

    private MonitoringFiles() {}

    /** Alerts by name. */
    public static Map<String, JsonNode> alerts() throws IOException {
        Map<String, JsonNode> alerts = new TreeMap<>();
        for (JsonNode group :
                YAML.readTree(FOLDER.resolve("alerts.yml").toFile()).at("/groups")) {
            group.at("/rules").forEach(rule -> alerts.put(rule.at("/alert").asText(), rule));
        }
        return alerts;
    }

    /** The tests of the alerts, in the order of the file. */
    public static List<JsonNode> alertTests() throws IOException {
        List<JsonNode> tests = new ArrayList<>();
        YAML.readTree(FOLDER.resolve("alerts_test.yml").toFile()).at("/tests").forEach(tests::add);
        return tests;
    }

    public static JsonNode dashboard() throws IOException {
        return JSON.readTree(FOLDER.resolve("grafana.json").toFile());
    }

    /** Every query of the dashboard, those of its variables included, as plain expressions. */
    public static List<String> dashboardExpressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        for (JsonNode panel : dashboard().at("/panels")) {
            panel.at("/targets")
                    .forEach(target -> expressions.add(target.at("/expr").asText()));
        }
        for (JsonNode variable : dashboard().at("/templating/list")) {
            String query = variable.at("/query/query").asText();
            if (!query.isEmpty()) {
                expressions.add(query.replaceFirst("label_values\\((.*), (\\w+)\\)", "sum by ($2) ($1)"));
            }
        }
        return expressions.stream()
                .map(expression -> expression.replace("$__rate_interval", "5m"))
                .toList();
    }
}
