package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.rest.Holes;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Nowhere;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether who fills holes is woken when there is one, without looking again and again. */
@Timeout(60)
class GatesTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final TradeGate gate = new TradeGate(
            Trades.BTCUSDT, new Nowhere(), new TradeGate.Limits(100, HOUR), new ManualTime(), new Metrics());
    private final Gates gates = new Gates(List.of(gate), Map.of(), Duration.ofSeconds(30));

    private void offer(long id) throws IOException {
        gate.offer(Trades.trade(id, ManualTime.START_MS));
    }

    @Test
    void aHoleEndsTheWait() throws Exception {
        Thread link = new Thread(() -> {
            try {
                offer(1);
                offer(3);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        link.start();

        gates.awaitHole(HOUR);

        link.join();
        assertThat(gates.open()).extracting(Holes.Hole::ids).containsExactly(new IdRange(2, 2));
    }

    @Test
    void whatTheExchangeHasMoreThanWeEndsTheWait() throws Exception {
        offer(1);
        gates.exchangeHas(Trades.BTCUSDT, 4, ManualTime.START_MS);

        gates.awaitHole(HOUR);

        assertThat(gates.open()).extracting(Holes.Hole::ids).containsExactly(new IdRange(2, 4));
    }

    @Test
    void aHoleBelowTheFirstIdEndsTheWait() throws Exception {
        offer(10);
        offer(7);

        gates.awaitHole(HOUR);

        assertThat(gates.open()).extracting(Holes.Hole::ids).containsExactly(new IdRange(8, 9));
    }

    @Test
    void tradesInTheirOrderEndNoWait() throws Exception {
        offer(1);
        offer(2);
        offer(2);

        long began = System.nanoTime();
        gates.awaitHole(Duration.ofMillis(200));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void whoStopsEndsTheWaitEvenIfItHasNotBegun() throws Exception {
        gates.stopWaiting();

        gates.awaitHole(HOUR);
    }
}
