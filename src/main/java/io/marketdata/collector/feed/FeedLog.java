package io.marketdata.collector.feed;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Time;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connections of a feed log. The exchange can cause each of these events at will, so their lines are bounded: a
 * few a minute of a connection that opens, is replaced or is closed; the first failure of a connection; and of failures
 * that repeat, one line a minute. Any thread.
 */
final class FeedLog {

    private static final Duration INTERVAL = Duration.ofMinutes(1);

    /** Lines of one event in a minute: enough for the start and a restart of the exchange. */
    private static final int BURST = 10;

    private static final Logger LOG = LoggerFactory.getLogger(FeedLine.class);

    private final Time time;
    private final LogThrottle events = new LogThrottle(INTERVAL, BURST);
    private final LogThrottle faults = new LogThrottle(INTERVAL);
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean failing;

    FeedLog(Time time) {
        this.time = time;
    }

    /** @param failures of this feed line in a row, before this attempt */
    void connecting(String name, URI server, int failures) {
        if (failures == 0 && isFew("connecting")) {
            LOG.info("Connecting: {} to {}", name, server);
        }
    }

    void connected(String name, URI server) {
        // While connections end again and again, only those that stay are worth a line each.
        if (failing ? faults.admits("connected", time.nanoTime()) : isFew("connected")) {
            LOG.info("Connected: {} to {}", name, server);
        }
    }

    void closed(String name) {
        if (isFew("closed")) {
            LOG.info("Closed: {}", name);
        }
    }

    void replacing(String name, String reason) {
        if (isFew("replacing")) {
            LOG.info("Replacing: {}, because {}", name, reason);
        }
    }

    void tookOver(String ended, String successor, String reason) {
        if (isFew("took over")) {
            LOG.info("{} ended and its successor {} takes over: {}", ended, successor, reason);
        }
    }

    void notProven(String successor, String old, String kept) {
        if (faults.admits("not proven", time.nanoTime())) {
            String message = "Trade ids do not prove that {} continues {} without a gap: keeping {}";
            LOG.warn(message, successor, old, kept);
        }
    }

    void shutdownAnnounced(String name) {
        if (isFew("announced")) {
            LOG.info("The exchange announced that it will close {}", name);
        }
    }

    void refusedRequest(byte[] bytes, int offset, int length) {
        if (faults.admits("refused", time.nanoTime())) {
            String message = "The exchange refused a request: {}. Later ones are not logged for a minute";
            LOG.warn(message, LogText.of(bytes, offset, length));
        }
    }

    /**
     * A connection ended, or could not be opened.
     *
     * @param first whether it was open, and the end is the first one of its feed line for a while
     */
    void reconnecting(Duration pause, String name, String reason, boolean first) {
        failing = !first;
        // The first end of each line has a line of its own; the exchange being down is one fault of all of them.
        if (!faults.admits(first ? name.substring(0, name.indexOf('.')) : "failing", time.nanoTime())) {
            failures.incrementAndGet();
            return;
        }
        long before = failures.getAndSet(0);
        String unlogged = before == 0 ? "" : " (" + LogText.count(before, "more end") + " since the last line)";
        String remedy = first
                ? ""
                : ". If this lasts: check WS_URL, DNS, the firewall and the proxy with: java -jar collector.jar doctor."
                        + " Missed trades are backfilled afterwards; repeated failures are logged once a minute";
        LOG.warn("Reconnecting in {} ms: {} ended: {}{}{}", pause.toMillis(), name, reason, unlogged, remedy);
    }

    /** A host demands a longer pause than missed trades can wait for. */
    void refusesTooLong(URI server, int status, Duration demanded, Duration kept) {
        if (faults.admits(server.getHost(), time.nanoTime())) {
            String message = "{} demands no connections from this address for {} (HTTP {}). Missed trades must be"
                    + " backfilled sooner, so it is tried again in {}. Run the collector from another address, or name"
                    + " another server in WS_URL, and find out what else uses this address";
            LOG.error(message, server.getHost(), LogText.time(demanded), status, LogText.time(kept));
        }
    }

    void refusesLocation(String servers, @Nullable URI fallback) {
        String message = "The exchange refuses connections from this location (HTTP 451; servers: {}); recording"
                + " from {} instead. Gaps are filled only if REST_URL can be reached from here";
        LOG.warn(message, servers, fallback);
    }

    private boolean isFew(String event) {
        return events.admits(event, time.nanoTime());
    }
}
