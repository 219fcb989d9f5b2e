package io.marketdata.query.chart;

import org.jspecify.annotations.Nullable;

/**
 * Time in which trades are missing, or of which nothing is known.
 *
 * @param fromMs time of the trade before, ms since 1970 UTC, or the beginning of the chart
 * @param toMs time of the trade after, or the end of the chart
 * @param missing how many ids are missing; null if nothing is recorded there
 */
public record Shade(long fromMs, long toMs, @Nullable Long missing) {

    boolean isGap() {
        return missing != null;
    }
}
