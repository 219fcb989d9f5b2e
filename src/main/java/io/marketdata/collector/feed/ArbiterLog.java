package io.marketdata.collector.feed;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a {@link LineArbiter} logs. Whatever the exchange can cause at will is logged at most once a minute. */
final class ArbiterLog {

    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(LineArbiter.class);

    private final Symbol symbol;
    private final LineArbiter.Limits limits;
    private final Time time;
    private final LogThrottle contradictions = new LogThrottle(INTERVAL);
    private final LogThrottle doubts = new LogThrottle(INTERVAL);
    private final LogThrottle resets = new LogThrottle(INTERVAL);
    private final LogThrottle gaps = new LogThrottle(INTERVAL);

    ArbiterLog(Symbol symbol, LineArbiter.Limits limits, Time time) {
        this.symbol = symbol;
        this.limits = limits;
        this.time = time;
    }

    void contradiction(long id, String connection) {
        if (contradictions.admits(time.nanoTime())) {
            String message =
                    "{}: {} delivered trade {} with another payload than the recorded one, which stays; this one"
                            + " goes to unparsed/. Later ones are not logged for a minute";
            LOG.warn(message, symbol, connection, id);
        }
    }

    void doubted(long id, long highest) {
        if (doubts.admits(time.nanoTime())) {
            String message =
                    "{}: trade id {} does not follow {}. The trade is kept; the id is not believed without evidence."
                            + " Later ones are not logged for a minute";
            LOG.warn(message, symbol, id, highest);
        }
    }

    void sequenceReset(long id, long before) {
        if (resets.admits(time.nanoTime())) {
            String message = "{}: sequence reset: the exchange's trade ids continue from {}, the highest one before was"
                    + " {}. Either the exchange has started its ids again, or the earlier record was wrong; recording"
                    + " continues";
            LOG.warn(message, symbol, id, before);
        }
    }

    void lost(IdRange ids) {
        if (gaps.admits("lost", time.nanoTime())) {
            LOG.warn("{}: {} after recording: the line is damaged. Backfilling", symbol, missing(ids));
        }
    }

    void beyondLimits(IdRange ids) {
        if (gaps.admits("beyond limits", time.nanoTime())) {
            String limit = limits.maxIds() + " ids or " + limits.maxAge().toHours() + " h";
            String command = "backfill --symbol " + symbol + " --from-id " + ids.first() + " --to-id " + ids.last();
            String message = "{}: {}, not backfilled while recording because the limit is {}. To fetch them:"
                    + " java -jar collector.jar {}";
            LOG.error(message, symbol, missing(ids), limit, command);
        }
    }

    void unrecoverable(IdRange ids, String reason) {
        if (gaps.admits("unrecoverable", time.nanoTime())) {
            LOG.error("{}: unrecoverable gap: {}: {}. The next manifest lists them", symbol, missing(ids), reason);
        }
    }

    private static String missing(IdRange ids) {
        String trades = ids.count() == 1 ? "1 trade is" : ids.count() + " trades are";
        return trades + " missing, ids " + ids.first() + " to " + ids.last();
    }
}
