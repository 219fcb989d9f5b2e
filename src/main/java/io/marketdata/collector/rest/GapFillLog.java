package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The story of one gap as it is told in the log: a beginning, news every 30 s while it gets on, an end. Pieces into which
 * the gap falls belong to the same story. One thread.
 */
final class GapFillLog {

    private static final long NEWS_NANOS = 30_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(GapFillLog.class);

    private final Symbol symbol;
    private final IdRange ids;
    private boolean told;
    private long begunNanos;
    private long newsNanos;
    private long newsOverRest;
    private long overRest;
    private long lost;

    GapFillLog(Symbol symbol, IdRange ids) {
        this.symbol = symbol;
        this.ids = ids;
    }

    /** Before each request: the first is the beginning. */
    void begin(long nowNanos) {
        if (!told) {
            told = true;
            begunNanos = nowNanos;
            newsNanos = nowNanos;
            LOG.info("Recovering: {} {} ({} ids)", symbol, range(ids), ids.count());
        }
    }

    void backfilled(long count) {
        overRest += count;
    }

    void lost(long count) {
        lost += count;
    }

    /** @param left ids of the piece that was dealt with last */
    void news(long nowNanos, long left) {
        if (nowNanos - newsNanos >= NEWS_NANOS && overRest > newsOverRest) {
            LOG.info(
                    "Still recovering: {} {}, {} ids over REST so far, {} a minute, {} to go",
                    symbol,
                    range(ids),
                    overRest,
                    (overRest - newsOverRest) * 60_000_000_000L / (nowNanos - newsNanos),
                    left);
            newsNanos = nowNanos;
            newsOverRest = overRest;
        }
    }

    /** No piece is left. */
    void end(long nowNanos) {
        if (told && lost < ids.count()) {
            LOG.info(
                    "Recovered: {} {} ({} ids: {} over REST, {} over connections, {} lost) in {} ms",
                    symbol,
                    range(ids),
                    ids.count(),
                    overRest,
                    Math.max(0, ids.count() - overRest - lost),
                    lost,
                    (nowNanos - begunNanos) / 1_000_000);
        }
    }

    static String range(IdRange ids) {
        return ids.first() + ".." + ids.last();
    }
}
