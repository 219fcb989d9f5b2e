package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final Duration LEAST = Duration.ofSeconds(60);
    private static final Duration MOST = Duration.ofMinutes(5);

    private final Pace pace = new Pace();
    private long now = -3_000_000_000L;

    private void trades(int count, Duration apart) {
        for (int i = 0; i < count; i++) {
            now += apart.toNanos();
            pace.traded(now);
        }
    }

    @Test
    void unknownPaceGivesTheLowerBound() {
        assertThat(pace.unusualSilence(LEAST, MOST)).isEqualTo(LEAST);
        trades(1, Duration.ZERO);
        assertThat(pace.unusualSilence(LEAST, MOST)).isEqualTo(LEAST);
    }

    @Test
    void silenceIsUnusualAfterTwentyPausesWithinTheLimits() {
        trades(50, Duration.ofSeconds(6));
        assertThat(pace.unusualSilence(LEAST, MOST)).isBetween(Duration.ofSeconds(119), Duration.ofSeconds(121));
        trades(2_000, Duration.ofMillis(100));
        assertThat(pace.unusualSilence(LEAST, MOST)).isEqualTo(LEAST);
        trades(2_000, Duration.ofHours(1));
        assertThat(pace.unusualSilence(LEAST, MOST)).isEqualTo(MOST);
    }

    @Test
    void tradesOfOneSweepCountAsOne() {
        for (int sweep = 0; sweep < 50; sweep++) {
            trades(1, Duration.ofSeconds(6));
            trades(100, Duration.ofNanos(1_000));
        }
        assertThat(pace.unusualSilence(LEAST, MOST)).isBetween(Duration.ofSeconds(115), Duration.ofSeconds(121));
    }
}
