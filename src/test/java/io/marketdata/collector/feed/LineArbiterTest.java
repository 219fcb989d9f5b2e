package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.feed.LineArbiter.Outcome;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineArbiterTest {

    private static final long TIME_MS = ManualTime.START_MS;
    private static final LineArbiter.Limits LIMITS = new LineArbiter.Limits(100, Duration.ofHours(24));

    private final FakeSink sink = new FakeSink();
    private final ManualTime time = new ManualTime();
    private final FeedMetrics metrics = new FeedMetrics(new Metrics());
    private final LineArbiter arbiter = new LineArbiter(Trades.BTCUSDT, sink, LIMITS, time, metrics);

    private boolean offer(long id) throws IOException {
        return arbiter.offer(Trades.trade(id, TIME_MS), 0, "A") == Outcome.NEW;
    }

    private boolean recover(long id) throws IOException {
        return arbiter.offerBackfilled(Trades.trade(id, TIME_MS));
    }

    private List<IdRange> gaps() {
        return arbiter.gaps().stream().map(Gap::ids).toList();
    }

    private static double of(Counter counter) {
        return counter.labelValues("BTCUSDT").get();
    }

    private double open() {
        return metrics.idsOpen.labelValues("BTCUSDT").get();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 13})
    void tradeWhoseWriteFailsIsAcceptedFromTheOtherConnection(long id) throws IOException {
        offer(10);
        for (Throwable fault : List.of(new IOException("full"), new IllegalStateException(), new OutOfMemoryError())) {
            sink.fault = fault;
            assertThatThrownBy(() -> offer(id)).isSameAs(fault);
        }
        assertThat(arbiter.highest()).isEqualTo(10);
        assertThat(of(metrics.idsMissed)).isZero();

        sink.fault = null;
        assertThat(offer(id)).isTrue();
        assertThat(sink.written).containsExactly(10L, id);
    }

    @Test
    void backfilledTradeWhoseWriteFailsStaysMissing() throws IOException {
        offer(10);
        offer(12);
        sink.fault = new IOException("full");
        assertThatThrownBy(() -> recover(11)).isSameAs(sink.fault);
        assertThat(gaps()).containsExactly(new IdRange(11, 11));

        sink.fault = null;
        assertThat(recover(11)).isTrue();
        assertThat(gaps()).isEmpty();
    }

    @Test
    void duplicatesOfConnectionsAreCountedAndThoseOfBackfillAreNot() throws IOException {
        offer(10);
        assertThat(offer(10)).isFalse();
        assertThat(recover(10)).isFalse();

        assertThat(sink.written).containsExactly(10L);
        assertThat(sink.backfilled).isEmpty();
        assertThat(sink.duplicates).hasValue(1);
        assertThat(of(metrics.duplicates)).isEqualTo(1);
    }

    @Test
    void backfilledTradesAreWrittenSeparatelyAndEachIdOnce() throws IOException {
        offer(10);
        offer(14);
        recover(11);
        recover(12);
        offer(12);
        offer(13);
        recover(13);

        assertThat(sink.written).containsExactly(10L, 14L, 13L);
        assertThat(sink.backfilled).containsExactly(11L, 12L);
        assertThat(gaps()).isEmpty();
        assertThat(of(metrics.idsMissed)).isEqualTo(3);
        assertThat(of(metrics.idsLate)).as("over a connection").isEqualTo(1);
        assertThat(open()).isZero();
        assertThat(of(metrics.idsUnrecoverable)).isZero();
    }

    @Test
    void numberOfOpenIdsFollowsTheGaps() throws IOException {
        offer(10);
        offer(20);
        assertThat(open()).isEqualTo(9);
        offer(15);
        assertThat(open()).isEqualTo(8);
        arbiter.markUnrecoverable(new IdRange(11, 14), "the exchange does not have them");
        assertThat(open()).isEqualTo(4);
        assertThat(of(metrics.idsUnrecoverable)).isEqualTo(4);
        arbiter.exchangeHas(22, TIME_MS);
        assertThat(open()).isEqualTo(6);
        assertThat(of(metrics.idsMissed)).isEqualTo(9 + 2);
        arbiter.exchangeHas(21, TIME_MS);
        assertThat(of(metrics.idsMissed)).isEqualTo(9 + 2);
    }

    @Test
    void tooLargeGapIsUnrecoverableAtOnceAndItsLateTradesAreRecorded() throws IOException {
        offer(10);
        offer(10 + 100 + 1);
        assertThat(gaps()).as("just small enough").containsExactly(new IdRange(11, 110));

        offer(111 + 101 + 1);

        assertThat(gaps()).containsExactly(new IdRange(11, 110));
        assertThat(of(metrics.idsUnrecoverable)).isEqualTo(101);
        assertThat(open()).isEqualTo(100);
        assertThat(offer(150)).isTrue();
        assertThat(offer(150)).isFalse();
        assertThat(sink.written).contains(150L);
    }

    @Test
    void tradesMissedDuringATooLongPauseAreUnrecoverable() throws IOException {
        arbiter.resume(10, TIME_MS - Duration.ofHours(25).toMillis(), List.of(), List.of());

        offer(13);

        assertThat(gaps()).isEmpty();
        assertThat(of(metrics.idsUnrecoverable)).isEqualTo(2);
        assertThat(of(metrics.idsMissed)).isEqualTo(2);
    }

    @Test
    void tradesMissedDuringAShorterPauseAreFilledAndLaterGapsAreNotOld() throws IOException {
        arbiter.resume(10, TIME_MS - Duration.ofHours(23).toMillis(), List.of(), List.of());
        offer(13);
        assertThat(gaps()).containsExactly(new IdRange(11, 12));
        arbiter.offer(Trades.trade(16, TIME_MS + Duration.ofHours(2).toMillis()), 0, "A");

        assertThat(gaps()).containsExactly(new IdRange(11, 12), new IdRange(14, 15));
        assertThat(of(metrics.idsUnrecoverable)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {-24 * 3_650, -1, 1, 24 * 3_650})
    void pauseIsMeasuredByTradeTimesNotByTheWallClock(long hoursOff) {
        time.jumpWallClock(Duration.ofHours(hoursOff));
        arbiter.resume(10, TIME_MS - Duration.ofHours(23).toMillis(), List.of(), List.of());

        arbiter.exchangeHas(12, TIME_MS);

        assertThat(gaps()).containsExactly(new IdRange(11, 12));
        assertThat(of(metrics.idsUnrecoverable)).isZero();
    }

    @Test
    void gapsOfAnEarlierRunAreFilledUnlessTheyAreTooLarge() {
        arbiter.resume(
                1_000,
                TIME_MS,
                List.of(new Gap(new IdRange(100, 300), -7, false), new Gap(new IdRange(500, 501), -8, false)),
                List.of());

        assertThat(arbiter.gaps()).containsExactly(new Gap(new IdRange(500, 501), -8, false));
        assertThat(open()).isEqualTo(2);
    }

    /** Two connections with different drops, and a concurrent backfill: each id is recorded once. */
    @Test
    void idsOfferedByConcurrentThreadsAreWrittenOnce() throws Exception {
        long seed = 17;
        int count = 20_000;
        CountDownLatch start = new CountDownLatch(1);
        List<Throwable> faults = new CopyOnWriteArrayList<>();
        List<Long> written = new ArrayList<>();
        LineArbiter shared = new LineArbiter(
                Trades.BTCUSDT,
                new TradeSink() {
                    // Not thread-safe on purpose: the arbiter's lock must serialise the writes.
                    @Override
                    public void accept(io.marketdata.collector.model.TradeEvent trade) {
                        written.add(trade.id());
                    }

                    @Override
                    public void acceptBackfilled(io.marketdata.collector.model.TradeEvent trade) {
                        written.add(trade.id());
                    }

                    @Override
                    public void duplicate(io.marketdata.collector.model.Symbol symbol) {}

                    @Override
                    public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {}
                },
                new LineArbiter.Limits(count, Duration.ofHours(1)),
                time,
                metrics);
        List<Thread> threads = new ArrayList<>();
        for (int connection = 0; connection < 3; connection++) {
            int line = connection;
            Random random = new Random(seed + connection);
            boolean backfills = connection == 2;
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                    for (long id = 1; id <= count; id++) {
                        if (backfills) {
                            backfillFirstGap(shared);
                        } else if (random.nextInt(10) > 0) {
                            shared.offer(Trades.trade(id, TIME_MS), line, "A");
                        }
                    }
                } catch (Throwable t) {
                    faults.add(t);
                }
            });
            threads.add(thread);
            thread.start();
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        shared.exchangeHas(count, TIME_MS);
        while (!shared.gaps().isEmpty()) {
            backfillFirstGap(shared);
        }

        assertThat(faults).isEmpty();
        assertThat(written).hasSize(count);
        assertThat(new HashSet<>(written))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, count).boxed().toList());
        assertThat(shared.gaps()).isEmpty();
    }

    private static void backfillFirstGap(LineArbiter arbiter) throws IOException {
        List<Gap> gaps = arbiter.gaps();
        if (!gaps.isEmpty()) {
            IdRange ids = gaps.get(0).ids();
            for (long id = ids.first(); id <= ids.last(); id++) {
                arbiter.offerBackfilled(Trades.trade(id, TIME_MS));
            }
        }
    }

    @Test
    void silenceIsUnusualOnlyBeyondTheSymbolsOwnPace() throws IOException {
        Duration least = Duration.ofSeconds(60);
        Duration most = Duration.ofMinutes(5);
        for (long id = 1; id < 50; id++) {
            offer(id);
            time.advance(Duration.ofSeconds(10));
        }
        // 20 pauses of 10 s are 200 s; 10 of them have passed since the last trade.
        assertThat(arbiter.unusualSilence(least, most)).isEqualTo(Duration.ofSeconds(10 - 200));
        time.advance(Duration.ofSeconds(191));
        assertThat(arbiter.unusualSilence(least, most)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void backfilledTradesDoNotHideStaleConnections() throws IOException {
        offer(1);
        time.advance(Duration.ofMinutes(6));
        recover(2);

        assertThat(arbiter.unusualSilence(Duration.ofMinutes(1), Duration.ofMinutes(5)))
                .isPositive();
    }

    /** After a kill between the checkpoint of a backfilled part and the end of its packing, its lines are read again. */
    @Test
    void backfilledTradesFarBelowAreNoSequenceReset() throws Exception {
        Gap wanted = new Gap(new IdRange(9_000_000, 9_000_009), time.nanoTime(), false);
        arbiter.resume(10_000_000, TIME_MS, List.of(wanted), List.of());

        arbiter.resumeTrade(Origin.REST, 7_000_000, TIME_MS);
        arbiter.resumeTrade(Origin.REST, 7_000_001, TIME_MS);

        assertThat(arbiter.highest()).isEqualTo(10_000_000);
        assertThat(arbiter.gaps()).containsExactly(wanted);
    }

    @Test
    void gapThatAnEarlierRunDidNotFillIsNotFilledByTheNextOne() {
        arbiter.resumeTrade(Origin.STREAM, 10, TIME_MS);
        arbiter.resumeTrade(Origin.STREAM, 10 + LIMITS.maxIds() + 2, TIME_MS);

        assertThat(arbiter.gaps()).isEmpty();
    }

    @Test
    void marketIsTradingWhenRestReportsANewerTradeTwice() throws IOException {
        assertThat(arbiter.progress().lastId()).isEqualTo(-1);
        arbiter.exchangeHas(8, TIME_MS);
        assertThat(arbiter.progress().marketTrading()).isFalse();
        arbiter.exchangeHas(8, TIME_MS);
        assertThat(arbiter.progress().marketTrading()).as("a quiet market").isFalse();

        arbiter.exchangeHas(9, TIME_MS);
        assertThat(arbiter.progress().marketTrading()).isTrue();
        recover(9);
        assertThat(arbiter.progress().marketTrading())
                .as("backfilled, not delivered")
                .isTrue();

        time.advance(Duration.ofSeconds(3));
        offer(10);
        assertThat(arbiter.progress())
                .isEqualTo(new LineArbiter.Progress(10, time.nanoTime(), Trades.RECEIVED_US / 1_000 - TIME_MS, false));
    }

    @Test
    void delayOfOneNewTradeInSixteenIsMeasured() throws IOException {
        for (long id = 32; id < 64; id++) {
            offer(id);
            offer(id);
        }

        HistogramSnapshot.HistogramDataPointSnapshot delays =
                metrics.receiveDelay.collect().getDataPoints().get(0);
        assertThat(delays.getCount()).isEqualTo(2);
        assertThat(delays.getSum()).isEqualTo(2 * (Trades.RECEIVED_US - TIME_MS * 1_000) / 1e6);
    }
}
