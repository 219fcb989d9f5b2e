package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StaleWatchTest {

    private static final Duration STALL = Duration.ofSeconds(60);

    private final ManualTime time = new ManualTime();
    private final LineArbiter arbiter = new LineArbiter(
            Trades.BTCUSDT,
            new FakeSink(),
            new LineArbiter.Limits(1_000, Duration.ofHours(1)),
            time,
            new FeedMetrics(new Metrics()));
    private final ConnectionProgress progress = new ConnectionProgress(1);
    private final StaleWatch watch = new StaleWatch(List.of(arbiter), progress, time.nanoTime(), STALL);

    private void other(long id) throws IOException {
        arbiter.offer(Trades.trade(id, ManualTime.START_MS));
    }

    private void own(long id) throws IOException {
        other(id);
        progress.add(0, id, time.nanoTime());
    }

    /** Seconds until a stall is seen; -1 if none is within {@code most}. */
    private int secondsToStale(int most) {
        for (int second = 1; second <= most; second++) {
            time.advance(Duration.ofSeconds(1));
            if (watch.stalled(time.nanoTime()) != null) {
                return second;
            }
        }
        return -1;
    }

    @Test
    void aConnectionIsStalledAMinuteAfterItsLastTradeIfOthersGoOn() throws IOException {
        own(1);
        assertThat(secondsToStale(10)).isEqualTo(-1);
        other(2);
        assertThat(secondsToStale(100)).isEqualTo(50);
    }

    @Test
    void aConnectionThatNeverBroughtATradeIsStalledAMinuteAfterItWasOpened() throws IOException {
        other(1);
        assertThat(secondsToStale(5)).isEqualTo(-1);
        other(2);
        assertThat(secondsToStale(100)).isEqualTo(55);
    }

    /** REST knows the last trade of a symbol that has been quiet since before the start. */
    @Test
    void theFirstThatIsHeardOfASymbolIsExpectedOfNobody() {
        assertThat(secondsToStale(100)).isEqualTo(-1);
        arbiter.exchangeHas(77, 1_736_950_336_567L);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
    }

    @Test
    void whatExistedBeforeTheConnectionIsNotExpectedOfIt() throws IOException {
        other(1_000);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
    }

    @Test
    void aSymbolThatNobodyTradesStallsNothing() throws IOException {
        own(1);
        assertThat(secondsToStale(100_000)).isEqualTo(-1);
    }

    @Test
    void aConnectionThatIsMillisecondsBehindAfterALongPauseIsNotStalled() throws IOException {
        own(1);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
        other(2);
        assertThat(watch.stalled(time.nanoTime())).isNull();
        time.advance(Duration.ofMillis(1_900));
        assertThat(watch.stalled(time.nanoTime())).isNull();
        own(2);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
    }

    @Test
    void aConnectionThatIsAlwaysBehindButBringsTradesIsNotStalled() throws IOException {
        for (long id = 1; id < 1_000; id++) {
            other(id + 10);
            progress.add(0, id, time.nanoTime());
            assertThat(secondsToStale(1)).isEqualTo(-1);
        }
    }
}
