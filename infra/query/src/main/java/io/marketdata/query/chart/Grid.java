package io.marketdata.query.chart;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The intervals of a chart.
 *
 * @param fromMs beginning of the first one, ms since 1970 UTC, a multiple of {@code everyMs}
 * @param toMs end of the last one
 * @param everyMs length of each, whole seconds
 */
public record Grid(long fromMs, long toMs, long everyMs) {

    /** The most candles of a chart. */
    public static final int MAX_CANDLES = 5_000;

    private static final int DEFAULT_CANDLES = 500;
    private static final long DAY_MS = 86_400_000;

    /** Lengths that are chosen from the period: 1, 5, 15 s, 1, 5, 15, 30 min, 1, 4 h, 1 day. */
    private static final long[] LENGTHS_S = {1, 5, 15, 60, 300, 900, 1_800, 3_600, 14_400};

    /**
     * The intervals that cover a period: it is widened to whole ones.
     *
     * @param every null: the shortest one that makes 500 candles at most
     * @throws IllegalArgumentException if there would be too many, or if no whole number of them makes a day
     */
    public static Grid of(long fromMs, long toMs, @Nullable Duration every) {
        long everyMs = every == null ? usual(toMs - fromMs) : every.toMillis();
        if (everyMs % 1_000 != 0 || DAY_MS % everyMs != 0) {
            throw new IllegalArgumentException("must be whole seconds, and a day must be a multiple of it: 1s, 5m, 1h");
        }
        long first = Math.floorDiv(fromMs, everyMs) * everyMs;
        long end = -Math.floorDiv(-toMs, everyMs) * everyMs;
        Grid grid = new Grid(first, end, everyMs);
        if (grid.slots() > MAX_CANDLES) {
            throw new IllegalArgumentException("makes " + grid.slots() + " candles, and " + MAX_CANDLES
                    + " is the most; choose a longer one, or leave it out");
        }
        return grid;
    }

    private static long usual(long lengthMs) {
        return LongStream.of(LENGTHS_S)
                .map(seconds -> seconds * 1_000)
                .filter(ms -> lengthMs <= ms * DEFAULT_CANDLES)
                .findFirst()
                .orElse(DAY_MS);
    }

    long slots() {
        return (toMs - fromMs) / everyMs;
    }

    /** The part of a period that is on the chart, if any; a gap between two trades of the same moment has no length. */
    List<Shade> cut(long shadeFromMs, long shadeToMs, @Nullable Long missing) {
        if (shadeFromMs >= toMs || shadeToMs < fromMs || (shadeToMs == fromMs && shadeFromMs < fromMs)) {
            return List.of();
        }
        return List.of(new Shade(Math.max(fromMs, shadeFromMs), Math.min(toMs, shadeToMs), missing));
    }

    /** The length as a person writes it. */
    String every() {
        long seconds = everyMs / 1_000;
        return seconds % 3_600 == 0
                ? seconds / 3_600 + " h"
                : seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }
}
