package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StallWatchTest {

    private static final Duration STALL = Duration.ofSeconds(60);

    private final ManualTime time = new ManualTime();
    private final TradeGate gate = new TradeGate(
            Trades.BTCUSDT, new FakeSink(), new TradeGate.Limits(1_000, Duration.ofHours(1)), time, new Metrics());
    private final LinkProgress progress = new LinkProgress(1);
    private final StallWatch watch = new StallWatch(List.of(gate), progress, time.nanoTime(), STALL);

    private void other(long id) throws IOException {
        gate.offer(Trades.trade(id, ManualTime.START_MS));
    }

    private void own(long id) throws IOException {
        other(id);
        progress.brought(0, id, time.nanoTime());
    }

    /** Seconds until a stall is seen; -1 if none is within {@code most}. */
    private int secondsToStall(int most) {
        for (int second = 1; second <= most; second++) {
            time.advance(Duration.ofSeconds(1));
            if (watch.stalled(time.nanoTime()) != null) {
                return second;
            }
        }
        return -1;
    }

    @Test
    void aLinkIsStalledAMinuteAfterItsLastTradeIfOthersGoOn() throws IOException {
        own(1);
        assertThat(secondsToStall(10)).isEqualTo(-1);
        other(2);
        assertThat(secondsToStall(100)).isEqualTo(50);
    }

    @Test
    void aLinkThatNeverBroughtATradeIsStalledAMinuteAfterItWasOpened() throws IOException {
        other(1);
        assertThat(secondsToStall(5)).isEqualTo(-1);
        other(2);
        assertThat(secondsToStall(100)).isEqualTo(55);
    }

    /** REST knows the last trade of a symbol that has been quiet since before the start. */
    @Test
    void theFirstThatIsHeardOfASymbolIsExpectedOfNobody() {
        assertThat(secondsToStall(100)).isEqualTo(-1);
        gate.exchangeHas(77, 1_736_950_336_567L);
        assertThat(secondsToStall(1_000)).isEqualTo(-1);
    }

    @Test
    void whatExistedBeforeTheLinkIsNotExpectedOfIt() throws IOException {
        other(1_000);
        assertThat(secondsToStall(1_000)).isEqualTo(-1);
    }

    @Test
    void aSymbolThatNobodyTradesStallsNothing() throws IOException {
        own(1);
        assertThat(secondsToStall(100_000)).isEqualTo(-1);
    }

    @Test
    void aLinkThatIsMillisecondsBehindAfterALongPauseIsNotStalled() throws IOException {
        own(1);
        assertThat(secondsToStall(1_000)).isEqualTo(-1);
        other(2);
        assertThat(watch.stalled(time.nanoTime())).isNull();
        time.advance(Duration.ofMillis(1_900));
        assertThat(watch.stalled(time.nanoTime())).isNull();
        own(2);
        assertThat(secondsToStall(1_000)).isEqualTo(-1);
    }

    @Test
    void aLinkThatIsAlwaysBehindButBringsTradesIsNotStalled() throws IOException {
        for (long id = 1; id < 1_000; id++) {
            other(id + 10);
            progress.brought(0, id, time.nanoTime());
            assertThat(secondsToStall(1)).isEqualTo(-1);
        }
    }
}
