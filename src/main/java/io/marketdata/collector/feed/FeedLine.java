package io.marketdata.collector.feed;

import io.marketdata.collector.feed.FeedConnection.Phase;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Time;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection for a set of streams alive, indefinitely. A connection that ends is followed by another one, at once and then with
 * growing pauses. A connection that has to go while it still works (its age, the exchange's announcement, a stall, lag) is
 * replaced: its successor is opened first, and it is closed when the ids prove that nothing lies between the two.
 *
 * <p>One thread calls {@link #tick()} often; nothing here waits.
 */
final class FeedLine {

    /** Opens connections; each on a thread of its own. */
    interface Opener {
        FeedConnection open(String name, URI server);
    }

    private static final Logger LOG = LoggerFactory.getLogger(FeedLine.class);

    /** A connection that brought trades for so long has worked; its end is not part of a row of failures. */
    private static final long WORKED_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** For how long a connection and its successor overlap at least. */
    private static final long OVERLAP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Without a proof by ids for so long, one of the two is closed all the same. */
    private static final long PROOF_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** For the exchange to answer a close, and then for a cut connection to end. */
    private static final long CLOSE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** All trades of a connection must be late for so long. */
    private static final Duration LATE_FOR = Duration.ofSeconds(10);

    /** The exchange wants fewer requests, or has banned this address. */
    private static final Set<Integer> KEEP_AWAY = Set.of(403, 418, 429);

    /** "From 2 minutes to 3 days" (Binance rest-api.md, 2026-07); a longer one is not believed. */
    private static final Duration LONGEST_BAN = Duration.ofDays(3);

    /** Many collectors are told the same time to come back. */
    private static final int RETRY_AFTER_JITTER_MS = 5_000;

    /** How long to stay away after HTTP 403, 418 and 429 if the exchange does not say; doubles. */
    private static final Backoff REFUSED = new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(15));

    private final int number;
    private final int lines;
    private final List<LineArbiter> arbiters;
    private final FeedOptions options;
    private final Endpoints endpoints;
    private final ConnectBudget budget;
    private final Opener opener;
    private final Time time;
    private final DoubleSupplier random;
    private final FeedMetrics metrics;

    private @Nullable FeedConnection current;
    private @Nullable FeedConnection successor;
    private @Nullable StaleWatch staleWatch;
    private final List<Leaving> leaving = new ArrayList<>();

    /** Whether the current connection brings nothing of a symbol, so that its ids prove nothing. */
    private boolean stalled;

    private long renewAfterNanos;
    private long notBefore;
    private int births;
    private int endsInARow;
    private int refusalsInARow;

    /** A connection on its way out. */
    private record Leaving(FeedConnection connection, long sinceNanos) {}

    /**
     * @param number from 1; tells the feed lines apart in the log and spreads their renewals
     * @param lines how many feed lines carry the same streams
     */
    FeedLine(
            int number,
            int lines,
            List<LineArbiter> arbiters,
            FeedOptions options,
            Endpoints endpoints,
            ConnectBudget budget,
            Opener opener,
            Time time,
            DoubleSupplier random,
            FeedMetrics metrics) {
        this.number = number;
        this.arbiters = List.copyOf(arbiters);
        this.options = options;
        this.endpoints = endpoints;
        this.budget = budget;
        this.opener = opener;
        this.time = time;
        this.random = random;
        this.metrics = metrics;
        this.lines = lines;
        this.notBefore = time.nanoTime();
    }

    /** The first connections of the feed lines are born together and renewed far apart; so are all that follow. */
    private long firstAge() {
        return age() - options.maxAge().toNanos() / lines * ((number - 1) % lines);
    }

    private long age() {
        return options.maxAge().toNanos() - (long) (options.maxAgeJitter().toNanos() * random.getAsDouble());
    }

    /** Looks after the feed line's connections. */
    void tick() {
        long now = time.nanoTime();
        seeOff(now);
        successor = alive(successor, now);
        current = alive(current, now);
        FeedConnection connection = current;
        if (connection == null) {
            if (mayConnect(now)) {
                become(connect(), firstAge());
            }
        } else if (connection.phase() == Phase.OPEN) {
            FeedConnection next = successor;
            if (next == null) {
                replaceIfNeeded(connection, now);
            } else if (next.phase() == Phase.OPEN && covers(next, connection, now)) {
                leave(connection, now);
                become(next, age());
            } else if (next.phase() == Phase.OPEN && now - next.openedNanos() >= PROOF_PATIENCE_NANOS) {
                takeTheBetter(next, connection, now);
            }
        }
    }

    /** Closes the feed line's connections and opens none. */
    void rest() {
        long now = time.nanoTime();
        if (current != null) {
            leave(current, now);
        }
        if (successor != null) {
            leave(successor, now);
        }
        current = null;
        successor = null;
        endsInARow = 0;
        notBefore = now;
        seeOff(now);
    }

    /** Makes a connection the current one, and forgets what was known of the one before. */
    private void become(FeedConnection connection, long renewAfter) {
        current = connection;
        successor = null;
        staleWatch = null;
        stalled = false;
        renewAfterNanos = renewAfter;
    }

    private boolean mayConnect(long now) {
        return now - notBefore >= 0 && budget.take(now);
    }

    private FeedConnection connect() {
        births++;
        String name = "connection " + number + "." + births;
        URI server = endpoints.pick(number - 1, endsInARow);
        LOG.info("Connecting: {} to {}", name, server);
        metrics.connections.inc();
        return opener.open(name, server);
    }

    /** The connection; or its successor, or null, if it has ended or must be given up. */
    private @Nullable FeedConnection alive(@Nullable FeedConnection connection, long now) {
        if (connection == null) {
            return null;
        }
        if (connection.phase() != Phase.ENDED) {
            long overdue = overdue(connection, now);
            if (overdue < 0) {
                return connection;
            }
            if (connection.phase() == Phase.OPEN) {
                connection.cut(
                        EndCause.IDLE, "no frame for " + options.idleTimeout().toSeconds() + " s");
            } else {
                connection.cut(
                        EndCause.UNREACHABLE,
                        "not connected within " + options.connectTimeout().toMillis() + " ms");
            }
            if (overdue < CLOSE_PATIENCE_NANOS) {
                return connection;
            }
            connection.abandon();
        }
        metrics.disconnections.labelValues(connection.end().cause().label()).inc();
        FeedConnection next = successor;
        if (connection == current && next != null) {
            LOG.info(
                    "{} ended and {} goes on: {}",
                    connection.name(),
                    next.name(),
                    connection.end().reason());
            become(next, age());
            return next;
        }
        failed(connection, now);
        return null;
    }

    /** By how much a connection has overstepped its time; negative if it has not. */
    private long overdue(FeedConnection connection, long now) {
        // TCP, TLS and the handshake each have the connect time-out on the socket; this one is for what slips through.
        return connection.phase() == Phase.OPEN
                ? now - connection.lastFrameNanos() - options.idleTimeout().toNanos()
                : now - connection.bornNanos() - 2 * options.connectTimeout().toNanos();
    }

    private void failed(FeedConnection connection, long now) {
        ConnectionEnd.Told end = connection.end();
        boolean worked = connection.trades() > 0 && now - connection.bornNanos() >= WORKED_NANOS;
        endsInARow = worked ? 1 : endsInARow + 1;
        refusalsInARow = end.status() == 0 ? 0 : refusalsInARow + 1;
        // The first attempt is made at once: each millisecond without a connection can cost a trade.
        Duration pause = options.reconnect().delay(endsInARow - 1, random);
        if (end.status() == 451) {
            refusesLocation(connection.server());
        } else if (end.retryAfterSeconds() >= 0 || KEEP_AWAY.contains(end.status())) {
            pause = end.retryAfterSeconds() >= 0
                    ? Duration.ofSeconds(Math.min(end.retryAfterSeconds(), LONGEST_BAN.toSeconds()))
                            .plusMillis((long) (random.getAsDouble() * RETRY_AFTER_JITTER_MS))
                    : REFUSED.delay(refusalsInARow, () -> (1 + random.getAsDouble()) / 2);
            budget.closeUntil(now + pause.toNanos());
        }
        notBefore = now + pause.toNanos();
        LOG.warn("Reconnecting in {} ms: {} ended: {}", pause.toMillis(), connection.name(), end.reason());
    }

    private void refusesLocation(URI server) {
        boolean before = endpoints.onFallback();
        endpoints.refusesLocation(server);
        if (!before && endpoints.onFallback() && !endpoints.allRefuse()) {
            LOG.warn(
                    "The exchange refuses connections from this location (HTTP 451; asked: {}); recording from {} instead."
                            + " Gaps are filled only if REST_URL can be reached from here",
                    endpoints.refusing(),
                    options.fallback());
        }
    }

    private void replaceIfNeeded(FeedConnection connection, long now) {
        if (staleWatch == null) {
            staleWatch =
                    new StaleWatch(arbiters, connection.progress(), connection.openedNanos(), options.staleAfter());
        }
        LineArbiter silent = staleWatch.stalled(now);
        String reason = null;
        if (connection.isNoticed()) {
            reason = "the exchange will close it";
        } else if (now - connection.bornNanos() >= renewAfterNanos) {
            reason = "it is " + Duration.ofNanos(now - connection.bornNanos()).toMinutes() + " minutes old";
        } else if (silent != null) {
            reason = "it brings no trades of " + silent.symbol() + " while there are some";
        } else if (connection.lateFor().compareTo(LATE_FOR) >= 0) {
            reason = "its trades come " + options.maxLag().toSeconds() + " s late";
        }
        if (reason == null || !mayConnect(now)) {
            return;
        }
        stalled = silent != null;
        if (stalled) {
            // A connection that brings nothing is a failure: should its successors be no better, the pauses grow.
            endsInARow++;
            notBefore = now + options.reconnect().delay(endsInARow, random).toNanos();
        }
        metrics.replacements.inc();
        LOG.info("Replacing: {}, because {}", connection.name(), reason);
        successor = connect();
    }

    /** Whether the successor has everything that the old connection would still bring. */
    private boolean covers(FeedConnection next, FeedConnection old, long now) {
        long overlap = now - next.openedNanos();
        if (overlap < OVERLAP_NANOS) {
            return false;
        }
        for (int i = 0; i < arbiters.size(); i++) {
            long first = next.progress().firstId(i);
            long last = old.progress().lastId(i);
            boolean oldIsSilent = last < 0 || old.progress().lastNanos(i) - next.openedNanos() <= 0;
            boolean proven = first < 0 ? oldIsSilent : last < 0 || first <= last + 1 || (stalled && oldIsSilent);
            if (!proven) {
                return false;
            }
        }
        return true;
    }

    /** The ids do not prove that the successor has everything. It stays if it brings every symbol; else the old one does. */
    private void takeTheBetter(FeedConnection next, FeedConnection old, long now) {
        boolean nextBrings = next.trades() > 0 && (old.isNoticed() || bringsAllOf(next, old));
        LOG.warn(
                "{} and {} do not bring the same trades; {} stays",
                old.name(),
                next.name(),
                nextBrings ? next.name() : old.name());
        if (nextBrings) {
            leave(old, now);
            become(next, age());
        } else {
            leave(next, now);
            successor = null;
            endsInARow++;
            notBefore = now + options.reconnect().delay(endsInARow, random).toNanos();
        }
    }

    /** Whether there is no symbol that only the old connection has brought since both are open. */
    private boolean bringsAllOf(FeedConnection next, FeedConnection old) {
        for (int i = 0; i < arbiters.size(); i++) {
            boolean oldBrings = old.progress().lastId(i) >= 0 && old.progress().lastNanos(i) - next.openedNanos() > 0;
            if (oldBrings && next.progress().firstId(i) < 0) {
                return false;
            }
        }
        return true;
    }

    private void leave(FeedConnection connection, long now) {
        connection.close();
        leaving.add(new Leaving(connection, now));
    }

    /** A connection on its way out may still bring trades; but it goes, whatever the other side does. */
    private void seeOff(long now) {
        for (Iterator<Leaving> i = leaving.iterator(); i.hasNext(); ) {
            Leaving out = i.next();
            long waited = now - out.sinceNanos();
            if (out.connection().phase() == Phase.ENDED) {
                LOG.info("Closed: {}", out.connection().name());
                i.remove();
            } else if (waited >= 2 * CLOSE_PATIENCE_NANOS) {
                out.connection().abandon();
                i.remove();
            } else if (waited >= CLOSE_PATIENCE_NANOS) {
                out.connection().cut();
            }
        }
    }

    /** Every connection of this feed line that may still bring something. */
    List<FeedConnection> connections() {
        List<FeedConnection> connections = new ArrayList<>();
        if (current != null) {
            connections.add(current);
        }
        if (successor != null) {
            connections.add(successor);
        }
        leaving.forEach(out -> connections.add(out.connection()));
        return connections;
    }

    /** Every connection of this feed line as it is now. */
    List<ConnectionState> states() {
        return connections().stream()
                .filter(connection -> connection.phase() != Phase.ENDED)
                .map(connection -> new ConnectionState(
                        number,
                        connection.name(),
                        connection.server(),
                        connection.phase() == Phase.OPEN,
                        connection.openedNanos(),
                        connection.trades()))
                .toList();
    }

    /** How many connections are open and not on their way out. */
    int open() {
        return (current != null && current.phase() == Phase.OPEN ? 1 : 0)
                + (successor != null && successor.phase() == Phase.OPEN ? 1 : 0);
    }
}
