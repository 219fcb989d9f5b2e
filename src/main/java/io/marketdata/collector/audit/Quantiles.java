package io.marketdata.collector.audit;

import java.util.stream.LongStream;

/**
 * How values are spread, in the unit of the values; all 0 if there are none.
 *
 * @param count how many values
 * @param p50 at least half of the values are not above it; the same for 95 and 99 of 100
 */
public record Quantiles(long count, long min, long p50, long p95, long p99, long max) {

    public static final Quantiles NONE = new Quantiles(0, 0, 0, 0, 0, 0);

    /** Of all the values, exactly. */
    static Quantiles of(LongStream values) {
        long[] sorted = values.sorted().toArray();
        int count = sorted.length;
        return count == 0
                ? NONE
                : new Quantiles(
                        count,
                        sorted[0],
                        sorted[(int) rank(count, 50)],
                        sorted[(int) rank(count, 95)],
                        sorted[(int) rank(count, 99)],
                        sorted[count - 1]);
    }

    /** The index among sorted values. */
    static long rank(long count, int percent) {
        return (count * percent + 99) / 100 - 1;
    }

    public boolean isEmpty() {
        return count == 0;
    }
}
