package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.testkit.DiscardingSink;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Gaps that are reported and not backfilled. */
class LineArbiterLimitsTest {

    private final ManualTime time = new ManualTime();
    private final FeedMetrics metrics = new FeedMetrics(new Metrics());
    private final LineArbiter arbiter = new LineArbiter(
            Trades.BTCUSDT, new DiscardingSink(), new LineArbiter.Limits(1_000, Duration.ofHours(24)), time, metrics);

    private double unrecoverable() {
        return metrics.idsUnrecoverable.labelValues("BTCUSDT").get();
    }

    @Test
    void gapDetectedByAConnectionIsFilledUpToTheLimit() throws Exception {
        arbiter.offer(Trades.trade(100, 1), 0, "A");
        arbiter.offer(Trades.trade(1_101, 2), 0, "A");
        assertThat(arbiter.gaps()).extracting(Gap::ids).containsExactly(new IdRange(101, 1_100));

        arbiter.offer(Trades.trade(2_103, 3), 0, "A");
        assertThat(arbiter.gaps()).hasSize(1);
        assertThat(unrecoverable()).isEqualTo(1_001);
    }

    @Test
    void gapDetectedByRestIsFilledUpToTheLimit() throws Exception {
        arbiter.offer(Trades.trade(100, 1), 0, "A");
        arbiter.exchangeHas(1_100, 1);
        assertThat(arbiter.gaps()).extracting(Gap::ids).containsExactly(new IdRange(101, 1_100));

        arbiter.exchangeHas(2_101, 1);
        assertThat(arbiter.gaps()).hasSize(1);
        assertThat(unrecoverable()).isEqualTo(1_001);
    }

    @Test
    void gapAboveTheLimitIsNotCountedAgainByTheNextRun() {
        arbiter.resume(
                9_000,
                1,
                List.of(new Gap(new IdRange(100, 1_200), 0, false), new Gap(new IdRange(2_000, 2_999), 0, false)),
                List.of());

        assertThat(arbiter.gaps()).extracting(Gap::ids).containsExactly(new IdRange(2_000, 2_999));
        assertThat(unrecoverable()).isZero();
    }
}
