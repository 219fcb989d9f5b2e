package io.marketdata.collector.simulator;

import java.time.Duration;

/**
 * How many requests a fault applies to, and for how long; it ends at the first of the two limits.
 *
 * @param next number of requests, at least 1
 * @param lasting real time, more than zero
 */
public record Extent(int next, Duration lasting) {

    public Extent {
        if (next < 1) {
            throw new IllegalArgumentException("at least 1 request, was " + next);
        }
        if (lasting.isNegative() || lasting.isZero()) {
            throw new IllegalArgumentException("longer than 0, was " + FaultWords.time(lasting));
        }
    }

    /** The next n requests, whenever they arrive. */
    public static Extent next(int n) {
        return new Extent(n, Fault.FOREVER);
    }

    /** All requests that arrive within this time. */
    public static Extent lasting(Duration time) {
        return new Extent(Integer.MAX_VALUE, time);
    }

    /** All requests until {@link Fault.Heal}. */
    public static Extent always() {
        return new Extent(Integer.MAX_VALUE, Fault.FOREVER);
    }

    @Override
    public String toString() {
        return (next == Integer.MAX_VALUE ? "all" : "next " + next)
                + (lasting.equals(Fault.FOREVER) ? "" : " for " + FaultWords.time(lasting));
    }
}
