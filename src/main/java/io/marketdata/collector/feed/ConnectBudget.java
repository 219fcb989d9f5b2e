package io.marketdata.collector.feed;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How often this process may knock at the exchange, all connections together. "There is a limit of 300 connections per attempt
 * every 5 minutes per IP" (Binance web-socket-streams.md, 2026-06-09), shared by every process on the address, and who
 * goes on all the same is banned; so far fewer are taken, and a refusal keeps every connection away. One thread.
 */
final class ConnectBudget {

    static final Duration WINDOW = Duration.ofMinutes(5);

    private final int attempts;
    private final Deque<Long> taken = new ArrayDeque<>();
    private long closedUntil = Long.MIN_VALUE;

    /** @param attempts allowed in any five minutes */
    ConnectBudget(int attempts) {
        this.attempts = attempts;
    }

    /** Takes an attempt; false if none is left now. */
    boolean take(long now) {
        while (!taken.isEmpty() && now - taken.getFirst() >= WINDOW.toNanos()) {
            taken.removeFirst();
        }
        if (taken.size() >= attempts || (closedUntil != Long.MIN_VALUE && now - closedUntil < 0)) {
            return false;
        }
        taken.addLast(now);
        return true;
    }

    /** No attempt until then. */
    void closeUntil(long nanos) {
        if (closedUntil == Long.MIN_VALUE || nanos - closedUntil > 0) {
            closedUntil = nanos;
        }
    }
}
