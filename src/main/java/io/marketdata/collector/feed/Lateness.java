package io.marketdata.collector.feed;

import java.time.Duration;

/**
 * Whether a connection's trades come later after the exchange has sent them than its own quickest one did, by more than it should be.
 * The two clocks may differ. One thread notes, any asks.
 */
final class Lateness {

    private final long limitMs;

    /** Least difference between our clock and the exchange's. */
    private long leastDelayMs = Long.MAX_VALUE;

    /** When the first of a row of late trades came; {@code Long.MIN_VALUE} if the last trade was not late. */
    private long lateSinceNanos = Long.MIN_VALUE;

    /** From the first to the last of that row. */
    private volatile long lateForNanos;

    Lateness(Duration limit) {
        limitMs = limit.toMillis();
    }

    /**
     * A trade has come.
     *
     * @param receivedMs ms since 1970 UTC
     * @param sentMs the exchange's own time of that; below 0 if it does not say
     */
    void note(long receivedMs, long sentMs, long nowNanos) {
        if (sentMs < 0) {
            return;
        }
        long delay = receivedMs - sentMs;
        leastDelayMs = Math.min(leastDelayMs, delay);
        if (delay - leastDelayMs < limitMs) {
            lateSinceNanos = Long.MIN_VALUE;
            lateForNanos = 0;
        } else if (lateSinceNanos == Long.MIN_VALUE) {
            lateSinceNanos = nowNanos;
        } else {
            lateForNanos = nowNanos - lateSinceNanos;
        }
    }

    /** Over how long a time every trade came too late, up to the last one; zero if that did not, or was the first. */
    Duration lasting() {
        return Duration.ofNanos(lateForNanos);
    }
}
