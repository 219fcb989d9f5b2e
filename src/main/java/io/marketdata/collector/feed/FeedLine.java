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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one of the redundant connections for a set of streams alive, indefinitely. After a connection has ended, the
 * next one is attempted at once, then with growing pauses. A connection that still works but must go (age, the
 * exchange's announcement, stale, lag) is replaced make-before-break: its successor is opened first, and it is closed
 * when the trade ids prove that there is no gap between the two.
 *
 * <p>One thread calls {@link #tick()} often; no method here waits.
 */
final class FeedLine {

    /** Opens each connection on a thread of its own. */
    interface Opener {
        FeedConnection open(String name, URI server);
    }

    /** A connection that delivered trades and was this old has worked: its end starts a new row of failures. */
    private static final long WORKED_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The shortest overlap of a connection and its successor. */
    private static final long OVERLAP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** After an overlap of this length without proof by trade ids, one of the two is closed anyway. */
    private static final long PROOF_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The time for the exchange to answer a close, and then for a cut connection to end. */
    private static final long CLOSE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A connection is replaced when all its trades have been late for this long. */
    private static final Duration LATE_FOR = Duration.ofSeconds(10);

    /** HTTP statuses: the exchange demands fewer requests, or has banned this address. */
    private static final Set<Integer> KEEP_AWAY = Set.of(403, 418, 429);

    /** Added to {@code Retry-After}, which is the same for many collectors. */
    private static final int RETRY_AFTER_JITTER_MS = 5_000;

    /** The pause after HTTP 403, 418 and 429 without {@code Retry-After}; doubles. */
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
    private final FeedLog log;

    private @Nullable FeedConnection current;
    private @Nullable FeedConnection successor;
    private @Nullable StaleWatch staleWatch;
    private final List<Closing> closing = new ArrayList<>();

    /** Whether the current connection is replaced because it is stale, so that its ids prove nothing. */
    private boolean stale;

    private long renewAfterNanos;
    private long notBefore;
    private int attempts;
    private int endsInARow;
    private int refusalsInARow;

    private record Closing(FeedConnection connection, long sinceNanos) {}

    /**
     * @param number from 1; identifies the feed line in the log and spreads the renewals
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
            FeedMetrics metrics,
            FeedLog log) {
        this.number = number;
        this.arbiters = List.copyOf(arbiters);
        this.options = options;
        this.endpoints = endpoints;
        this.budget = budget;
        this.opener = opener;
        this.time = time;
        this.random = random;
        this.metrics = metrics;
        this.log = log;
        this.lines = lines;
        this.notBefore = time.nanoTime();
    }

    /** The feed lines connect at the same time at the start; different ages keep all their renewals apart. */
    private long firstAge() {
        return age() - options.maxAge().toNanos() / lines * ((number - 1) % lines);
    }

    private long age() {
        return options.maxAge().toNanos() - (long) (options.maxAgeJitter().toNanos() * random.getAsDouble());
    }

    /** Checks the connections, and opens, replaces and closes them as needed. */
    void tick() {
        long now = time.nanoTime();
        finishClosing(now);
        successor = alive(successor, now);
        current = alive(current, now);
        FeedConnection connection = current;
        FeedConnection next = successor;
        if (connection == null) {
            if (mayConnect(now)) {
                makeCurrent(connect(now), firstAge());
            }
        } else if (connection.phase() == Phase.OPEN && next == null) {
            replaceIfNeeded(connection, now);
        } else if (connection.phase() == Phase.OPEN && next != null && next.phase() == Phase.OPEN) {
            handOver(connection, next, now);
        }
    }

    private void handOver(FeedConnection old, FeedConnection next, long now) {
        long overlap = now - next.openedNanos();
        if (overlap >= OVERLAP_NANOS && next.delivered.covers(old.delivered, next.openedNanos(), stale)) {
            close(old, now);
            makeCurrent(next, age());
        } else if (overlap >= PROOF_PATIENCE_NANOS) {
            keepTheBetter(next, old, now);
        }
    }

    /** Closes the connections and opens none, for as long as ingestion is paused. */
    void pause() {
        long now = time.nanoTime();
        kept().toList().forEach(connection -> close(connection, now));
        current = null;
        successor = null;
        endsInARow = 0;
        notBefore = now;
        finishClosing(now);
    }

    private void makeCurrent(FeedConnection connection, long renewAfter) {
        current = connection;
        successor = null;
        staleWatch = null;
        stale = false;
        renewAfterNanos = renewAfter;
    }

    private boolean mayConnect(long now) {
        return now - notBefore >= 0 && endpoints.isAnyOpen(now) && budget.take(now);
    }

    private FeedConnection connect(long now) {
        attempts++;
        String name = "connection " + number + "." + attempts;
        URI server = endpoints.pick(number - 1, endsInARow, now);
        log.connecting(name, server, endsInARow);
        metrics.connections.inc();
        return opener.open(name, server);
    }

    /** The connection; if it has ended or had to be abandoned, its successor or null. */
    private @Nullable FeedConnection alive(@Nullable FeedConnection connection, long now) {
        if (connection == null || (connection.phase() != Phase.ENDED && !isAbandoned(connection, now))) {
            return connection;
        }
        ConnectionEnd.Outcome end = connection.end();
        metrics.disconnections.labelValues(end.cause().label()).inc();
        FeedConnection next = successor;
        if (connection == current && next != null) {
            log.tookOver(connection.name, next.name, end.reason());
            makeCurrent(next, age());
            return next;
        }
        backOff(connection, end, now);
        return null;
    }

    /** Cuts a connection after its idle or connect time-out, and abandons it if it has not ended a while later. */
    private boolean isAbandoned(FeedConnection connection, long now) {
        boolean open = connection.phase() == Phase.OPEN;
        // TCP, TLS and the handshake each have the connect time-out on the socket; this one is for what slips through.
        long overdue = open
                ? now - connection.lastFrameNanos() - options.idleTimeout().toNanos()
                : now - connection.createdNanos - 2 * options.connectTimeout().toNanos();
        if (overdue < 0) {
            return false;
        }
        String idle = "no frame for " + options.idleTimeout().toSeconds() + " s";
        String unreachable = "not connected within " + options.connectTimeout().toMillis() + " ms";
        connection.cut(open ? EndCause.IDLE : EndCause.UNREACHABLE, open ? idle : unreachable);
        if (overdue < CLOSE_PATIENCE_NANOS) {
            return false;
        }
        connection.abandon();
        return true;
    }

    private void backOff(FeedConnection connection, ConnectionEnd.Outcome end, long now) {
        boolean worked = connection.trades() > 0 && now - connection.createdNanos >= WORKED_NANOS;
        endsInARow = worked ? 1 : endsInARow + 1;
        refusalsInARow = end.status() == 0 ? 0 : refusalsInARow + 1;
        // The first attempt is made at once: each millisecond without a connection can cost a trade.
        Duration pause = options.reconnect().delay(endsInARow - 1, random);
        if (end.status() == 451) {
            refusesLocation(connection.server);
        } else if (end.retryAfterSeconds() >= 0 || KEEP_AWAY.contains(end.status())) {
            Duration refusal = refusalPause(connection.server, end);
            endpoints.closeUntil(connection.server, now + refusal.toNanos());
            pause = endpoints.isAnyOpen(now) ? pause : refusal;
        }
        notBefore = now + pause.toNanos();
        log.reconnecting(pause, connection.name, end.reason(), endsInARow == 1 && connection.openedNanos() != 0);
    }

    private Duration refusalPause(URI server, ConnectionEnd.Outcome end) {
        if (end.retryAfterSeconds() < 0) {
            return REFUSED.delay(refusalsInARow, () -> (1 + random.getAsDouble()) / 2);
        }
        Duration demanded = Duration.ofSeconds(end.retryAfterSeconds());
        Duration longest = options.longestRefusal();
        if (demanded.compareTo(longest) > 0) {
            log.refusesTooLong(server, end.status(), demanded, longest);
            demanded = longest;
        }
        return demanded.plusMillis((long) (random.getAsDouble() * RETRY_AFTER_JITTER_MS));
    }

    private void refusesLocation(URI server) {
        boolean before = endpoints.onFallback();
        endpoints.refusesLocation(server);
        if (!before && endpoints.onFallback() && !endpoints.allRefuse()) {
            log.refusesLocation(endpoints.refusing(), options.fallback());
        }
    }

    private void replaceIfNeeded(FeedConnection connection, long now) {
        if (staleWatch == null) {
            long opened = connection.openedNanos();
            staleWatch = new StaleWatch(arbiters, connection.delivered, opened, options.staleAfter());
        }
        LineArbiter staleSymbol = staleWatch.stale(now);
        String reason = replacementReason(connection, staleSymbol, now);
        if (reason == null || !mayConnect(now)) {
            return;
        }
        stale = staleSymbol != null;
        if (stale) {
            countFailure(now); // if its successors are stale too, the pauses grow
        }
        metrics.replacements.inc();
        log.replacing(connection.name, reason);
        successor = connect(now);
    }

    private @Nullable String replacementReason(FeedConnection connection, @Nullable LineArbiter staleSymbol, long now) {
        long ageNanos = now - connection.createdNanos;
        if (connection.isShutdownAnnounced()) {
            return "the exchange will close it";
        }
        if (ageNanos >= renewAfterNanos) {
            return "it is " + Duration.ofNanos(ageNanos).toMinutes() + " minutes old";
        }
        if (staleSymbol != null) {
            return "it is stale: it delivers no trades of " + staleSymbol.symbol() + " although there are new ones";
        }
        return connection.lateFor().compareTo(LATE_FOR) >= 0
                ? "its trades lag by " + options.maxLag().toSeconds() + " s"
                : null;
    }

    private void countFailure(long now) {
        endsInARow++;
        notBefore = now + options.reconnect().delay(endsInARow, random).toNanos();
    }

    /** Without proof by ids, the successor is kept if it delivers every symbol; otherwise the old connection is. */
    private void keepTheBetter(FeedConnection next, FeedConnection old, long now) {
        boolean complete = next.delivered.hasEverySymbolOf(old.delivered, next.openedNanos());
        boolean keepNext = next.trades() > 0 && (old.isShutdownAnnounced() || complete);
        String kept = keepNext ? next.name : old.name;
        log.notProven(next.name, old.name, kept);
        if (keepNext) {
            close(old, now);
            makeCurrent(next, age());
        } else {
            close(next, now);
            successor = null;
            countFailure(now);
        }
    }

    private void close(FeedConnection connection, long now) {
        connection.close();
        closing.add(new Closing(connection, now));
    }

    /** Closing connections may still deliver trades; without an answer they are cut, then abandoned. */
    private void finishClosing(long now) {
        for (Iterator<Closing> i = closing.iterator(); i.hasNext(); ) {
            Closing each = i.next();
            long waited = now - each.sinceNanos();
            if (each.connection().phase() == Phase.ENDED) {
                log.closed(each.connection().name);
                i.remove();
            } else if (waited >= 2 * CLOSE_PATIENCE_NANOS) {
                each.connection().abandon();
                i.remove();
            } else if (waited >= CLOSE_PATIENCE_NANOS) {
                each.connection().cut();
            }
        }
    }

    /** Every connection of this feed line that may still deliver trades. */
    List<FeedConnection> connections() {
        return Stream.concat(kept(), closing.stream().map(Closing::connection)).toList();
    }

    private Stream<FeedConnection> kept() {
        return Stream.concat(Stream.ofNullable(current), Stream.ofNullable(successor));
    }

    List<ConnectionState> states() {
        return connections().stream()
                .filter(connection -> connection.phase() != Phase.ENDED)
                .map(connection -> connection.state(number))
                .toList();
    }

    /** How many connections are open and not being closed. */
    int open() {
        return (int) kept().filter(each -> each.phase() == Phase.OPEN).count();
    }
}
