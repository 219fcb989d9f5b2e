package io.marketdata.query.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

    private final Results results = new Results("Title");

    private static Measured measured(double seconds, int code) {
        return new Measured(seconds, 1, 100, code, "");
    }

    private String lastRow() {
        return results.text().lines().reduce("", (one, other) -> other);
    }

    @Test
    void timesAreRelativeToTheFirstWay() {
        results.add("ours", List.of(measured(3, 0), measured(1, 0), measured(2, 0)), "10,1.50");
        assertThat(lastRow()).isEqualTo("| ours | 2.0 (1.0, 3) | 1 | 100 | 1.00 | the same |");

        results.add("other", List.of(measured(5, 0)), "10,1.5");
        assertThat(lastRow()).isEqualTo("| other | 5.0 (5.0, 1) | 1 | 100 | 2.50 | the same |");
    }

    @Test
    void anotherAnswerIsNamed() {
        results.add("ours", List.of(measured(2, 0)), "10,1.50");
        results.add("other", List.of(measured(1, 0)), "11,1.50");

        assertThat(lastRow()).endsWith("| **differs**: 11,1.50 and not 10,1.50 |");
    }

    @Test
    void failureIsARow() {
        assertThat(results.add("ours", List.of(measured(2, 0), measured(1, 137)), ""))
                .isNaN();

        assertThat(lastRow()).isEqualTo("| ours | **failed** after 1.0, exit code 137 | 1 | 100 | | none |");
    }

    @Test
    void commandThatTakesTooLongIsEnded(@TempDir Path folder) throws Exception {
        Measured endless = Measured.run(folder, Duration.ofMillis(200), List.of("tail", "-f", "/dev/null"));

        assertThat(endless.code()).isNotZero();
    }
}
