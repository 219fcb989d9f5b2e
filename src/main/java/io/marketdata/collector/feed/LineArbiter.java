package io.marketdata.collector.feed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.feed.RecentTrades.Match;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.SequenceRule;
import io.marketdata.collector.model.SequenceTracker;
import io.marketdata.collector.model.SequenceVerdict;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Deduplicates the trades of one symbol and tracks its gaps: A/B line arbitration by trade id between the redundant
 * connections and REST.
 *
 * <p>Doubt never drops: a trade is a duplicate only if this process has written its id with its payload ({@link
 * RecentTrades}). A trade with another payload contradicts the recorded one, and is kept apart. Every other trade is
 * recorded, whatever its id; {@link SequenceTracker} decides what is believed of it. An id counts as recorded only after
 * its line is written.
 *
 * <p>Any thread. The lock is held during the write, so that two connections cannot write one id twice.
 */
public final class LineArbiter {

    /** After this time without a trade REST is queried, however rarely the symbol trades. */
    public static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    /** A larger or older gap is reported and not backfilled: REST would need hours, and archives have it. */
    public record Limits(long maxIds, Duration maxAge) {}

    /**
     * What the connections have delivered.
     *
     * @param lastId of the last new trade; -1 before the first of this run
     * @param lastNanos when it arrived, or when the run began; monotonic
     * @param delayMs from trade time to arrival, by the two wall clocks
     * @param marketTrading whether REST, queried at least twice since then, has reported a newer trade than at first
     */
    public record Progress(long lastId, long lastNanos, long delayMs, boolean marketTrading) {}

    /** What became of a trade. */
    public enum Outcome {
        /** Recorded. */
        NEW,
        /** Already recorded, with this payload. */
        DUPLICATE,
        /** Kept apart, because it contradicts a recorded trade or its id is implausible. */
        KEPT_APART
    }

    /** What REST delivers counts as one more connection. */
    private static final int REST = -1;

    /** The lines of parts of an earlier run count as one more connection. */
    private static final int EARLIER_RUN = -2;

    /** After this time in which no trade was believed, the earlier record is not believed. */
    private static final long DISTRUST_AFTER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Symbol symbol;
    private final TradeSink sink;
    private final Limits limits;
    private final Time time;
    private final FeedMetrics metrics;
    private final CounterDataPoint duplicates;
    private final ArbiterLog log;

    @GuardedBy("this")
    private final SequenceTracker tracker;

    @GuardedBy("this")
    private final RecentTrades recent;

    /** Since when no trade was believed, and at least one was not; {@link Long#MIN_VALUE} if the last one was. */
    @GuardedBy("this")
    private long doubtingSinceNanos = Long.MIN_VALUE;

    @GuardedBy("this")
    private final Deliveries deliveries;

    /** Trade time of the last trade of an earlier run, ms; -1 without one, and from the first trade of this run on. */
    @GuardedBy("this")
    private long resumedAtMs = -1;

    @GuardedBy("this")
    private Runnable gapFound = () -> {};

    private volatile long highest = -1;

    public LineArbiter(Symbol symbol, TradeSink sink, Limits limits, Time time, FeedMetrics metrics) {
        this(symbol, sink, limits, time, metrics, new SequenceTracker());
    }

    /** With a tracker of its own making, for the test that leaves out rules. */
    public LineArbiter(
            Symbol symbol, TradeSink sink, Limits limits, Time time, FeedMetrics metrics, SequenceTracker tracker) {
        this.symbol = symbol;
        this.sink = sink;
        this.limits = limits;
        this.time = time;
        this.metrics = metrics;
        this.duplicates = metrics.duplicates.labelValues(symbol.value());
        this.log = new ArbiterLog(symbol, limits, time);
        this.tracker = tracker;
        this.deliveries = new Deliveries(time, metrics);
        this.recent = new RecentTrades();
    }

    public Symbol symbol() {
        return symbol;
    }

    /**
     * Continues from what an earlier run recorded. Called before any trade.
     *
     * @param highestId greatest id it recorded
     * @param tradeTimeMs trade time of that id, ms since 1970 UTC
     * @param gaps missing ids below; ages in monotonic nanoseconds
     * @param ahead ids above that it recorded as well
     */
    public synchronized void resume(long highestId, long tradeTimeMs, List<Gap> gaps, List<IdRange> ahead) {
        Stream<Gap> limited = gaps.stream()
                .map(gap -> new Gap(
                        gap.ids(), gap.since(), gap.unrecoverable() || gap.ids().count() > limits.maxIds()));
        tracker.resume(highestId, tradeTimeMs, limited.toList(), ahead);
        resumedAtMs = tradeTimeMs;
        publish();
    }

    /** Adds a trade that an earlier run recorded and that its checkpoint does not contain. Called before any trade. */
    public synchronized void resumeTrade(Origin origin, long id, long tradeTimeMs) {
        if (origin.isBackfilled()) {
            tracker.takeBackfilled(id);
        } else {
            SequenceVerdict verdict = tracker.judge(id, tradeTimeMs, EARLIER_RUN);
            tracker.take(id, tradeTimeMs, EARLIER_RUN, verdict, time.nanoTime()).forEach(ids -> applyLimits(ids, 0));
        }
        publish();
    }

    /**
     * Sets the callback that wakes the gap filler.
     *
     * @param found run whenever ids may have become missing; on the thread that detected it, which holds the arbiter's lock
     */
    public synchronized void onGap(Runnable found) {
        gapFound = found;
    }

    /**
     * Accepts a trade from a connection.
     *
     * @param line number of its feed line, not negative: two connections of one line are one source
     * @param connection its name
     * @throws IOException if it was new and could not be written
     */
    public synchronized Outcome offer(TradeEvent trade, int line, String connection) throws IOException {
        Match match = recent.match(trade, false);
        if (match == Match.SAME || (match == Match.OTHER && !tracker.obeys(SequenceRule.PAYLOADS_ARE_COMPARED))) {
            sink.duplicate(symbol);
            duplicates.inc();
            deliveredAgain(trade, line);
            return Outcome.DUPLICATE;
        }
        if (match == Match.OTHER && !tracker.isDoubted(trade.id())) {
            contradiction(trade, connection);
            return Outcome.KEPT_APART;
        }
        SequenceVerdict verdict = tracker.judge(trade.id(), trade.tradeTimeMs(), line);
        if (verdict == SequenceVerdict.BELOW && !tracker.obeys(SequenceRule.UNKNOWN_IS_RECORDED)) {
            return Outcome.DUPLICATE;
        }
        if (verdict == SequenceVerdict.FAR_AHEAD && trade.id() - tracker.highest() > limits.maxIds()) {
            tracker.doubt(trade.id(), trade.tradeTimeMs(), line);
            keepApart(trade, connection, "an id far ahead, without evidence");
            doubted(trade);
            return Outcome.KEPT_APART;
        }
        sink.accept(trade);
        long now = time.nanoTime();
        take(trade, line, verdict, false, now);
        if (verdict != SequenceVerdict.BELOW && verdict != SequenceVerdict.FAR_AHEAD) {
            deliveries.delivered(trade, now);
            resumedAtMs = -1;
        }
        return Outcome.NEW;
    }

    /**
     * Accepts a backfilled trade, if it is still missing.
     *
     * @return whether it was
     * @throws IOException if it was and could not be written
     */
    public synchronized boolean offerBackfilled(TradeEvent trade) throws IOException {
        if (!tracker.isMissing(trade.id())) {
            contradicts(trade);
            return false;
        }
        sink.acceptBackfilled(trade);
        take(trade, REST, SequenceVerdict.FILLS_GAP, true, time.nanoTime());
        return true;
    }

    /** Whether REST's trade is recorded with another payload; then it is kept apart. */
    public synchronized boolean contradicts(TradeEvent trade) {
        boolean contradicts = recent.match(trade, true) == Match.OTHER;
        if (contradicts) {
            contradiction(trade, "REST");
        }
        return contradicts;
    }

    @GuardedBy("this")
    private void take(TradeEvent trade, int line, SequenceVerdict verdict, boolean backfilled, long now) {
        long before = tracker.highest();
        List<IdRange> opened = tracker.take(trade.id(), trade.tradeTimeMs(), line, verdict, now);
        recent.add(trade, backfilled, now);
        if (verdict == SequenceVerdict.NEXT) {
            doubtingSinceNanos = Long.MIN_VALUE;
            highest = tracker.highest();
            return;
        }
        switch (verdict) {
            case FAR_AHEAD, BELOW -> doubted(trade);
            case FILLS_GAP -> metrics.idsLate.labelValues(symbol.value()).inc(backfilled ? 0 : 1);
            case RESET -> sequenceReset(trade.id(), before);
            case NEXT, AHEAD, BEFORE_FIRST, FORMER_SEQUENCE -> {}
        }
        if (verdict == SequenceVerdict.AHEAD) {
            doubtingSinceNanos = Long.MIN_VALUE;
            missed(opened, trade.tradeTimeMs());
        }
        if (verdict != SequenceVerdict.FILLS_GAP) {
            gapFound.run();
        }
        publish();
    }

    @GuardedBy("this")
    private void deliveredAgain(TradeEvent trade, int line) {
        if (!tracker.isInDoubt()) {
            return;
        }
        long before = tracker.highest();
        missed(tracker.deliveredAgain(trade.id(), trade.tradeTimeMs(), line, time.nanoTime()), trade.tradeTimeMs());
        if (tracker.highest() < before) {
            sequenceReset(trade.id(), before);
        }
        gapFound.run();
        publish();
    }

    @GuardedBy("this")
    private void contradiction(TradeEvent trade, String connection) {
        metrics.contradictions.labelValues(symbol.value()).inc();
        log.contradiction(trade.id(), connection);
        keepApart(trade, connection, TradeSink.OTHER_PAYLOAD);
    }

    @GuardedBy("this")
    private void keepApart(TradeEvent trade, String connection, String reason) {
        byte[] event = new byte[trade.length()];
        trade.copyTo(event, 0);
        sink.unparsed(connection, event, 0, event.length, reason);
    }

    /** A trade without evidence: if nothing else arrives for seconds, it is the earlier record that is wrong. */
    @GuardedBy("this")
    private void doubted(TradeEvent trade) {
        long now = time.nanoTime();
        metrics.doubted.labelValues(symbol.value()).inc();
        log.doubted(trade.id(), tracker.highest());
        if (doubtingSinceNanos == Long.MIN_VALUE) {
            doubtingSinceNanos = now;
        } else if (now - doubtingSinceNanos >= DISTRUST_AFTER_NANOS) {
            tracker.ignoreTimes();
        }
    }

    @GuardedBy("this")
    private void sequenceReset(long id, long before) {
        doubtingSinceNanos = Long.MIN_VALUE;
        metrics.resets.labelValues(symbol.value()).inc();
        log.sequenceReset(id, before);
    }

    /** @param tradeTimeMs of the first trade after the missing ones, ms since 1970 UTC */
    @GuardedBy("this")
    private void missed(List<IdRange> opened, long tradeTimeMs) {
        for (IdRange ids : opened) {
            metrics.idsMissed.labelValues(symbol.value()).inc(ids.count());
            applyLimits(ids, resumedAtMs < 0 ? 0 : tradeTimeMs - resumedAtMs);
        }
    }

    /** @param pauseMs since the last trade of an earlier run; 0 if this run has already recorded a trade */
    @GuardedBy("this")
    private void applyLimits(IdRange ids, long pauseMs) {
        if (ids.count() > limits.maxIds() || pauseMs > limits.maxAge().toMillis()) {
            countUnrecoverable(ids);
            log.beyondLimits(ids);
        }
    }

    /** Recorded trades turned out to be lost: they are missing from now on, and another copy is recorded. */
    public synchronized void lost(IdRange ids) {
        recent.remove(ids.first(), ids.last());
        List<IdRange> missing =
                tracker.obeys(SequenceRule.DAMAGED_IS_MISSING) ? tracker.lost(ids, time.nanoTime()) : List.of();
        missed(missing, 0);
        missing.forEach(log::lost);
        gapFound.run();
        publish();
    }

    /** Ends the search for these ids and reports them once: log, metric, and the manifest of the next part. */
    public synchronized void markUnrecoverable(IdRange ids, String reason) {
        countUnrecoverable(ids);
        log.unrecoverable(ids, reason);
        publish();
    }

    @GuardedBy("this")
    private void countUnrecoverable(IdRange ids) {
        tracker.markUnrecoverable(ids);
        metrics.idsUnrecoverable.labelValues(symbol.value()).inc(ids.count());
    }

    /**
     * REST reports that the exchange has traded up to {@code id}; ids up to it that have not arrived are missing.
     *
     * @param tradeTimeMs trade time of that id, ms since 1970 UTC
     */
    public synchronized void exchangeHas(long id, long tradeTimeMs) {
        long before = tracker.highest();
        deliveries.reported(id);
        List<IdRange> opened = tracker.exchangeHas(id, tradeTimeMs, time.nanoTime());
        if (tracker.highest() < before) {
            sequenceReset(id, before);
        }
        if (!opened.isEmpty()) {
            missed(opened, tradeTimeMs);
            resumedAtMs = -1;
            gapFound.run();
        }
        publish();
    }

    /** Whether one request to REST for the newest trade can settle what is not believed yet. */
    public synchronized boolean isInDoubt() {
        return tracker.isInDoubt();
    }

    /** The gaps that are still being filled, ascending. Ages are monotonic nanoseconds. */
    public synchronized List<Gap> gaps() {
        return tracker.gaps().stream().filter(gap -> !gap.unrecoverable()).toList();
    }

    /** Greatest id recorded or known to exist; -1 before the first. */
    public long highest() {
        return highest;
    }

    public synchronized Progress progress() {
        return deliveries.progress();
    }

    /**
     * By how much the time without a trade exceeds what the symbol's own pace explains.
     *
     * @param least no silence below this is unusual
     * @param most every silence above this is unusual
     * @return not positive while the silence is usual
     */
    public synchronized Duration unusualSilence(Duration least, Duration most) {
        return deliveries.unusualSilence(least, most);
    }

    @GuardedBy("this")
    private void publish() {
        highest = tracker.highest();
        metrics.idsOpen.labelValues(symbol.value()).set((double) tracker.missingCount());
    }
}
