package io.marketdata.collector.health;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Measures the recent growth of a counter of rare events, so that a health reason shows and then clears. One thread. */
public final class RecentGrowth {

    /** Long enough for an operator to notice. */
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

    /** Its growth until it has not grown for {@link #SPAN}; 0 from then on. Called every second. */
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
