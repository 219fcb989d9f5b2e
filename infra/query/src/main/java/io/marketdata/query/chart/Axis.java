package io.marketdata.query.chart;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** Round values for the labels of a chart. */
final class Axis {

    private static final long DAY_MS = 86_400_000;
    private static final int TIME_LABELS = 5;
    private static final int PRICE_LABELS = 6;
    private static final long[] STEPS_S = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
        604_800
    };

    private Axis() {}

    /** A few round prices between two, the lower one first. */
    static List<BigDecimal> prices(BigDecimal low, BigDecimal high) {
        BigDecimal least = high.subtract(low).divide(BigDecimal.valueOf(PRICE_LABELS), 18, RoundingMode.CEILING);
        BigDecimal unit = BigDecimal.ONE.scaleByPowerOfTen(least.precision() - least.scale() - 1);
        BigDecimal step = unit.multiply(BigDecimal.TEN);
        for (int factor : new int[] {5, 2, 1}) {
            BigDecimal smaller = unit.multiply(BigDecimal.valueOf(factor));
            step = smaller.compareTo(least) >= 0 ? smaller : step;
        }
        List<BigDecimal> prices = new ArrayList<>();
        BigDecimal price = low.divide(step, 0, RoundingMode.CEILING).multiply(step);
        for (; price.compareTo(high) <= 0; price = price.add(step)) {
            prices.add(price);
        }
        return prices;
    }

    /** A few round times of a chart, ms since 1970 UTC. */
    static LongStream times(Grid grid) {
        long step = step(grid);
        return LongStream.iterate(-Math.floorDiv(-grid.fromMs(), step) * step, ms -> ms < grid.toMs(), ms -> ms + step);
    }

    private static long step(Grid grid) {
        long least = (grid.toMs() - grid.fromMs()) / TIME_LABELS;
        return LongStream.of(STEPS_S)
                .map(seconds -> seconds * 1_000)
                .filter(ms -> ms >= least)
                .findFirst()
                .orElse(-Math.floorDiv(-least, DAY_MS) * DAY_MS);
    }

    static String label(Grid grid, long ms) {
        long step = step(grid);
        String form = ms % DAY_MS == 0 ? "uuuu-MM-dd" : step < 60_000 ? "HH:mm:ss" : "HH:mm";
        return DateTimeFormatter.ofPattern(form, Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(Instant.ofEpochMilli(ms));
    }
}
