package io.marketdata.collector.feed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.feed.SequenceTracker.Verdict;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deduplicates the trades of one symbol and tracks its gaps: A/B line arbitration by trade id between the redundant
 * connections and REST. Each id is written once, and counts as recorded only after its line is written.
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

    /** Bit mask: the delay of one id in 16 is measured. */
    private static final long SAMPLED = 15;

    private static final Logger LOG = LoggerFactory.getLogger(LineArbiter.class);

    private final Symbol symbol;
    private final TradeSink sink;
    private final Limits limits;
    private final Time time;
    private final FeedMetrics metrics;
    private final CounterDataPoint duplicates;

    @GuardedBy("this")
    private final SequenceTracker tracker = new SequenceTracker();

    @GuardedBy("this")
    private final Pace pace = new Pace();

    @GuardedBy("this")
    private long lastNewNanos;

    /** Trade time of the last trade of an earlier run, ms; -1 without one, and from the first trade of this run on. */
    @GuardedBy("this")
    private long resumedAtMs = -1;

    @GuardedBy("this")
    private long lastNewId = -1;

    @GuardedBy("this")
    private long lastDelayMs;

    /** Greatest id reported by REST since a connection has delivered a trade; -1 if none. */
    @GuardedBy("this")
    private long reportedId = -1;

    @GuardedBy("this")
    private boolean marketTrading;

    @GuardedBy("this")
    private Runnable gapFound = () -> {};

    private volatile long highest = -1;

    public LineArbiter(Symbol symbol, TradeSink sink, Limits limits, Time time, FeedMetrics metrics) {
        this.symbol = symbol;
        this.sink = sink;
        this.limits = limits;
        this.time = time;
        this.metrics = metrics;
        this.duplicates = metrics.duplicates.labelValues(symbol.value());
        this.lastNewNanos = time.nanoTime();
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
     */
    public synchronized void resume(long highestId, long tradeTimeMs, List<Gap> gaps) {
        Stream<Gap> limited = gaps.stream()
                .map(gap -> new Gap(gap.ids(), gap.since(), gap.ids().count() > limits.maxIds()));
        tracker.resume(highestId, limited.toList());
        resumedAtMs = tradeTimeMs;
        publish();
    }

    /**
     * Adds a trade that an earlier run recorded and that its checkpoint does not contain. Called before any trade.
     *
     * @param origin a backfilled trade may be far below the others and is never a sequence reset
     */
    public synchronized void resumeTrade(Origin origin, long id) {
        long before = tracker.highest();
        Verdict verdict = tracker.judge(id);
        boolean reset = verdict == Verdict.SUSPECTED_RESET || verdict == Verdict.RESET;
        if (reset && origin == Origin.REST) {
            return;
        }
        tracker.take(id, verdict, time.nanoTime());
        if (verdict == Verdict.AHEAD) {
            applyLimits(new IdRange(before + 1, id - 1), 0);
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
     * @return whether it was new
     * @throws IOException if it was new and could not be written
     */
    public boolean offer(TradeEvent trade) throws IOException {
        return arbitrate(trade, false);
    }

    /**
     * Accepts a backfilled trade.
     *
     * @return whether it was new
     * @throws IOException if it was new and could not be written
     */
    public boolean offerBackfilled(TradeEvent trade) throws IOException {
        return arbitrate(trade, true);
    }

    private synchronized boolean arbitrate(TradeEvent trade, boolean backfilled) throws IOException {
        Verdict verdict = tracker.judge(trade.id());
        if (verdict == Verdict.DUPLICATE) {
            if (!backfilled) {
                sink.duplicate(symbol);
                duplicates.inc();
            }
            return false;
        }
        if (backfilled) {
            sink.acceptBackfilled(trade);
        } else {
            sink.accept(trade);
        }
        long before = tracker.highest();
        long now = time.nanoTime();
        tracker.take(trade.id(), verdict, now);
        if (verdict != Verdict.NEXT) {
            outOfSequence(verdict, trade, before, backfilled);
        }
        if (!backfilled) {
            delivered(trade, now);
        }
        highest = tracker.highest();
        return true;
    }

    @GuardedBy("this")
    private void delivered(TradeEvent trade, long now) {
        if ((trade.id() & SAMPLED) == 0) {
            metrics.receiveDelay.observe((trade.receivedMicros() - trade.tradeTimeMs() * 1_000) / 1e6);
            metrics.acceptTime.observe((time.epochMicros() - trade.receivedMicros()) / 1e6);
        }
        lastDelayMs = trade.receivedMicros() / 1_000 - trade.tradeTimeMs();
        lastNewNanos = now;
        lastNewId = trade.id();
        reportedId = -1;
        marketTrading = false;
        pace.traded(now);
        resumedAtMs = -1;
    }

    @GuardedBy("this")
    private void outOfSequence(Verdict verdict, TradeEvent trade, long before, boolean backfilled) {
        switch (verdict) {
            case AHEAD -> missed(new IdRange(before + 1, trade.id() - 1), trade.tradeTimeMs());
            case FILLS_GAP -> {
                if (!backfilled) {
                    metrics.idsLate.labelValues(symbol.value()).inc();
                }
            }
            case SUSPECTED_RESET ->
                LOG.warn(
                        "{}: trade id {} after {} was recorded; a second one like it means a sequence reset of the exchange",
                        symbol,
                        trade.id(),
                        before);
            case RESET ->
                LOG.warn(
                        "{}: sequence reset: the exchange's trade ids start again at about {}; the last one before was {}",
                        symbol,
                        trade.id(),
                        before);
            case NEXT, BEFORE_FIRST, FORMER_SEQUENCE, DUPLICATE -> {}
        }
        if (verdict != Verdict.FILLS_GAP) {
            gapFound.run();
        }
        publish();
    }

    /** @param tradeTimeMs of the first trade after the missing ones, ms since 1970 UTC */
    @GuardedBy("this")
    private void missed(IdRange ids, long tradeTimeMs) {
        metrics.idsMissed.labelValues(symbol.value()).inc(ids.count());
        applyLimits(ids, resumedAtMs < 0 ? 0 : tradeTimeMs - resumedAtMs);
    }

    /** @param pauseMs since the last trade of an earlier run; 0 if this run has already recorded a trade */
    @GuardedBy("this")
    private void applyLimits(IdRange ids, long pauseMs) {
        if (ids.count() <= limits.maxIds() && pauseMs <= limits.maxAge().toMillis()) {
            return;
        }
        countUnrecoverable(ids);
        String limit = limits.maxIds() + " ids or " + limits.maxAge().toHours() + " h";
        String command = "backfill --symbol " + symbol + " --from-id " + ids.first() + " --to-id " + ids.last();
        String message = "{}: {}, not backfilled while recording because the limit is {}. To fetch them:"
                + " java -jar collector.jar {}";
        LOG.error(message, symbol, missing(ids), limit, command);
    }

    private static String missing(IdRange ids) {
        String trades = ids.count() == 1 ? "1 trade is" : ids.count() + " trades are";
        return trades + " missing, ids " + ids.first() + " to " + ids.last();
    }

    /** Ends the search for these ids and reports them once: log, metric, and the manifest of the next part. */
    public synchronized void markUnrecoverable(IdRange ids, String reason) {
        countUnrecoverable(ids);
        LOG.error("{}: unrecoverable gap: {}: {}. The next manifest lists them", symbol, missing(ids), reason);
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
        // The first answer may report a trade from before the connections were open.
        marketTrading |= reportedId >= 0 && id > reportedId;
        reportedId = Math.max(reportedId, id);
        tracker.exchangeHas(id, time.nanoTime());
        if (before >= 0 && id > before) {
            missed(new IdRange(before + 1, id), tradeTimeMs);
            resumedAtMs = -1;
            gapFound.run();
        }
        publish();
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
        return new Progress(lastNewId, lastNewNanos, lastDelayMs, marketTrading);
    }

    /**
     * By how much the time without a trade exceeds what the symbol's own pace explains.
     *
     * @param least no silence below this is unusual
     * @param most every silence above this is unusual
     * @return not positive while the silence is usual
     */
    public synchronized Duration unusualSilence(Duration least, Duration most) {
        return Duration.ofNanos(time.nanoTime() - lastNewNanos).minus(pace.unusualSilence(least, most));
    }

    @GuardedBy("this")
    private void publish() {
        highest = tracker.highest();
        metrics.idsOpen.labelValues(symbol.value()).set((double) tracker.missingCount());
    }
}
