package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.collect.CollectorMetrics;
import io.marketdata.collector.command.CollectorCommand;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.testkit.JavaSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/RUNBOOK.md lists every fault, and names only what the program and the alerts have. */
class RunbookTest {

    private static final Path RUNBOOK = Path.of("docs/RUNBOOK.md");
    private static final Pattern CODE = Pattern.compile("`(\\w+)`");

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** All sources in one text, with string literals that {@code +} joins over lines as one. */
    private static String sources(String folder) throws IOException {
        return JavaSources.below(Path.of(folder)).stream()
                .map(RunbookTest::text)
                .collect(Collectors.joining("\n"))
                .replaceAll("\"\\s*\\+\\s*\"", "");
    }

    private static String sourceOfTest(String className) throws IOException {
        List<Path> files = JavaSources.below(Path.of("src/test/java")).stream()
                .filter(file -> file.endsWith(className + ".java"))
                .toList();
        assertThat(files).as(className).hasSize(1);
        return text(files.get(0));
    }

    private static List<MatchResult> matches(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().toList();
    }

    private static Set<String> groups(String pattern, String text) {
        return matches(pattern, text).stream().map(match -> match.group(1)).collect(Collectors.toSet());
    }

    private static Set<String> codesOfTheProgram() throws IOException {
        Set<String> codes = groups("new Check\\(\\s*\"(\\w+)\"", sources("src/main/java"));
        codes.add("unjudged");
        return codes;
    }

    /** The rows of the table of signs, each as its cells. */
    private static List<String[]> signs() {
        String table = text(RUNBOOK).substring(text(RUNBOOK).indexOf("## Every fault and its signs"));
        return table.lines()
                .filter(line -> line.matches("\\| [A-Z]\\d.*"))
                .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
                .toList();
    }

    private static List<String> inBackticks(String cell) {
        return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
    }

    @Test
    void everyFaultOfTheFaultTableHasItsSigns() {
        List<String> faults = matches("(?m)^\\| ([A-Z]\\d+[a-z]?) \\|", text(Path.of("docs/RELIABILITY.md"))).stream()
                .map(match -> match.group(1))
                .toList();
        List<String> named = new ArrayList<>();
        signs().forEach(row -> named.addAll(Arrays.asList(row[0].split(" "))));

        assertThat(named).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(faults);
    }

    @Test
    void everyNameInTheTableOfSignsExists() throws IOException {
        Set<String> codes = codesOfTheProgram();
        Set<String> metrics = groups("\"(collector_[a-z_]+)\"", sources("src/main/java"));
        assertThat(new CollectorMetrics(new Metrics()).all().registry().scrape().size())
                .isGreaterThan(metrics.size() / 2);
        metrics.add("up");
        String sources = sources("src/main/java");
        Set<String> alerts = groups("alert: (\\w+)", text(Path.of("infra/monitoring/alerts.yml")));
        String tests = sources("src/test/java");
        for (String[] row : signs()) {
            assertThat(row).as(row[0]).hasSize(7);
            assertThat(codes).as(row[0]).containsAll(inBackticks(row[2]));
            assertThat(metrics).as(row[0]).containsAll(inBackticks(row[3]));
            if (!row[4].equals("–")) {
                assertThat(sources.contains(row[4])).as(row[0] + ": " + row[4]).isTrue();
            }
            if (!row[5].equals("–")) {
                assertThat(alerts).as(row[0]).contains(row[5]);
            }
            for (MatchResult test : matches("`(\\w+)#(\\w+)`", row[6])) {
                assertThat(tests.contains("class " + test.group(1)) && tests.contains(" " + test.group(2) + "("))
                        .as(row[0] + ": " + test.group())
                        .isTrue();
            }
        }
    }

    /** A row with a health reason names a test whose source has that reason and the row's metric. */
    @Test
    void theTestOfARowChecksItsReasonAndItsMetric() throws IOException {
        for (String[] row : signs()) {
            for (MatchResult test : matches("`(FaultSignsTest|HealthWatchTest)#(\\w+)`", row[6])) {
                String source = sourceOfTest(test.group(1));
                int from = source.indexOf(" " + test.group(2) + "(");
                int to = source.indexOf("@Test", from);
                String body = source.substring(from, to < 0 ? source.length() : to);
                for (String code : inBackticks(row[2])) {
                    if (row[0].equals("D2") && code.equals("spool_full")) {
                        continue; // tested by the row before
                    }
                    assertThat(body).as(row[0]).contains("\"" + code + "\"");
                }
                if (test.group(1).equals("FaultSignsTest")) {
                    for (String metric : inBackticks(row[3])) {
                        assertThat(body).as(row[0]).contains("moves(\"" + metric);
                    }
                }
            }
        }
    }

    @Test
    void everyReasonOfHealthIsExplained() throws IOException {
        String section = text(RUNBOOK);
        section = section.substring(section.indexOf("## Health"), section.indexOf("## Collector down"));
        assertThat(groups("(?m)^\\| `(\\w+)` \\|", section)).isEqualTo(codesOfTheProgram());
    }

    /** The program names for each reason the heading that the table names. */
    @Test
    void everyReasonNamesItsHeading() throws IOException {
        String runbook = text(RUNBOOK);
        for (String code : codesOfTheProgram()) {
            String row = runbook.lines()
                    .filter(line -> line.startsWith("| `" + code + "` |"))
                    .findFirst()
                    .orElseThrow();
            String heading = matches("\\(#([\\w-]+)\\)", row).stream()
                    .map(match -> match.group(1))
                    .findFirst()
                    .orElse("health");
            assertThat(new Reason(Status.FAILING, code, null, "", 0).runbook()).isEqualTo("docs/RUNBOOK.md#" + heading);
        }
    }

    @Test
    void everyAlertLeadsToAHeading() throws IOException {
        Set<String> headings = matches("(?m)^## (.+)$", text(RUNBOOK)).stream()
                .map(match -> match.group(1).toLowerCase(Locale.ROOT).replace(' ', '-'))
                .collect(Collectors.toSet());
        assertThat(headings)
                .containsAll(
                        groups("runbook_url: docs/RUNBOOK.md#(\\S+)", text(Path.of("infra/monitoring/alerts.yml"))));
        assertThat(headings).containsAll(groups("\\(#([\\w-]+)\\)", text(RUNBOOK)));
    }

    /** On the machine of a unit, which has its settings: with the user and the environment of the unit. */
    @Test
    void commandsOfTheJarAreRunAsTheUnitRunsTheCollector() {
        String commands = matches("(?s)```bash\n(.*?)```", text(RUNBOOK)).stream()
                .map(match -> match.group(1))
                .collect(Collectors.joining());
        assertThat(commands).contains("\nmarket-collector doctor ").doesNotContain("java -jar");
        assertThat(CollectorCommand.commandLine(code -> {}).getSubcommands().keySet())
                .containsAll(groups("(?m)(?:^|\\{ )market-collector (\\w+)", commands));
    }
}
