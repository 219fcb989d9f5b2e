package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The workflows of GitHub run what this repository has, with no more rights than they need. */
class WorkflowTest {

    private static final Path WORKFLOWS = Path.of(".github", "workflows");
    private static final Pattern USES =
            Pattern.compile("uses: [A-Za-z0-9-]+/[A-Za-z0-9-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+");
    private static final Pattern TEST = Pattern.compile("-D(?:it\\.)?test=(\\w+)");

    static Stream<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            return files.sorted().toList().stream();
        }
    }

    private static JsonNode read(Path workflow) throws IOException {
        return new YAMLMapper().readTree(Files.readString(workflow));
    }

    private static List<String> commands(Path workflow) throws IOException {
        return read(workflow).findValuesAsText("run").stream()
                .flatMap(String::lines)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void eachCommandExists(Path workflow) throws IOException {
        assertThat(commands(workflow)).isNotEmpty().allSatisfy(command -> {
            String program = command.split(" ", 2)[0];
            if (program.equals("mvn")) {
                assertThat(command.split(" ")).containsAnyOf("package", "verify");
            } else if (program.equals("pip")) {
                assertThat(command).matches("pip install --break-system-packages( [^ =]+==[0-9.]+)+");
            } else {
                assertThat(Path.of(program)).isExecutable();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void eachTestThatACommandNamesExists(Path workflow) throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            tests = Set.copyOf(
                    files.map(file -> String.valueOf(file.getFileName()).replace(".java", ""))
                            .distinct()
                            .toList());
        }
        Matcher named = TEST.matcher(String.join("\n", commands(workflow)));
        while (named.find()) {
            assertThat(named.group(1)).matches(name -> name.equals("none") || tests.contains(name), "a test or none");
        }
    }

    /** A tag can be moved to another commit, a digest cannot. */
    @ParameterizedTest
    @MethodSource("workflows")
    void eachActionIsPinnedToACommit(Path workflow) throws IOException {
        List<String> uses = Files.readString(workflow)
                .lines()
                .map(String::strip)
                .filter(line -> line.contains("uses:"))
                .map(line -> line.replaceFirst("^- ", ""))
                .toList();
        assertThat(uses).isNotEmpty().allMatch(line -> USES.matcher(line).matches());
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void theTokenMayOnlyReadAndEachJobHasATimeLimit(Path workflow) throws IOException {
        JsonNode root = read(workflow);
        assertThat(root.path("permissions").toString()).isEqualTo("{\"contents\":\"read\"}");
        assertThat(root.path("concurrency").path("group").asText()).isNotEmpty();
        assertThat(root.findValues("permissions")).hasSize(1);
        assertThat(root.path("jobs"))
                .isNotEmpty()
                .allSatisfy(
                        job -> assertThat(job.path("timeout-minutes").asInt()).isPositive());
        assertThat(Files.readString(workflow)).doesNotContain("secrets.", "pull_request_target");
    }

    @Test
    void changesAreTestedByTheCommandOfContributors() throws IOException {
        assertThat(commands(WORKFLOWS.resolve("ci.yml"))).contains(".ci/run", "infra/docker/test.sh");
        assertThat(Files.readString(Path.of("CONTRIBUTING.md"))).contains("`.ci/run`");
    }
}
