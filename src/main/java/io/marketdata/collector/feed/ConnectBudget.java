package io.marketdata.collector.feed;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Limits the connection attempts of this process. "There is a limit of 300 connections per attempt every 5 minutes per
 * IP" (Binance web-socket-streams.md, 2026-06-09), shared by every process on the address, and an address that
 * continues is banned; so the budget is far smaller. One thread.
 */
final class ConnectBudget {

    static final Duration WINDOW = Duration.ofMinutes(5);

    private final int attempts;
    private final Deque<Long> taken = new ArrayDeque<>();

    /** @param attempts allowed in any {@link #WINDOW} */
    ConnectBudget(int attempts) {
        this.attempts = attempts;
    }

    /** Takes an attempt; false if none is left now. */
    boolean take(long now) {
        while (!taken.isEmpty() && now - taken.getFirst() >= WINDOW.toNanos()) {
            taken.removeFirst();
        }
        if (taken.size() >= attempts) {
            return false;
        }
        taken.addLast(now);
        return true;
    }
}
