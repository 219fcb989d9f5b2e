package io.marketdata.query.chart;

import java.math.BigDecimal;

/**
 * The trades of an interval.
 *
 * @param startMs first moment of the interval, ms since 1970 UTC
 * @param volume sum of the quantities
 * @param minCopies recorded copies of the trade that has fewest, at least 1
 * @param complete whether no trade id is missing before, between and after its trades
 */
public record Candle(
        long startMs,
        BigDecimal open,
        BigDecimal high,
        BigDecimal low,
        BigDecimal close,
        BigDecimal volume,
        long trades,
        int minCopies,
        boolean complete) {

    boolean isUp() {
        return close.compareTo(open) >= 0;
    }
}
