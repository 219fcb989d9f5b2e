package io.marketdata.collector.rest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a request may be sent. Two things hold it back: the collector's own limit of weight in any 60 s, far
 * below the exchange's 6,000 per minute and address (Binance rest-api.md, 2026-07, "IP Limits"), and the exchange's
 * last answer. Requests that continue after a 429 are answered with a ban of 2 minutes to 3 days, so holds are kept
 * exactly.
 *
 * <p>One budget for all requests of the process. Any thread. Only the monotonic clock decides.
 */
public final class RequestBudget {

    /** Above this used weight of the address, other processes included, nothing is sent until the next minute. */
    public static final int PAUSE_ABOVE = 4_000;

    private static final long MINUTE_MS = 60_000;
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();
    private static final Duration BLOCKED = Duration.ofMinutes(5);
    private static final Duration MOST_JITTER = Duration.ofSeconds(5);
    private static final Backoff FAILURES = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));
    private static final Backoff REFUSALS = new Backoff(Duration.ofSeconds(60), Duration.ofMinutes(15));

    private record Spent(long atNanos, int weight) {}

    /**
     * Why the latest requests have failed.
     *
     * @param because for the operator
     * @param lasting since the first failure of the row
     */
    public record Trouble(String because, Duration lasting) {}

    private static final Logger LOG = LoggerFactory.getLogger(RequestBudget.class);

    private final int limit;
    private final Duration longestHold;
    private final Time time;
    private final DoubleSupplier random;

    @GuardedBy("this")
    private final Deque<Spent> window = new ArrayDeque<>();

    @GuardedBy("this")
    private int inWindow;

    @GuardedBy("this")
    private long heldUntilNanos;

    @GuardedBy("this")
    private String heldBecause = "";

    @GuardedBy("this")
    private int refusalsInARow;

    @GuardedBy("this")
    private int failuresInARow;

    @GuardedBy("this")
    private int usedWeight;

    @GuardedBy("this")
    private long usedAtNanos;

    @GuardedBy("this")
    private String trouble = "";

    @GuardedBy("this")
    private long troubleSinceNanos;

    /**
     * @param weightPerMinute the collector's own limit; at least {@value Weights#MOST}, the most expensive request
     * @param longestHold the longest time without requests, whatever the exchange demands: half of the time for which
     *     missed trades can be backfilled
     * @param random jitter, in [0, 1)
     */
    public RequestBudget(int weightPerMinute, Duration longestHold, Time time, DoubleSupplier random) {
        if (weightPerMinute < Weights.MOST) {
            throw new IllegalArgumentException(
                    "the weight per minute must be at least " + Weights.MOST + ", was " + weightPerMinute);
        }
        this.limit = weightPerMinute;
        this.longestHold = longestHold;
        this.time = time;
        this.random = random;
        this.heldUntilNanos = time.nanoTime();
    }

    /** Spends {@code weight} if that is allowed now. */
    synchronized boolean spend(int weight) {
        if (waitNanos(weight, 0) > 0) {
            return false;
        }
        window.add(new Spent(time.nanoTime(), weight));
        inWindow += weight;
        return true;
    }

    /**
     * The time until {@code weight} may be spent, ns; 0 means now.
     *
     * @param spare weight of the own limit that is left for other requests; ignored if the limit is too small for it
     */
    public synchronized long waitNanos(int weight, int spare) {
        long now = time.nanoTime();
        while (!window.isEmpty() && now - window.getFirst().atNanos() >= WINDOW_NANOS) {
            inWindow -= window.removeFirst().weight();
        }
        int allowed = weight + spare > limit ? limit : limit - spare;
        long wait = Math.max(0, heldUntilNanos - now);
        int used = inWindow;
        for (Spent next : window) {
            if (used + weight <= allowed) {
                break;
            }
            used -= next.weight();
            wait = Math.max(wait, next.atNanos() + WINDOW_NANOS - now);
        }
        return wait;
    }

    /** Why nothing may be sent now, for the log. */
    synchronized String reason() {
        return heldUntilNanos - time.nanoTime() > 0
                ? heldBecause
                : "the configured limit of " + limit + " weight per minute";
    }

    /** The exchange reported how much weight this address has used in the current minute. */
    synchronized void used(int weight) {
        usedWeight = weight;
        usedAtNanos = time.nanoTime();
        if (weight > PAUSE_ABOVE) {
            // Minutes are calendar minutes. A wrong clock here only costs one request too early.
            Duration rest = Duration.ofMillis(MINUTE_MS - time.epochMillis() % MINUTE_MS);
            hold(rest, "this address has used " + weight + " weight in this minute");
        }
    }

    /** The weight of this address as last reported by the exchange; 0 if that was a minute ago. */
    public synchronized int usedWeight() {
        return time.nanoTime() - usedAtNanos < WINDOW_NANOS ? usedWeight : 0;
    }

    /** The exchange answered a request, or rejected an invalid one. */
    synchronized void served() {
        refusalsInARow = 0;
        failuresInARow = 0;
        trouble = "";
    }

    /** Why the last requests have failed; null if they have not. */
    public synchronized @Nullable Trouble trouble() {
        return trouble.isEmpty() ? null : new Trouble(trouble, Duration.ofNanos(time.nanoTime() - troubleSinceNanos));
    }

    @GuardedBy("this")
    private void setTrouble(String because) {
        if (trouble.isEmpty()) {
            troubleSinceNanos = time.nanoTime();
        }
        trouble = because;
    }

    /** 5xx, a time-out or the network. */
    synchronized void failed() {
        failuresInARow++;
        String because = "the last " + failuresInARow + " requests failed";
        setTrouble(because);
        hold(FAILURES.delay(failuresInARow, random), because);
    }

    /**
     * 429 or 418: too many requests.
     *
     * @param demanded the pause that the exchange demands; zero or less if it names none
     */
    synchronized void limited(int status, Duration demanded) {
        refusalsInARow++;
        Duration pause =
                demanded.isNegative() || demanded.isZero() ? REFUSALS.delay(refusalsInARow, () -> 1) : demanded;
        if (pause.compareTo(longestHold) > 0) {
            String message =
                    "The exchange demands no REST requests from this address for {} (HTTP {}). Missed trades must be"
                            + " backfilled sooner, so the next request is sent in {}. Run the collector from another address,"
                            + " and find out what else uses this one";
            LOG.error(message, LogText.time(pause), status, LogText.time(longestHold));
            pause = longestHold;
        }
        refused(status, pause);
    }

    /** 403, 451 or an API key that is not accepted: not over within seconds. */
    synchronized void blocked(int status) {
        refused(status, BLOCKED);
    }

    @GuardedBy("this")
    private void refused(int status, Duration pause) {
        String because = "the exchange answered HTTP " + status;
        setTrouble(because);
        long mostJitter = Math.min(MOST_JITTER.toNanos(), pause.toNanos() / 4);
        hold(pause.plusNanos((long) (mostJitter * random.getAsDouble())), because);
    }

    @GuardedBy("this")
    private void hold(Duration hold, String because) {
        long until = time.nanoTime() + hold.toNanos();
        if (until - heldUntilNanos > 0) {
            heldUntilNanos = until;
            heldBecause = because;
        }
    }
}
