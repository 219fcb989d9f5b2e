package io.marketdata.collector.audit;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * Counts delays in buckets as wide as 1/32 of their values, in 20 kB however many there are. A delay may be negative: it is
 * between two clocks. Several threads.
 */
final class DelayHistogram {

    private static final int SUB_BITS = 5;
    private static final int SUBS = 1 << SUB_BITS;
    private static final int MAX_EXPONENT = 41; // in µs 50 days
    private static final int HALF = SUBS * (MAX_EXPONENT - SUB_BITS + 2);

    private final AtomicLongArray counts = new AtomicLongArray(2 * HALF);
    private final LongAccumulator min = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator max = new LongAccumulator(Math::max, Long.MIN_VALUE);

    void add(long delay) {
        counts.incrementAndGet(delay < 0 ? HALF - 1 - bucket(-Math.max(delay, -Long.MAX_VALUE)) : HALF + bucket(delay));
        min.accumulate(delay);
        max.accumulate(delay);
    }

    private static int bucket(long size) {
        int shift = Math.max(0, 63 - Long.numberOfLeadingZeros(size | 1) - SUB_BITS);
        return (int) Math.min(HALF - 1, (long) shift * SUBS + (size >>> shift));
    }

    /** The greatest value of a bucket of delays that are not negative. */
    private static long top(int bucket) {
        int shift = Math.max(0, bucket / SUBS - 1);
        return ((bucket - (long) shift * SUBS + 1) << shift) - 1;
    }

    /** The quantiles, each as the upper end of its bucket. Only after the last delay was added. */
    Quantiles quantiles() {
        long count = 0;
        for (int i = 0; i < counts.length(); i++) {
            count += counts.get(i);
        }
        return count == 0
                ? Quantiles.NONE
                : new Quantiles(count, min.get(), value(count, 50), value(count, 95), value(count, 99), max.get());
    }

    private long value(long count, int percent) {
        long left = Quantiles.rank(count, percent);
        int i = 0;
        while (left >= counts.get(i)) {
            left -= counts.get(i++);
        }
        long upper = i >= HALF ? top(i - HALF) : i == HALF - 1 ? 0 : -top(HALF - 2 - i) - 1;
        return Math.max(min.get(), Math.min(max.get(), upper));
    }
}
