package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the backfill of one gap: its start, its progress every 30 s, its end. Pieces into which the gap splits belong to
 * the same backfill. One thread.
 */
final class GapFillLog {

    private static final long PROGRESS_NANOS = 30_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(GapFillLog.class);

    private final Symbol symbol;
    private final IdRange ids;
    private boolean started;
    private long startedNanos;
    private long loggedNanos;
    private long loggedBackfilled;
    private long backfilled;
    private long unrecoverable;

    GapFillLog(Symbol symbol, IdRange ids) {
        this.symbol = symbol;
        this.ids = ids;
    }

    /** Called before each request; the first one starts the backfill. */
    void start(long nowNanos) {
        if (!started) {
            started = true;
            startedNanos = nowNanos;
            loggedNanos = nowNanos;
            LOG.info("Backfilling: {} {} ({})", symbol, range(ids), ids(ids.count()));
        }
    }

    void addBackfilled(long count) {
        backfilled += count;
    }

    void addUnrecoverable(long count) {
        unrecoverable += count;
    }

    /** @param left ids of the piece that was requested last */
    void progress(long nowNanos, long left) {
        if (nowNanos - loggedNanos >= PROGRESS_NANOS && backfilled > loggedBackfilled) {
            LOG.info(
                    "Still backfilling: {} {}, {} over REST so far, {} per minute, {} left",
                    symbol,
                    range(ids),
                    ids(backfilled),
                    (backfilled - loggedBackfilled) * 60_000_000_000L / (nowNanos - loggedNanos),
                    left);
            loggedNanos = nowNanos;
            loggedBackfilled = backfilled;
        }
    }

    /** Called when no piece is left. */
    void end(long nowNanos) {
        if (started && unrecoverable < ids.count()) {
            LOG.info(
                    "Backfilled: {} {} ({}: {} over REST, {} over connections, {} unrecoverable) in {} ms",
                    symbol,
                    range(ids),
                    ids(ids.count()),
                    backfilled,
                    Math.max(0, ids.count() - backfilled - unrecoverable),
                    unrecoverable,
                    (nowNanos - startedNanos) / 1_000_000);
        }
    }

    private static String ids(long count) {
        return count == 1 ? "1 id" : count + " ids";
    }

    static String range(IdRange ids) {
        return ids.first() + ".." + ids.last();
    }
}
