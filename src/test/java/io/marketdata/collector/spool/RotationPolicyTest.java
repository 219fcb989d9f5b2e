package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.spool.RotationPolicy.Slot;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationPolicyTest {

    @ParameterizedTest
    @CsvSource({
        "5, 2025-01-15T14:12:16.567Z, 2025-01-15T14:12:15Z, 2025-01-15T14:12:20Z",
        "5, 2025-01-15T14:12:15.000Z, 2025-01-15T14:12:15Z, 2025-01-15T14:12:20Z",
        "5, 2025-01-15T14:12:19.999Z, 2025-01-15T14:12:15Z, 2025-01-15T14:12:20Z",
        // 7 s slots from midnight would run over the minute; they end with it
        "7, 2025-01-15T00:00:59.000Z, 2025-01-15T00:00:56Z, 2025-01-15T00:01:00Z",
        "7, 2025-01-15T00:01:01.000Z, 2025-01-15T00:01:00Z, 2025-01-15T00:01:03Z",
        "60, 2025-01-15T00:01:01.000Z, 2025-01-15T00:01:00Z, 2025-01-15T00:02:00Z",
        // longer slots end only with the day
        "3600, 2025-01-15T23:59:59.999Z, 2025-01-15T23:00:00Z, 2025-01-16T00:00:00Z",
        "50000, 2025-01-15T23:59:59.999Z, 2025-01-15T13:53:20Z, 2025-01-16T00:00:00Z",
        "86400, 2025-01-15T12:00:00.000Z, 2025-01-15T00:00:00Z, 2025-01-16T00:00:00Z",
    })
    void slotsAreCountedFromMidnightAndEndWithMinuteAndDay(long seconds, Instant trade, Instant start, Instant end) {
        RotationPolicy policy = new RotationPolicy(1, Duration.ofSeconds(seconds));

        assertThat(policy.slotOf(trade.toEpochMilli())).isEqualTo(new Slot(start.toEpochMilli(), end.toEpochMilli()));
    }

    @Test
    void slotsCoverAllOfTimeWithoutOverlap() {
        long seed = 5;
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            RotationPolicy policy = new RotationPolicy(1, Duration.ofSeconds(1 + random.nextInt(86_400)));
            long time = 1_700_000_000_000L + random.nextInt(200_000_000);

            Slot slot = policy.slotOf(time);

            assertThat(slot.contains(time))
                    .as("seed %d, %s, %d", seed, policy, time)
                    .isTrue();
            assertThat(policy.slotOf(slot.startMs())).isEqualTo(slot);
            assertThat(policy.slotOf(slot.endMs()).startMs()).isEqualTo(slot.endMs());
            assertThat(policy.slotOf(slot.startMs() - 1).endMs()).isEqualTo(slot.startMs());
        }
    }
}
