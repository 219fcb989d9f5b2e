package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TradeTimeCheckTest {

    private static final long HOUR_MS = Duration.ofHours(1).toMillis();
    private static final long YEAR_MS = 365 * 24 * HOUR_MS;
    private static final long START_MS = 1_787_315_652_707L;

    private final TradeTimeCheck check = new TradeTimeCheck();

    /** Ms since the start; the monotonic clock may begin anywhere. */
    private long sinceStartMs;

    private long wallMs = START_MS;

    private boolean hasLeapt(long tradeTimeMs) {
        return check.hasLeapt(tradeTimeMs, wallMs + sinceStartMs, (sinceStartMs - 5 * YEAR_MS) * 1_000_000);
    }

    private void pass(long ms) {
        sinceStartMs += ms;
    }

    private long exchangeMs() {
        return START_MS + sinceStartMs;
    }

    @Test
    void leapIsFoundInBothDirectionsFrom12HoursOn() {
        assertThat(hasLeapt(exchangeMs())).isFalse();
        for (long leap : new long[] {12 * HOUR_MS + 1, 30 * HOUR_MS, 50 * YEAR_MS}) {
            assertThat(hasLeapt(exchangeMs() + leap)).isTrue();
            assertThat(hasLeapt(exchangeMs() - leap)).isTrue();
            assertThat(hasLeapt(exchangeMs())).isFalse();
        }
        assertThat(hasLeapt(exchangeMs() + 12 * HOUR_MS)).isFalse();
        assertThat(hasLeapt(exchangeMs() - 12 * HOUR_MS)).isFalse();
    }

    @Test
    void wrongWallClockHidesNoTradeAndLeapsAreStillFound() {
        for (long off : new long[] {-30 * YEAR_MS, -13 * HOUR_MS, 13 * HOUR_MS, 5 * YEAR_MS}) {
            wallMs = START_MS + off;
            TradeTimeCheck own = new TradeTimeCheck();
            for (long ms = 0; ms < 3 * 24 * HOUR_MS; ms += 20 * HOUR_MS) {
                long nanos = ms * 1_000_000;
                assertThat(own.hasLeapt(START_MS + ms, wallMs + ms, nanos)).isFalse();
                assertThat(own.hasLeapt(START_MS + ms + 13 * HOUR_MS * Long.signum(-off), wallMs + ms, nanos))
                        .isTrue();
            }
        }
    }

    @Test
    void stepOfTheWallClockHidesNoTrade() {
        assertThat(hasLeapt(exchangeMs())).isFalse();
        pass(1_000);
        wallMs -= 20 * YEAR_MS;
        for (int i = 0; i < 10; i++) {
            assertThat(hasLeapt(exchangeMs())).isFalse();
            pass(13 * HOUR_MS);
        }
        wallMs += 20 * YEAR_MS;
        assertThat(hasLeapt(exchangeMs())).isFalse();
    }

    @Test
    void replayOfAnOldRecordingIsAccepted() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(hasLeapt(exchangeMs() - 2 * YEAR_MS)).isFalse();
            pass(500);
        }
    }

    @Test
    void firstTradeThatLeaptMisleadsOnlyUntilTheWallClockIsConfirmed() {
        assertThat(hasLeapt(exchangeMs() - 30 * HOUR_MS)).isFalse();
        assertThat(hasLeapt(exchangeMs())).isFalse();
        assertThat(hasLeapt(exchangeMs() - 30 * HOUR_MS)).isTrue();
    }

    @Test
    void timeThatStaysElsewhereIsBelievedAfterTenSeconds() {
        assertThat(hasLeapt(exchangeMs())).isFalse();
        for (int ms = 0; ms < 10_000; ms += 100) {
            assertThat(hasLeapt(exchangeMs() + 30 * HOUR_MS)).isTrue();
            pass(100);
        }
        assertThat(hasLeapt(exchangeMs() + 30 * HOUR_MS)).isFalse();
        assertThat(hasLeapt(exchangeMs() + 30 * HOUR_MS)).isFalse();
    }

    @Test
    void oneOfTwoConnectionsThatLeapsIsNeverBelieved() {
        for (int ms = 0; ms < 60_000; ms += 100) {
            assertThat(hasLeapt(exchangeMs())).isFalse();
            assertThat(hasLeapt(exchangeMs() - 30 * HOUR_MS)).isTrue();
            pass(100);
        }
    }

    @Test
    void timesThatLeapWithEachTradeAreNeverBelieved() {
        Random random = new Random(15);
        assertThat(hasLeapt(exchangeMs())).isFalse();
        int believed = 0;
        for (int i = 0; i < 90_000; i++) {
            long leap = (1 + random.nextInt(1_000)) * 24 * HOUR_MS;
            believed += hasLeapt(exchangeMs() + leap) ? 0 : 1;
            pass(i % 3 == 0 ? 2 : 0);
        }
        assertThat(believed).isZero();
        for (int i = 0; i < 90_000; i++) {
            believed += hasLeapt(exchangeMs() + 13 * HOUR_MS + i * 5_000L) ? 0 : 1;
            pass(i % 3 == 0 ? 2 : 0);
        }
        assertThat(believed).isZero();
    }
}
