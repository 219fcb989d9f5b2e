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

    private static final Duration STALE_AFTER = Duration.ofSeconds(60);

    private final ManualTime time = new ManualTime();
    private final LineArbiter arbiter = new LineArbiter(
            Trades.BTCUSDT,
            new FakeSink(),
            new LineArbiter.Limits(1_000, Duration.ofHours(1)),
            time,
            new FeedMetrics(new Metrics()));
    private final ConnectionProgress delivered = new ConnectionProgress(1);
    private final StaleWatch watch = new StaleWatch(List.of(arbiter), delivered, time.nanoTime(), STALE_AFTER);

    private void other(long id) throws IOException {
        arbiter.offer(Trades.trade(id, ManualTime.START_MS), 0, "A");
    }

    private void own(long id) throws IOException {
        other(id);
        delivered.add(0, id, time.nanoTime());
    }

    /** Seconds until the connection is stale; -1 if it is not within {@code most}. */
    private int secondsToStale(int most) {
        for (int second = 1; second <= most; second++) {
            time.advance(Duration.ofSeconds(1));
            if (watch.stale(time.nanoTime()) != null) {
                return second;
            }
        }
        return -1;
    }

    @Test
    void connectionIsStaleAMinuteAfterItsLastTradeIfOthersDeliverMore() throws IOException {
        own(1);
        assertThat(secondsToStale(10)).isEqualTo(-1);
        other(2);
        assertThat(secondsToStale(100)).isEqualTo(50);
    }

    @Test
    void connectionThatNeverDeliveredATradeIsStaleAMinuteAfterItWasOpened() throws IOException {
        other(1);
        assertThat(secondsToStale(5)).isEqualTo(-1);
        other(2);
        assertThat(secondsToStale(100)).isEqualTo(55);
    }

    /** REST reports the last trade of a symbol that has been quiet since before the start. */
    @Test
    void firstIdReportedForASymbolMakesNoConnectionStale() {
        assertThat(secondsToStale(100)).isEqualTo(-1);
        arbiter.exchangeHas(77, 1_736_950_336_567L);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
    }

    @Test
    void tradesFromBeforeTheConnectionDoNotMakeItStale() throws IOException {
        other(1_000);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
    }

    @Test
    void symbolWithoutTradesMakesNoConnectionStale() throws IOException {
        own(1);
        assertThat(secondsToStale(100_000)).isEqualTo(-1);
    }

    @Test
    void connectionThatIsMillisecondsBehindAfterALongPauseIsNotStale() throws IOException {
        own(1);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
        other(2);
        assertThat(watch.stale(time.nanoTime())).isNull();
        time.advance(Duration.ofMillis(1_900));
        assertThat(watch.stale(time.nanoTime())).isNull();
        own(2);
        assertThat(secondsToStale(1_000)).isEqualTo(-1);
    }

    @Test
    void connectionThatIsAlwaysBehindButDeliversTradesIsNotStale() throws IOException {
        for (long id = 1; id < 1_000; id++) {
            other(id + 10);
            delivered.add(0, id, time.nanoTime());
            assertThat(secondsToStale(1)).isEqualTo(-1);
        }
    }
}
