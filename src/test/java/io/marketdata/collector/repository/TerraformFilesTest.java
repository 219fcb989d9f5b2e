package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The documents say what is in infra/terraform. */
class TerraformFilesTest {

    private static final Path TERRAFORM = Path.of("infra/terraform");

    /** An alarm of modules/fleet/alarms.tf. */
    private static final Pattern ALARM = Pattern.compile(
            "([a-z-]+) = \\{\\s*metric = \"(\\w+)\", statistic = \"(\\w+)\","
                    + " comparison = \"(\\w+)\", threshold = (.+?), minutes = (\\d+), missing = \"(\\w+)\", page = (\\w+)");

    private static final Map<String, String> COMPARISONS = Map.of(
            "LessThanThreshold", "below",
            "GreaterThanThreshold", "above",
            "GreaterThanOrEqualToThreshold", "at least");

    private static final Map<String, String> THRESHOLDS = Map.of(
            "var.instances", "the number of instances",
            "min(2, var.instances)", "2",
            "1717986918", "80 % of 2 GiB",
            "2000", "2,000");

    private static String text(String file) throws IOException {
        return Files.readString(TERRAFORM.resolve(file));
    }

    private static String sentence(MatchResult alarm) {
        String threshold = THRESHOLDS.getOrDefault(alarm.group(5), alarm.group(5));
        String minutes = alarm.group(6).equals("1") ? "for a minute" : "for " + alarm.group(6) + " minutes";
        return "`" + alarm.group(1) + "`" + (alarm.group(8).equals("true") ? ", page" : "") + ": " + alarm.group(3)
                + " " + COMPARISONS.get(alarm.group(4)) + " " + threshold + " " + minutes
                + (alarm.group(7).equals("breaching") ? ", or missing" : "");
    }

    @Test
    void monitoringDocumentNamesEachAlarmOfAFleetBesideItsMetric() throws IOException {
        List<String> rows =
                Files.readString(Path.of("docs/MONITORING.md")).lines().toList();
        List<MatchResult> alarms =
                ALARM.matcher(text("modules/fleet/alarms.tf")).results().toList();

        assertThat(alarms).hasSize(12);
        for (MatchResult alarm : alarms) {
            assertThat(rows)
                    .as(sentence(alarm))
                    .anySatisfy(row -> assertThat(row)
                            .startsWith("| `" + alarm.group(2) + "` |")
                            .contains(sentence(alarm)));
        }
    }

    /** In the form that the program terraform-docs writes, so that it can update them. */
    @Test
    void readmeListsEveryVariableAndOutput() throws IOException {
        String readme = text("README.md");
        String tables =
                readme.substring(readme.indexOf("<!-- BEGIN_TF_DOCS -->"), readme.indexOf("<!-- END_TF_DOCS -->"));

        assertThat(named("<a name=\"input_(\\w+)\"></a>", tables))
                .containsExactlyElementsOf(named("(?m)^variable \"(\\w+)\"", text("variables.tf")));
        assertThat(named("<a name=\"output_(\\w+)\"></a>", tables))
                .containsExactlyElementsOf(named("(?m)^output \"(\\w+)\"", text("outputs.tf")));
        Set<String> descriptions = named("(?m)^  description = \"(.*)\"$", text("variables.tf") + text("outputs.tf"));
        assertThat(descriptions)
                .hasSizeGreaterThan(30)
                .allSatisfy(each -> assertThat(tables).contains("| " + each + " |"));
    }

    @Test
    void scriptAcceptsTheOptionsOfAFleetThatTheVariableHas() throws IOException {
        String variables = text("variables.tf");
        String fleets =
                variables.substring(variables.indexOf("type = map(object({"), variables.indexOf("default = { BTCUSDT"));
        Set<String> options = named("(?m)^    (\\w+) += optional", fleets);
        String accepted = text("deploy-symbol.sh")
                .lines()
                .filter(line -> line.contains("select(IN("))
                .collect(Collectors.joining());

        assertThat(options).hasSizeGreaterThan(5);
        assertThat(named("\"(\\w+)\"", accepted.substring(accepted.indexOf("IN("), accepted.indexOf("| not"))))
                .isEqualTo(options);
        String guide = Files.readString(Path.of("docs/MULTI_SYMBOL_DEPLOYMENT.md"));
        assertThat(options).allSatisfy(option -> assertThat(guide).contains("`" + option + "`"));
    }

    private static Set<String> named(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
