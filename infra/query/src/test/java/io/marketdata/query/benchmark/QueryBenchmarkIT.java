package io.marketdata.query.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.query.benchmark.QueryBenchmark.Size;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark still runs; no time is checked. */
class QueryBenchmarkIT {

    @TempDir
    private Path folder;

    @Test
    void everyWayGivesTheSameAnswer() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Size size = new Size(1, 1, 1, 0, 50, 1, 1, Duration.ofMinutes(10));
        PrintStream report = new PrintStream(out, true, StandardCharsets.UTF_8);

        new QueryBenchmark(size, folder.resolve("b"), Path.of("..", ".."), report, System.err).run();

        List<String> rows = out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("| "))
                .toList();
        assertThat(rows).as("two headings and ten ways").hasSize(12);
        assertThat(rows.stream().filter(row -> !row.contains("time, s") && !row.contains("not run:")))
                .allMatch(row -> row.endsWith("| the same |") || row.startsWith("| `jq`") && !isThere("jq"))
                .hasSize(8);
        assertThat(folder.resolve("b")).doesNotExist();
    }

    private boolean isThere(String program) {
        try {
            return Measured.run(folder, Duration.ofMinutes(1), List.of(program, "--version"))
                            .code()
                    == 0;
        } catch (Exception e) {
            return false;
        }
    }
}
