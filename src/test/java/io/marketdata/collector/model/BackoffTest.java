package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    @Test
    void doublesUpToItsLimitAndStaysThere() {
        assertThat(backoff.delay(0, () -> 1.0)).isZero();
        assertThat(backoff.delay(1, () -> 1.0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(backoff.delay(2, () -> 1.0)).isEqualTo(Duration.ofSeconds(2));
        assertThat(backoff.delay(5, () -> 1.0)).isEqualTo(Duration.ofSeconds(16));
        assertThat(backoff.delay(6, () -> 1.0)).isEqualTo(Duration.ofSeconds(30));
        assertThat(backoff.delay(Integer.MAX_VALUE, () -> 1.0)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void jitterTakesAnyShareOfTheDelay() {
        assertThat(backoff.delay(3, () -> 0.25)).isEqualTo(Duration.ofSeconds(1));
        assertThat(backoff.delay(3, () -> 0.0)).isZero();
    }

    @Test
    void hugeDelaysDoNotOverflow() {
        Backoff long1 = new Backoff(Duration.ofDays(200), Duration.ofDays(100_000));

        assertThat(long1.delay(31, () -> 1.0)).isEqualTo(Duration.ofDays(100_000));
    }
}
