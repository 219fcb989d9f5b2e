package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogThrottleTest {

    private static final long SECOND = 1_000_000_000;

    private final LogThrottle throttle = new LogThrottle(Duration.ofMinutes(1));

    /** The clock may have any value, even one at which the initial state could be mistaken for a recent event. */
    @Test
    void admitsTheFirstEventAtAnyClockValue() {
        assertThat(throttle.admits("full", 0)).isTrue();
        assertThat(new LogThrottle(Duration.ofMinutes(1)).admits("full", -5 * SECOND))
                .isTrue();
        assertThat(new LogThrottle(Duration.ofMinutes(1)).admits("full", Long.MAX_VALUE))
                .isTrue();
    }

    @Test
    void admitsTheSameKindOncePerInterval() {
        assertThat(throttle.admits("full", 0)).isTrue();
        assertThat(throttle.admits("full", 59 * SECOND)).isFalse();
        assertThat(throttle.admits("full", 60 * SECOND)).isTrue();
        assertThat(throttle.admits("full", 119 * SECOND)).isFalse();
    }

    @Test
    void admitsAnotherKindAtOnce() {
        assertThat(throttle.admits("full", 0)).isTrue();
        assertThat(throttle.admits("broken", SECOND)).isTrue();
    }

    @Test
    void alternatingKindsAreEachAdmittedOncePerInterval() {
        long lines = IntStream.range(0, 10_000)
                .filter(event -> throttle.admits(event % 2 == 0 ? "full" : "broken", event * SECOND / 1_000))
                .count();
        assertThat(lines).isEqualTo(2);
    }

    @Test
    void eventsOfEndlesslyNewKindsAreBounded() {
        long lines = IntStream.range(0, 10_000)
                .filter(event -> throttle.admits(event, event * SECOND / 1_000))
                .count();
        assertThat(lines).isEqualTo(50);
    }

    @Test
    void burstIsAdmittedInEachInterval() {
        LogThrottle three = new LogThrottle(Duration.ofMinutes(1), 3);
        long lines = IntStream.range(0, 10_000)
                .filter(event -> three.admits(event * SECOND / 100))
                .count();
        assertThat(lines).isEqualTo(6);
    }

    @Test
    void admitsTheFirstEventAfterAResetAtOnce() {
        assertThat(throttle.admits("full", 0)).isTrue();
        throttle.reset();
        assertThat(throttle.admits("full", SECOND)).isTrue();
    }

    @Test
    void admitsEventsWithoutAKindOncePerInterval() {
        assertThat(throttle.admits(0)).isTrue();
        assertThat(throttle.admits(59 * SECOND)).isFalse();
        assertThat(throttle.admits(60 * SECOND)).isTrue();
    }
}
