package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Hole;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Nowhere;
import io.marketdata.collector.testkit.Trades;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holes that are reported and not fetched. */
class TradeGateLimitsTest {

    private final ManualTime time = new ManualTime();
    private final Metrics metrics = new Metrics();
    private final TradeGate gate = new TradeGate(
            Trades.BTCUSDT, new Nowhere(), new TradeGate.Limits(1_000, Duration.ofHours(24)), time, metrics);

    private double lost() {
        return metrics.idsLost.labelValues("BTCUSDT").get();
    }

    @Test
    void aHoleThatALinkShowsIsLookedForUpToTheLimit() throws Exception {
        gate.offer(Trades.trade(100, 1));
        gate.offer(Trades.trade(1_101, 2));
        assertThat(gate.holes()).extracting(Hole::ids).containsExactly(new IdRange(101, 1_100));

        gate.offer(Trades.trade(2_103, 3));
        assertThat(gate.holes()).hasSize(1);
        assertThat(lost()).isEqualTo(1_001);
    }

    @Test
    void aHoleThatRestShowsIsLookedForUpToTheLimit() throws Exception {
        gate.offer(Trades.trade(100, 1));
        gate.exchangeHas(1_100, 1);
        assertThat(gate.holes()).extracting(Hole::ids).containsExactly(new IdRange(101, 1_100));

        gate.exchangeHas(2_101, 1);
        assertThat(gate.holes()).hasSize(1);
        assertThat(lost()).isEqualTo(1_001);
    }

    @Test
    void aHoleAboveTheLimitIsNoNewLossForTheNextRun() {
        gate.resume(
                9_000,
                1,
                List.of(new Hole(new IdRange(100, 1_200), 0, false), new Hole(new IdRange(2_000, 2_999), 0, false)));

        assertThat(gate.holes()).extracting(Hole::ids).containsExactly(new IdRange(2_000, 2_999));
        assertThat(lost()).isZero();
    }
}
