package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.rest.Gaps;
import io.marketdata.collector.testkit.DiscardingSink;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gap filler is woken when there is a gap, without polling. */
@Timeout(60)
class ArbitersTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final LineArbiter arbiter = new LineArbiter(
            Trades.BTCUSDT,
            new DiscardingSink(),
            new LineArbiter.Limits(100, HOUR),
            new ManualTime(),
            new FeedMetrics(new Metrics()));
    private final Arbiters arbiters = new Arbiters(List.of(arbiter), Map.of(), Duration.ofSeconds(30));

    private void offer(long id) throws IOException {
        arbiter.offer(Trades.trade(id, ManualTime.START_MS), 0, "A");
    }

    @Test
    void gapEndsTheWait() throws Exception {
        Thread connection = new Thread(() -> {
            try {
                offer(1);
                offer(3);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        connection.start();

        arbiters.awaitGap(HOUR);

        connection.join();
        assertThat(arbiters.open()).extracting(Gaps.Gap::ids).containsExactly(new IdRange(2, 2));
    }

    @Test
    void newerTradesAtTheExchangeEndTheWait() throws Exception {
        offer(1);
        arbiters.exchangeHas(Trades.BTCUSDT, 4, ManualTime.START_MS);

        arbiters.awaitGap(HOUR);

        assertThat(arbiters.open()).extracting(Gaps.Gap::ids).containsExactly(new IdRange(2, 4));
    }

    @Test
    void gapBelowTheFirstIdEndsTheWait() throws Exception {
        offer(10);
        offer(7);

        arbiters.awaitGap(HOUR);

        assertThat(arbiters.open()).extracting(Gaps.Gap::ids).containsExactly(new IdRange(8, 9));
    }

    @Test
    void tradesInOrderDoNotEndTheWait() throws Exception {
        offer(1);
        offer(2);
        offer(2);

        long began = System.nanoTime();
        arbiters.awaitGap(Duration.ofMillis(200));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void stopEndsAWaitThatHasNotBegun() throws Exception {
        arbiters.stopWaiting();

        arbiters.awaitGap(HOUR);
    }
}
