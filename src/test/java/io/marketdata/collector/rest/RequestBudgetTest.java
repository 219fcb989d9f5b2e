package io.marketdata.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestBudgetTest {

    private final ManualTime time = new ManualTime();
    private final RequestBudget budget = new RequestBudget(100, Duration.ofHours(12), time, () -> 0.5);

    private Duration wait(int weight) {
        return Duration.ofNanos(budget.waitNanos(weight, 0));
    }

    @Test
    void weightIsAvailableAgainAMinuteAfterItWasSpent() {
        assertThat(budget.spend(25)).isTrue();
        time.advance(Duration.ofSeconds(10));
        assertThat(budget.spend(25)).isTrue();
        assertThat(budget.spend(25)).isTrue();
        assertThat(budget.spend(25)).isTrue();
        assertThat(budget.spend(1)).isFalse();
        assertThat(wait(1)).isEqualTo(Duration.ofSeconds(50));
        assertThat(wait(26)).isEqualTo(Duration.ofSeconds(60));

        time.advance(Duration.ofSeconds(50).minusNanos(1));
        assertThat(budget.spend(25)).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(budget.spend(25)).isTrue();
        assertThat(budget.spend(1)).isFalse();
    }

    @Test
    void spareWeightIsNotSpent() {
        assertThat(budget.waitNanos(25, 75)).isZero();
        budget.spend(25);
        assertThat(Duration.ofNanos(budget.waitNanos(25, 75))).isEqualTo(Duration.ofMinutes(1));
        assertThat(budget.waitNanos(25, 50)).isZero();
        // A limit that is too small to spare anything.
        assertThat(budget.waitNanos(25, 100)).isZero();
    }

    @Test
    void rejectsALimitBelowTheMostExpensiveRequest() {
        assertThatThrownBy(() -> new RequestBudget(24, Duration.ofHours(12), time, () -> 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 25, was 24");
    }

    @Test
    void usedWeightAbove4000HoldsRequestsUntilTheNextMinute() {
        budget.used(4_000);
        assertThat(wait(25)).isZero();

        budget.used(4_001);

        // It is 14:12:16.567.
        assertThat(wait(25)).isEqualTo(Duration.ofMillis(43_433));
        assertThat(budget.spend(25)).isFalse();
        assertThat(budget.reason()).contains("4001 weight");
        time.advance(Duration.ofMillis(43_433));
        assertThat(budget.spend(25)).isTrue();
    }

    @Test
    void wallClockDoesNotEndAHold() {
        budget.limited(429, Duration.ofSeconds(30));
        time.jumpWallClock(Duration.ofDays(1));
        assertThat(wait(25)).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        time.jumpWallClock(Duration.ofDays(-2));
        time.advance(Duration.ofSeconds(33));
        assertThat(wait(25)).isZero();
    }

    @Test
    void demandedPauseIsKeptPlusJitter() {
        budget.limited(429, Duration.ofSeconds(30));
        assertThat(wait(1)).isEqualTo(Duration.ofMillis(32_500));
        // A shorter one does not shorten it.
        budget.limited(429, Duration.ofSeconds(1));
        assertThat(wait(1)).isEqualTo(Duration.ofMillis(32_500));
    }

    @Test
    void refusalsWithoutADemandedPauseDoubleTo15Minutes() {
        for (int seconds : new int[] {60, 120, 240, 480, 900, 900}) {
            budget.limited(418, Duration.ZERO);
            assertThat(wait(1)).isEqualTo(Duration.ofMillis(seconds * 1_000L + 2_500));
            time.advance(wait(1));
        }
        budget.served();
        budget.limited(418, Duration.ZERO);
        assertThat(wait(1)).isEqualTo(Duration.ofMillis(62_500));
    }

    @Test
    void banThatBackfillCannotWaitForIsAnErrorAndIsKeptForTheLongestHold() {
        try (LogLines log = new LogLines(RequestBudget.class)) {
            budget.limited(418, Duration.ofSeconds(259_200));
            assertThat(wait(1))
                    .isBetween(Duration.ofHours(12), Duration.ofHours(12).plusSeconds(5));
            assertThat(log.errors()).singleElement().asString().contains("for 72 h (HTTP 418)", "sent in 12 h");
        }
    }

    @Test
    void failuresDoubleToAMinuteWithFullJitter() {
        for (int millis : new int[] {500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000}) {
            budget.failed();
            assertThat(wait(1)).isEqualTo(Duration.ofMillis(millis));
            time.advance(wait(1));
        }
        budget.served();
        budget.failed();
        assertThat(wait(1)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void blockLasts5Minutes() {
        budget.blocked(403);
        assertThat(wait(1)).isEqualTo(Duration.ofMillis(302_500));
        assertThat(budget.reason()).isEqualTo("the exchange answered HTTP 403");
    }
}
