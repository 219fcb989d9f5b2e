package io.marketdata.collector.feed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.feed.SequenceTracker.Verdict;
import io.marketdata.collector.metrics.Metrics;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way into the record for the trades of one symbol, whichever connection or REST answer brings them: each id passes
 * once. An id counts as recorded only after its line is written.
 *
 * <p>Any thread. The lock is held during the write, so that two connections cannot write one id twice.
 */
public final class LineArbiter {

    /** After this time without a trade REST is queried, however seldom the symbol trades. */
    public static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    /** A larger gap, or an older one, is reported and not fetched: REST would need hours, and archives have it. */
    public record Limits(long maxIds, Duration maxAge) {}

    /**
     * What connections have brought.
     *
     * @param lastId of the last new trade; -1 before the first of this run
     * @param lastNanos when that was, or when the run began; monotonic
     * @param delayMs from when it was traded until it arrived, by the two wall clocks
     * @param exchangeGoesOn whether the exchange, asked twice since then, told of a newer trade the second time
     */
    public record Progress(long lastId, long lastNanos, long delayMs, boolean exchangeGoesOn) {}

    /** The delay of one id in 16 is noted. */
    private static final long SAMPLED = 15;

    private static final Logger LOG = LoggerFactory.getLogger(LineArbiter.class);

    private final Symbol symbol;
    private final TradeSink sink;
    private final Limits limits;
    private final Time time;
    private final Metrics metrics;
    private final CounterDataPoint duplicates;

    @GuardedBy("this")
    private final SequenceTracker tracker = new SequenceTracker();

    @GuardedBy("this")
    private final Pace pace = new Pace();

    @GuardedBy("this")
    private long lastNewNanos;

    /** Trade time of the last trade of an earlier run, ms; until the first trade of this one. -1 if there is none. */
    @GuardedBy("this")
    private long resumedAtMs = -1;

    @GuardedBy("this")
    private long lastNewId = -1;

    @GuardedBy("this")
    private long lastDelayMs;

    /** What the exchange told first since a connection has brought a trade; -1 if nothing. */
    @GuardedBy("this")
    private long toldId = -1;

    @GuardedBy("this")
    private boolean exchangeGoesOn;

    @GuardedBy("this")
    private Runnable gapFound = () -> {};

    private volatile long highest = -1;

    public LineArbiter(Symbol symbol, TradeSink sink, Limits limits, Time time, Metrics metrics) {
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
     * Continues from what an earlier run recorded. Before any trade.
     *
     * @param highestId greatest id it recorded
     * @param tradeTimeMs when that was, ms since 1970 UTC
     * @param gaps what is missing below; ages in monotonic nanoseconds
     */
    public synchronized void resume(long highestId, long tradeTimeMs, List<Gap> gaps) {
        tracker.resume(
                highestId,
                gaps.stream()
                        .map(gap -> new Gap(gap.ids(), gap.since(), gap.ids().count() > limits.maxIds()))
                        .toList());
        resumedAtMs = tradeTimeMs;
        publish();
    }

    /**
     * Notes a trade that an earlier run recorded and did not tell of in its notes. Before any trade.
     *
     * @param origin a trade that was fetched afterwards may lie far below the others, and tells of no new count
     */
    public synchronized void resumeTrade(Origin origin, long id) {
        long before = tracker.highest();
        Verdict verdict = tracker.judge(id);
        boolean newCount = verdict == Verdict.SUSPECTED_RESET || verdict == Verdict.RESET;
        if (newCount && origin == Origin.REST) {
            return;
        }
        tracker.take(id, verdict, time.nanoTime());
        if (verdict == Verdict.AHEAD) {
            leaveIfTooMuch(new IdRange(before + 1, id - 1), 0);
        }
        publish();
    }

    /**
     * Lets whoever fills gaps know of each.
     *
     * @param found run whenever ids may be missing that were not before; on the thread that found it, which holds the
     *     arbiter's lock
     */
    public synchronized void onGap(Runnable found) {
        gapFound = found;
    }

    /**
     * Takes a trade from a connection.
     *
     * @return whether it was new
     * @throws IOException if it was new and could not be written
     */
    public boolean offer(TradeEvent trade) throws IOException {
        return pass(trade, false);
    }

    /**
     * Takes a trade that was fetched over REST.
     *
     * @return whether it was new
     * @throws IOException if it was new and could not be written
     */
    public boolean offerBackfilled(TradeEvent trade) throws IOException {
        return pass(trade, true);
    }

    private synchronized boolean pass(TradeEvent trade, boolean backfilled) throws IOException {
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
            unusual(verdict, trade, before, backfilled);
        }
        if (!backfilled) {
            if ((trade.id() & SAMPLED) == 0) {
                metrics.receiveDelay.observe((trade.receivedMicros() - trade.tradeTimeMs() * 1_000) / 1e6);
                metrics.acceptTime.observe((time.epochMicros() - trade.receivedMicros()) / 1e6);
            }
            lastDelayMs = trade.receivedMicros() / 1_000 - trade.tradeTimeMs();
            lastNewNanos = now;
            lastNewId = trade.id();
            toldId = -1;
            exchangeGoesOn = false;
            pace.traded(now);
            resumedAtMs = -1;
        }
        highest = tracker.highest();
        return true;
    }

    @GuardedBy("this")
    private void unusual(Verdict verdict, TradeEvent trade, long before, boolean backfilled) {
        switch (verdict) {
            case AHEAD -> {
                IdRange ids = new IdRange(before + 1, trade.id() - 1);
                metrics.idsMissed.labelValues(symbol.value()).inc(ids.count());
                long pauseMs = resumedAtMs < 0 ? 0 : trade.tradeTimeMs() - resumedAtMs;
                leaveIfTooMuch(ids, pauseMs);
            }
            case FILLS_GAP -> {
                if (!backfilled) {
                    metrics.idsLate.labelValues(symbol.value()).inc();
                }
            }
            case SUSPECTED_RESET ->
                LOG.warn(
                        "{}: trade id {} after {}; recorded. Another one like it means that the exchange counts again",
                        symbol,
                        trade.id(),
                        before);
            case RESET ->
                LOG.warn(
                        "{}: the exchange counts its trades again, from about {}; the ids before ended with {}",
                        symbol,
                        trade.id(),
                        before);
            case NEXT, BEFORE_FIRST, FORMER_COUNT, DUPLICATE -> {}
        }
        if (verdict != Verdict.FILLS_GAP) {
            gapFound.run();
        }
        publish();
    }

    /** @param pauseMs since the last trade of an earlier run, 0 if this run has begun to record */
    @GuardedBy("this")
    private void leaveIfTooMuch(IdRange ids, long pauseMs) {
        if (ids.count() > limits.maxIds() || pauseMs > limits.maxAge().toMillis()) {
            leaveToBackfill(ids);
        }
    }

    @GuardedBy("this")
    private void leaveToBackfill(IdRange ids) {
        tracker.giveUp(ids);
        metrics.idsUnrecoverable.labelValues(symbol.value()).inc(ids.count());
        LOG.error(
                "{}: {} trades are missing, ids {} to {}, and are not fetched while recording, because they are more than"
                        + " {} or older than {} h. To fetch them: java -jar collector.jar backfill --symbol {} --from-id {}"
                        + " --to-id {}",
                symbol,
                ids.count(),
                ids.first(),
                ids.last(),
                limits.maxIds(),
                limits.maxAge().toHours(),
                symbol,
                ids.first(),
                ids.last());
    }

    /** Nobody looks for these ids any more. Said once: log, metric, and the manifest of the part after them. */
    public synchronized void giveUp(IdRange ids, String reason) {
        tracker.giveUp(ids);
        metrics.idsUnrecoverable.labelValues(symbol.value()).inc(ids.count());
        LOG.error(
                "{}: {} trades are missing for good, ids {} to {}: {}. The next manifest names them",
                symbol,
                ids.count(),
                ids.first(),
                ids.last(),
                reason);
        publish();
    }

    /**
     * The exchange has traded up to {@code id}; what has not arrived of that is missing.
     *
     * @param tradeTimeMs when it traded that, ms since 1970 UTC
     */
    public synchronized void exchangeHas(long id, long tradeTimeMs) {
        long before = tracker.highest();
        // The first answer may tell of a trade before the connections were open.
        exchangeGoesOn |= toldId >= 0 && id > toldId;
        toldId = Math.max(toldId, id);
        tracker.exchangeHas(id, time.nanoTime());
        if (before >= 0 && id > before) {
            IdRange ids = new IdRange(before + 1, id);
            metrics.idsMissed.labelValues(symbol.value()).inc(ids.count());
            long pauseMs = resumedAtMs < 0 ? 0 : tradeTimeMs - resumedAtMs;
            leaveIfTooMuch(ids, pauseMs);
            resumedAtMs = -1;
            gapFound.run();
        }
        publish();
    }

    /** What is missing and looked for, ascending. Ages are monotonic nanoseconds. */
    public synchronized List<Gap> gaps() {
        return tracker.gaps().stream().filter(gap -> !gap.unrecoverable()).toList();
    }

    /** Greatest id recorded or known to exist; -1 before the first. */
    public long highest() {
        return highest;
    }

    /** What connections have brought, and whether the exchange trades without them. */
    public synchronized Progress progress() {
        return new Progress(lastNewId, lastNewNanos, lastDelayMs, exchangeGoesOn);
    }

    /**
     * How long the symbol has been silent beyond what its own pace explains.
     *
     * @param least no silence below this is unusual
     * @param most every silence above this is
     * @return not positive while the silence is a usual one
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
