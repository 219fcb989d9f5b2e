package io.marketdata.query.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArgumentsTest {

    private static Arguments parse(String more) {
        return Arguments.parse(
                ("--bucket s3a://my-trades --symbols btcusdt,ETHUSDT --from 2026-11-19 --to 2026-11-21" + more)
                        .split(" "));
    }

    @Test
    void onlyClosedHoursAreTargets() {
        long now = Instant.parse("2026-11-20T02:19:59Z").toEpochMilli();

        assertThat(parse("").targets(now)).hasSize(2 * 25);
        assertThat(parse("").targets(now + 1_000)).hasSize(2 * 26);
        assertThat(parse("").targets(now + 100 * 86_400_000L)).hasSize(2 * 48);
    }

    @Test
    void bucketsAreThoseOfHadoop() {
        assertThat(parse("").bucket()).isEqualTo("s3a://my-trades");
        assertThat(Arguments.parse(
                                "--bucket",
                                "file:/a/b",
                                "--symbols",
                                "A1",
                                "--from",
                                "2026-11-19",
                                "--to",
                                "2026-11-20")
                        .bucket())
                .isEqualTo("file:///a/b");
    }

    @Test
    void wrongArgumentsAreNamed() {
        assertThatThrownBy(() -> parse(" --from 2026-11-19")).hasMessageContaining("--from is given twice");
        assertThatThrownBy(() -> parse(" --parallel 0")).hasMessageContaining("--parallel");
        assertThatThrownBy(() -> parse(" --parallel")).hasMessageContaining("--parallel");
        assertThatThrownBy(() -> parse(" --day 1")).hasMessageContaining("--day");
        assertThatThrownBy(() -> Arguments.parse("--bucket", "my-trades")).isInstanceOf(IllegalArgumentException.class);
    }
}
