package io.marketdata.collector.health;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much a counter of rare events has grown lately, for a reason of health that must be seen and then goes by itself.
 * One thread.
 */
public final class RecentGrowth {

    /** Long enough to be noticed and looked at. */
    public static final Duration SPAN = Duration.ofMinutes(10);

    private final LongSupplier counter;
    private final Time time;
    private long seen;
    private long grown;
    private long grewNanos;

    RecentGrowth(LongSupplier counter, Time time) {
        this.counter = counter;
        this.time = time;
    }

    /** By how much it grew until it stood still for {@link #SPAN}; 0 afterwards. To be called every second. */
    long now() {
        long now = time.nanoTime();
        long count = counter.getAsLong();
        if (count != seen) {
            grown += count - seen;
            seen = count;
            grewNanos = now;
        } else if (now - grewNanos >= SPAN.toNanos()) {
            grown = 0;
        }
        return grown;
    }
}
