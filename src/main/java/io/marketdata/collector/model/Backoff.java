package io.marketdata.collector.model;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: {@code first}, doubled after every failure up to {@code max}, with jitter
 * so that many clients do not return at the same instant. Pure: randomness is a parameter.
 *
 * @param first the unjittered delay after the first failure, more than zero
 * @param max the longest unjittered delay, not below {@code first}
 */
public record Backoff(Duration first, Duration max) {

    public Backoff {
        if (first.isNegative() || first.isZero() || max.compareTo(first) < 0) {
            throw new IllegalArgumentException("back-off must have 0 < first <= max, was " + first + " to " + max);
        }
    }

    /**
     * The delay after {@code failures} failures in a row (1 = the first).
     *
     * @param random in [0, 1): the share of the unjittered delay to wait ("full jitter", which spreads clients best: AWS
     *     Architecture Blog, "Exponential Backoff And Jitter", 2015)
     */
    public Duration delay(int failures, DoubleSupplier random) {
        if (failures < 1) {
            return Duration.ZERO;
        }
        int doublings = Math.min(failures - 1, 30);
        long longest = max.toNanos();
        long full = first.toNanos() > longest >> doublings ? longest : first.toNanos() << doublings;
        return Duration.ofNanos((long) (full * random.getAsDouble()));
    }
}
