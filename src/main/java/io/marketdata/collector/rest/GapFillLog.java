package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Symbol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the backfill of one gap, unless there are too many: its start, its progress every 30 s, its end. Pieces into which the gap splits belong to
 * the same backfill. One thread.
 */
final class GapFillLog {

    private static final long PROGRESS_NANOS = 30_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(GapFillLog.class);

    private final Symbol symbol;
    private final IdRange ids;
    private final LogThrottle throttle;
    private boolean started;
    private boolean logged;
    private long startedNanos;
    private long loggedNanos;
    private long loggedBackfilled;
    private long backfilled;
    private long unrecoverable;

    /** @param throttle shared by all gaps: a connection could cause any number of them */
    GapFillLog(Symbol symbol, IdRange ids, LogThrottle throttle) {
        this.symbol = symbol;
        this.ids = ids;
        this.throttle = throttle;
    }

    /** Called before each request; the first one starts the backfill. */
    void start(long nowNanos) {
        if (!started) {
            started = true;
            startedNanos = nowNanos;
            loggedNanos = nowNanos;
            logged = throttle.admits(symbol, nowNanos);
            if (logged) {
                LOG.info("Backfilling: {} {} ({})", symbol, range(ids), LogText.count(ids.count(), "id"));
            }
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
        if (logged && nowNanos - loggedNanos >= PROGRESS_NANOS && backfilled > loggedBackfilled) {
            long perMinute = (backfilled - loggedBackfilled) * 60_000_000_000L / (nowNanos - loggedNanos);
            String done = LogText.count(backfilled, "id") + " over REST so far, " + perMinute + " per minute";
            LOG.info("Still backfilling: {} {}, {}, {} left", symbol, range(ids), done, left);
            loggedNanos = nowNanos;
            loggedBackfilled = backfilled;
        }
    }

    /** Called when no piece is left. */
    void end(long nowNanos) {
        if (logged && unrecoverable < ids.count()) {
            long overConnections = Math.max(0, ids.count() - backfilled - unrecoverable);
            String counts = LogText.count(ids.count(), "id") + ": " + backfilled + " over REST, " + overConnections
                    + " over connections, " + unrecoverable + " unrecoverable";
            long millis = (nowNanos - startedNanos) / 1_000_000;
            LOG.info("Backfilled: {} {} ({}) in {} ms", symbol, range(ids), counts, millis);
        }
    }

    static String range(IdRange ids) {
        return ids.first() + ".." + ids.last();
    }
}
