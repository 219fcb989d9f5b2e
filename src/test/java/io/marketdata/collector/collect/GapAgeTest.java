package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The age that a gap of an earlier run counts as, whatever the wall clock shows. */
class GapAgeTest {

    private static final long SINCE_MS = 1_736_950_336_567L;
    private static final Duration GIVE_UP_AFTER = Duration.ofHours(24);

    @Test
    void gapAgesWhileTheCollectorIsDown() {
        assertThat(age(Duration.ofHours(3))).isEqualTo(Duration.ofHours(3));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 24 * 3_650})
    void clockThatIsSetBackMakesTheAgeZero(long hoursBehind) {
        assertThat(age(Duration.ofHours(-hoursBehind))).isEqualTo(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(longs = {13, 49, 24 * 3_650, 24L * 365 * 1_000})
    void ageIsCappedAtHalfOfTheGiveUpTime(long hours) {
        assertThat(age(Duration.ofHours(hours))).isEqualTo(Duration.ofHours(12));
    }

    private static Duration age(Duration wallClock) {
        return Duration.ofNanos(EarlierRun.ageNanos(SINCE_MS, SINCE_MS + wallClock.toMillis(), GIVE_UP_AFTER));
    }
}
