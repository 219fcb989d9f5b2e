package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.LineArbiter.Outcome;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an arbiter does with trades that contradict others, and with ids that it does not believe. */
class LineArbiterDoubtTest {

    private static final long TIME_MS = ManualTime.START_MS;
    private static final long ID = 1_000_000;
    private static final long FAR = ID + 30_000;
    private static final LineArbiter.Limits LIMITS = new LineArbiter.Limits(50_000, Duration.ofHours(24));

    private final FakeSink sink = new FakeSink();
    private final ManualTime time = new ManualTime();
    private final FeedMetrics metrics = new FeedMetrics(new Metrics());
    private final LineArbiter arbiter = new LineArbiter(Trades.BTCUSDT, sink, LIMITS, time, metrics);
    private final AtomicInteger wakes = new AtomicInteger();
    private long tradeTimeMs = TIME_MS;

    @BeforeEach
    void begin() throws IOException {
        offer(ID, 0);
        arbiter.onGap(wakes::incrementAndGet);
    }

    private Outcome offer(long id, int line) throws IOException {
        return arbiter.offer(Trades.trade(id, tradeTimeMs++), line, "connection " + line);
    }

    private static double of(Counter counter) {
        return counter.labelValues("BTCUSDT").get();
    }

    private List<IdRange> gaps() {
        return arbiter.gaps().stream().map(Gap::ids).toList();
    }

    @Test
    void anotherPayloadIsKeptApartAndCountedAndAnEqualOneIsADuplicate() throws IOException {
        assertThat(arbiter.offer(Trades.trade(ID, TIME_MS), 1, "B")).isEqualTo(Outcome.DUPLICATE);
        assertThat(of(metrics.duplicates)).isEqualTo(1);
        assertThat(sink.duplicates).hasValue(1);

        assertThat(arbiter.offer(Trades.trade(ID, TIME_MS + 7), 1, "B")).isEqualTo(Outcome.KEPT_APART);
        assertThat(sink.rejected)
                .singleElement()
                .asString()
                .startsWith(TradeSink.OTHER_PAYLOAD + ": ")
                .contains("\"t\":" + ID + ",");
        assertThat(of(metrics.contradictions)).isEqualTo(1);
        assertThat(sink.written).containsExactly(ID);
    }

    @Test
    void restIsComparedByWhatItsRowsHold() throws IOException {
        assertThat(arbiter.contradicts(Trades.trade(ID, TIME_MS))).isFalse();
        assertThat(arbiter.contradicts(Trades.trade(ID + 9, TIME_MS)))
                .as("unknown")
                .isFalse();
        assertThat(of(metrics.contradictions)).isZero();
        assertThat(arbiter.contradicts(Trades.trade(ID, TIME_MS + 7))).isTrue();
        assertThat(of(metrics.contradictions)).isEqualTo(1);
        assertThat(sink.rejected).hasSize(1);
        assertThat(arbiter.offerBackfilled(Trades.trade(ID, TIME_MS + 7))).isFalse();
        assertThat(of(metrics.contradictions)).isEqualTo(2);

        offer(ID + 2, 0);
        assertThat(arbiter.offerBackfilled(Trades.trade(ID + 1, TIME_MS))).isTrue();
        assertThat(arbiter.offer(Trades.trade(ID + 1, TIME_MS), 0, "A")).isEqualTo(Outcome.DUPLICATE);
        assertThat(arbiter.offer(Trades.trade(ID + 1, TIME_MS + 7), 0, "A")).isEqualTo(Outcome.KEPT_APART);
    }

    @Test
    void anIdFarAheadIsRecordedAndMovesNothingUntilAnotherConnectionDeliversIt() throws IOException {
        assertThat(arbiter.isInDoubt()).isFalse();
        assertThat(offer(FAR, 0)).isEqualTo(Outcome.NEW);
        assertThat(sink.written).containsExactly(ID, FAR);
        assertThat(of(metrics.doubted)).isEqualTo(1);
        assertThat(arbiter.isInDoubt()).isTrue();
        assertThat(arbiter.highest()).isEqualTo(ID);
        assertThat(arbiter.progress().lastId()).as("nothing that is believed").isEqualTo(ID);
        assertThat(wakes).as("REST may settle it").hasValue(1);

        tradeTimeMs--;
        assertThat(offer(FAR, 1)).isEqualTo(Outcome.DUPLICATE);
        assertThat(arbiter.highest()).isEqualTo(FAR);
        assertThat(gaps()).containsExactly(new IdRange(ID + 1, FAR - 1));
        assertThat(of(metrics.idsMissed)).isEqualTo(29_999);
        assertThat(wakes).hasValue(2);
        assertThat(of(metrics.resets)).isZero();
        assertThat(metrics.idsOpen.labelValues("BTCUSDT").get()).isEqualTo(29_999);
    }

    @Test
    void aDoubtedIdWithAnotherPayloadIsRecordedToo() throws IOException {
        offer(FAR, 0);
        assertThat(offer(FAR, 1)).isEqualTo(Outcome.NEW);
        assertThat(sink.written).containsExactly(ID, FAR, FAR);
        assertThat(sink.rejected).isEmpty();
    }

    @Test
    void anIdBeyondEveryLimitIsKeptApart() throws IOException {
        long limit = ID + LIMITS.maxIds();
        assertThat(offer(limit, 0)).isEqualTo(Outcome.NEW);
        assertThat(offer(limit + 1, 0)).isEqualTo(Outcome.KEPT_APART);
        assertThat(sink.rejected).singleElement().asString().contains("far ahead", "\"t\":" + (limit + 1) + ",");
        assertThat(of(metrics.doubted)).isEqualTo(2);
        assertThat(offer(limit + 1, 1)).as("now there is evidence").isEqualTo(Outcome.NEW);
        assertThat(arbiter.highest()).isEqualTo(limit + 1);
    }

    @Test
    void aRunOfIdsBelowIsANewSequence() throws IOException {
        offer(500, 0);
        offer(501, 0);
        assertThat(of(metrics.resets)).isZero();
        offer(502, 0);
        assertThat(of(metrics.resets)).isEqualTo(1);
        assertThat(arbiter.highest()).isEqualTo(502);
        assertThat(offer(503, 0)).isEqualTo(Outcome.NEW);
        assertThat(of(metrics.doubted)).isEqualTo(2);
    }

    @Test
    void anotherConnectionConfirmsANewSequence() throws IOException {
        offer(500, 0);
        tradeTimeMs--;
        offer(500, 1);
        assertThat(of(metrics.resets)).isEqualTo(1);
        assertThat(arbiter.highest()).isEqualTo(500);
    }

    @Test
    void restConfirmsAnIdAheadAndANewSequence() throws IOException {
        offer(FAR, 0);
        wakes.set(0);
        arbiter.exchangeHas(FAR, tradeTimeMs++);
        assertThat(of(metrics.resets)).as("that is ahead").isZero();
        assertThat(gaps()).containsExactly(new IdRange(ID + 1, FAR - 1));
        assertThat(wakes).hasValue(1);
        offer(700, 0);
        arbiter.exchangeHas(705, tradeTimeMs);
        assertThat(of(metrics.resets)).isEqualTo(1);
        assertThat(arbiter.highest()).isEqualTo(705);
        assertThat(gaps()).containsExactly(new IdRange(701, 705));
        assertThat(metrics.idsOpen.labelValues("BTCUSDT").get()).isEqualTo(5);
    }

    @Test
    void anEarlierRecordThatIsNotBelievedAnyMoreYieldsWithinSeconds() throws IOException {
        LineArbiter next = new LineArbiter(Trades.BTCUSDT, sink, LIMITS, time, metrics);
        next.resume(ID + 900_000, TIME_MS + 1_000_000_000L, List.of(), List.of());
        int drops = 0;
        long id = ID;
        for (int second = 0; second < 10; second++) {
            drops += next.offer(Trades.trade(id++, tradeTimeMs++), 0, "A") == Outcome.NEW ? 0 : 1;
            assertThat(next.highest() < ID + 900_000).as("after %d s", second).isEqualTo(second >= 8);
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(drops).isZero();
        assertThat(of(metrics.resets)).isEqualTo(1);
    }

    @Test
    void aBelievedTradeEndsTheTimeOfDoubt() throws IOException {
        LineArbiter next = new LineArbiter(Trades.BTCUSDT, sink, LIMITS, time, metrics);
        next.resume(ID, TIME_MS + 1_000, List.of(), List.of());
        for (int second = 0; second < 20; second++) {
            next.offer(Trades.trade(500 + second, TIME_MS), 0, "A");
            next.offer(Trades.trade(ID + 1 + second, TIME_MS + 2_000), 1, "B");
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(next.highest()).as("old trades are no new sequence").isEqualTo(ID + 20);
    }

    @Test
    void lostTradesAreMissingAndAnotherCopyIsRecorded() throws IOException {
        offer(ID + 1, 0);
        arbiter.lost(new IdRange(ID, ID));
        assertThat(gaps()).containsExactly(new IdRange(ID, ID));
        assertThat(of(metrics.idsMissed)).isEqualTo(1);
        assertThat(wakes).hasValue(1);
        assertThat(metrics.idsOpen.labelValues("BTCUSDT").get()).isEqualTo(1);
        assertThat(arbiter.offer(Trades.trade(ID, TIME_MS), 1, "B")).isEqualTo(Outcome.NEW);
        assertThat(gaps()).isEmpty();
    }

    @Test
    void backfilledTradesOfAnEarlierRunCloseItsGaps() {
        LineArbiter next = new LineArbiter(Trades.BTCUSDT, sink, LIMITS, time, metrics);
        next.resume(ID, TIME_MS, List.of(new Gap(new IdRange(ID - 5, ID - 4), time.nanoTime(), false)), List.of());
        next.resumeTrade(Origin.REST, ID - 5, TIME_MS);
        assertThat(next.gaps().stream().map(Gap::ids)).containsExactly(new IdRange(ID - 4, ID - 4));
        assertThat(metrics.idsOpen.labelValues("BTCUSDT").get()).isEqualTo(1);
        next.resumeTrade(Origin.STREAM, ID + 2, TIME_MS + 1);
        assertThat(next.highest()).isEqualTo(ID + 2);
        assertThat(next.gaps().stream().map(Gap::ids))
                .containsExactly(new IdRange(ID - 4, ID - 4), new IdRange(ID + 1, ID + 1));
    }
}
