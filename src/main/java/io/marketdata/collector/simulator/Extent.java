package io.marketdata.collector.simulator;

import java.time.Duration;

/**
 * How far a fault of arriving requests reaches; whichever ends first.
 *
 * @param next so many requests
 * @param lasting and for so long in real time
 */
public record Extent(int next, Duration lasting) {

    public Extent {
        if (next < 1) {
            throw new IllegalArgumentException("at least 1 request, was " + next);
        }
        if (lasting.isNegative() || lasting.isZero()) {
            throw new IllegalArgumentException("longer than 0, was " + lasting);
        }
    }

    /** The next n that arrive, whenever that is. */
    public static Extent next(int n) {
        return new Extent(n, Fault.FOREVER);
    }

    /** All that arrive in so long a time. */
    public static Extent lasting(Duration time) {
        return new Extent(Integer.MAX_VALUE, time);
    }

    /** All, until {@link Fault.Heal}. */
    public static Extent always() {
        return new Extent(Integer.MAX_VALUE, Fault.FOREVER);
    }

    @Override
    public String toString() {
        return (next == Integer.MAX_VALUE ? "all" : "next " + next)
                + (lasting.equals(Fault.FOREVER) ? "" : " for " + lasting);
    }
}
