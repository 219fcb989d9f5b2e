package io.marketdata.collector.feed;

import java.time.Duration;

/**
 * Measures the lag of a connection's trades: their delay since the exchange sent them, compared with the quickest trade
 * of the same connection, because the two clocks may differ. One thread writes, any reads.
 */
final class Lateness {

    private final long limitMs;

    /** Least delay so far, by the two clocks, ms. */
    private long leastDelayMs = Long.MAX_VALUE;

    /** When the first of a row of late trades arrived; {@code Long.MIN_VALUE} if the last trade was not late. */
    private long lateSinceNanos = Long.MIN_VALUE;

    /** From the first to the last trade of that row. */
    private volatile long lateForNanos;

    Lateness(Duration limit) {
        limitMs = limit.toMillis();
    }

    /**
     * Records a received trade.
     *
     * @param receivedMs ms since 1970 UTC
     * @param sentMs when the exchange sent it, by its clock; negative if unknown
     */
    void add(long receivedMs, long sentMs, long nowNanos) {
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

    /** For how long every trade has lagged, up to the last one; zero if that one did not, or was the first. */
    Duration lasting() {
        return Duration.ofNanos(lateForNanos);
    }
}
