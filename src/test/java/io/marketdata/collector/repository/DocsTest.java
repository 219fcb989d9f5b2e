package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.cloudwatch.AlarmNumber;
import io.marketdata.collector.collect.CollectorMetrics;
import io.marketdata.collector.command.CollectorCommand;
import io.marketdata.collector.daily.AuditNumbers;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.testkit.MonitoringFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that the documents name exists, so that they cannot become outdated. */
class DocsTest {

    /** Words in code type that look like our classes but are not. */
    private static final Set<String> FOREIGN = Set.of(
            "Host",
            "Runtime",
            "String",
            "System",
            "Consumer",
            "FileChannel",
            "S3Client",
            "Util",
            "Helper",
            "Manager",
            "Impl",
            "PutMetricData",
            "OnlyNullMarked");

    static Stream<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("docs"))) {
            List<Path> docs =
                    files.filter(file -> file.toString().endsWith(".md")).toList();
            return Stream.concat(
                    docs.stream(),
                    Stream.of(Path.of("README.md"), Path.of("AI_DEV_GUIDE.md"), Path.of("CHANGELOG.md")));
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyClassInCodeTypeExists(Path document) throws IOException {
        Set<String> classes = sources().map(DocsTest::className).collect(Collectors.toSet());
        // Names of alerts and of CloudWatch metrics look the same.
        classes.addAll(MonitoringFiles.alerts().keySet());
        Arrays.stream(AlarmNumber.values()).map(AlarmNumber::metricName).forEach(classes::add);
        classes.addAll(AuditNumbers.UNITS.keySet());
        Set<String> named = found("`([A-Z][a-z]+[A-Za-z0-9]*)(?:\\.[a-z][A-Za-z]*(?:\\(\\))?)?`", document);

        named.removeAll(FOREIGN);
        named.removeAll(classes);
        assertThat(named).as("named in %s, but no class", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyMethodInCodeTypeExists(Path document) throws IOException {
        for (String reference : found("`([A-Z][a-z]+[A-Za-z0-9]*\\.[a-z][A-Za-z]*)(?:\\(\\))?`", document)) {
            String name = reference.substring(0, reference.indexOf('.'));
            String method = reference.substring(reference.indexOf('.') + 1);
            if (FOREIGN.contains(name)) {
                continue;
            }
            assertThat(sources().filter(file -> className(file).equals(name)).map(DocsTest::text))
                    .as("%s in %s", reference, document)
                    .anyMatch(source -> Pattern.compile("\\b" + method + "\\(")
                            .matcher(source)
                            .find());
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyRelativeLinkLeadsSomewhere(Path document) throws IOException {
        Path folder = document.toAbsolutePath().getParent();
        for (String link : found("\\]\\(([^)#:]+)(?:#[^)]*)?\\)", document)) {
            assertThat(folder.resolve(link)).as("linked in %s", document).exists();
        }
    }

    /** Subcommands of the jar, and test classes in Maven commands. */
    @ParameterizedTest
    @MethodSource("documents")
    void everyCommandExists(Path document) throws IOException {
        assertThat(CollectorCommand.commandLine(code -> {}).getSubcommands().keySet())
                .as("subcommands named in %s", document)
                .containsAll(found("collector\\.jar ([a-z]+)(?![a-z/])", document))
                .containsAll(found("(?m)(?:^|sudo |&& )market-collector (?:@\\w+ )?([a-z]+)\\b(?!@)", document));
        Set<String> classes = sources().map(DocsTest::className).collect(Collectors.toSet());
        classes.add("none");
        assertThat(classes)
                .as("test classes named in %s", document)
                .containsAll(found("-D(?:it\\.)?test=([A-Za-z]+)", document));
    }

    /** In docs/RELIABILITY.md: a fault, a promise, and the test that proves it. */
    @Test
    void everyPromiseHasATestThatExists() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/RELIABILITY.md")).stream()
                .filter(line -> line.matches("\\| [A-Z]\\d+[a-z]? \\|.*"))
                .toList();
        assertThat(rows).hasSizeGreaterThan(60);
        Map<String, String> sources = new HashMap<>();
        sources().forEach(file -> sources.put(className(file), text(file)));
        for (String row : rows) {
            List<MatchResult> tests =
                    Pattern.compile("`(\\w+)#(\\w+)`").matcher(row).results().toList();
            assertThat(tests).as(row).isNotEmpty();
            for (MatchResult test : tests) {
                assertThat(sources.getOrDefault(test.group(1), ""))
                        .as(row)
                        .containsPattern("@(Test|ParameterizedTest|RepeatedTest|TestFactory|ArchTest)\\b[^;]*?\\b"
                                + test.group(2) + "( =|\\()");
            }
        }
    }

    /** Named as {@code Class#method}. */
    @ParameterizedTest
    @MethodSource("documents")
    void everyTestThatIsNamedExists(Path document) throws IOException {
        Map<String, String> sources = new HashMap<>();
        sources().forEach(file -> sources.put(className(file), text(file)));
        for (String named : found("`(\\w+#\\w+)`", document)) {
            String[] parts = named.split("#", 2);
            assertThat(sources.getOrDefault(parts[0], ""))
                    .as("%s in %s", named, document)
                    .containsPattern("@(Test|ParameterizedTest|RepeatedTest|TestFactory|ArchTest)\\b[^;]*?\\b"
                            + parts[1] + "( =|\\()");
        }
    }

    @Test
    void theReadmeBeginsWithItsTwoCommands() throws IOException {
        assertThat(Files.readString(Path.of("README.md")))
                .contains("\nmvn -q -DskipTests package && java -jar target/collector.jar demo\nmvn verify\n");
        assertThat(Files.readString(Path.of(".ci/run"))).contains("\nmvn -B verify\n");
    }

    @Test
    void everyMetricSaysWhenToWorry() {
        assertThat(new CollectorMetrics(new Metrics()).all().registry().scrape())
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(metric.getMetadata().getHelp()).containsIgnoringCase("worry"));
    }

    private static Set<String> found(String pattern, Path document) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(document))
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String folder : List.of("src", "infra/query/src", "infra/query/spark/src", "infra/query/it/trino/src")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources.stream();
    }

    private static String className(Path source) {
        return String.valueOf(source.getFileName()).replace(".java", "");
    }

    private static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
