package io.marketdata.collector.rest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When a request may be sent. Two things hold it back: our own limit of weight in any 60 s, far below the exchange's 6,000
 * a minute and address (Binance rest-api.md, 2026-07, "IP Limits"), and what the exchange answered last. Requests that go
 * on after a 429 are answered with a ban of 2 minutes to 3 days, so holds are kept to the letter.
 *
 * <p>One for all that share an address and a process. Any thread. Only the monotonic clock decides.
 */
public final class RequestBudget {

    /** Above so much used weight, ours and that of others at this address, nothing is sent until the next minute. */
    public static final int PAUSE_ABOVE = 4_000;

    private static final long MINUTE_MS = 60_000;
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();
    private static final Duration BLOCKED = Duration.ofMinutes(5);
    /** "From 2 minutes to 3 days" (rest-api.md); a longer one is not believed. */
    private static final Duration LONGEST_BAN = Duration.ofDays(3);

    private static final Duration FIRST_REFUSAL = Duration.ofSeconds(60);
    private static final Duration LONGEST_REFUSAL = Duration.ofMinutes(15);
    private static final Duration MOST_JITTER = Duration.ofSeconds(5);
    private static final Backoff FAILURES = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));
    private static final Backoff REFUSALS = new Backoff(FIRST_REFUSAL, LONGEST_REFUSAL);

    private record Spent(long atNanos, int weight) {}

    /**
     * Why no request was answered well lately.
     *
     * @param because for people
     * @param lasting since the first of a row of failures
     */
    public record Trouble(String because, Duration lasting) {}

    private final int limit;
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
     * @param weightPerMinute our own limit; at least {@value Weights#MOST}, the most expensive request
     * @param random jitter, in [0, 1)
     */
    public RequestBudget(int weightPerMinute, Time time, DoubleSupplier random) {
        if (weightPerMinute < Weights.MOST) {
            throw new IllegalArgumentException(
                    "the weight per minute must be at least " + Weights.MOST + ", was " + weightPerMinute);
        }
        this.limit = weightPerMinute;
        this.time = time;
        this.random = random;
        this.heldUntilNanos = time.nanoTime();
    }

    /** Takes {@code weight}, if it may be spent now. */
    synchronized boolean spend(int weight) {
        if (waitNanos(weight, 0) > 0) {
            return false;
        }
        window.add(new Spent(time.nanoTime(), weight));
        inWindow += weight;
        return true;
    }

    /**
     * How long until {@code weight} may be spent, ns; 0 means now.
     *
     * @param spare so much of our own limit is left for others; ignored where the limit is too small for it
     */
    public synchronized long waitNanos(int weight, int spare) {
        long now = time.nanoTime();
        for (Spent oldest = window.peek();
                oldest != null && now - oldest.atNanos() >= WINDOW_NANOS;
                oldest = window.peek()) {
            inWindow -= oldest.weight();
            window.remove();
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

    /** Why nothing may be sent now, for people. */
    synchronized String reason() {
        return heldUntilNanos - time.nanoTime() > 0 ? heldBecause : "our own limit of " + limit + " weight per minute";
    }

    /** The exchange said how much weight this address has used in the running minute. */
    synchronized void used(int weight) {
        usedWeight = weight;
        usedAtNanos = time.nanoTime();
        if (weight > PAUSE_ABOVE) {
            // Minutes are calendar minutes. A wrong clock here costs one request too early, not more.
            hold(
                    Duration.ofMillis(MINUTE_MS - time.epochMillis() % MINUTE_MS),
                    "this address has used " + weight + " weight in this minute");
        }
    }

    /** What the exchange counted for this address, us included, when it answered last; 0 if that was a minute ago. */
    public synchronized int usedWeight() {
        return time.nanoTime() - usedAtNanos < WINDOW_NANOS ? usedWeight : 0;
    }

    /** A request was answered as it should be, or as it deserved. */
    synchronized void served() {
        refusalsInARow = 0;
        failuresInARow = 0;
        trouble = "";
    }

    /** What has kept the last requests from being answered; null if they were. */
    public synchronized @Nullable Trouble trouble() {
        return trouble.isEmpty() ? null : new Trouble(trouble, Duration.ofNanos(time.nanoTime() - troubleSinceNanos));
    }

    @GuardedBy("this")
    private void isInTrouble(String because) {
        if (trouble.isEmpty()) {
            troubleSinceNanos = time.nanoTime();
        }
        trouble = because;
    }

    /** 5xx, a time-out or the network. */
    synchronized void failed() {
        failuresInARow++;
        String because = "the last " + failuresInARow + " requests failed";
        isInTrouble(because);
        hold(FAILURES.delay(failuresInARow, random), because);
    }

    /**
     * 429 or 418: too many requests.
     *
     * @param asked how long the exchange told us to stay away; zero or less if it did not say
     */
    synchronized void limited(int status, Duration asked) {
        refusalsInARow++;
        Duration stay = asked.isNegative() || asked.isZero() ? REFUSALS.delay(refusalsInARow, () -> 1) : asked;
        refused(status, stay.compareTo(LONGEST_BAN) > 0 ? LONGEST_BAN : stay);
    }

    /** 403, 451 or a key that is not taken: nothing that passes in seconds. */
    synchronized void blocked(int status) {
        refused(status, BLOCKED);
    }

    @GuardedBy("this")
    private void refused(int status, Duration stay) {
        String because = "the exchange answered HTTP " + status;
        isInTrouble(because);
        hold(jittered(stay), because);
    }

    /** Never below what was asked for. */
    private Duration jittered(Duration hold) {
        long most = Math.min(MOST_JITTER.toNanos(), hold.toNanos() / 4);
        return hold.plusNanos((long) (most * random.getAsDouble()));
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
