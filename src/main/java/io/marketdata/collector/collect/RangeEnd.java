package io.marketdata.collector.collect;

import java.time.Instant;

/**
 * An end of the range that {@code backfill} fetches.
 *
 * @param isTime whether it is a trade time; otherwise it is a trade id
 * @param value the id, included; or ms since 1970 UTC, included as the first and excluded as the last end
 */
public record RangeEnd(boolean isTime, long value) {

    /** A trade time in words, or the id. */
    @Override
    public String toString() {
        return isTime ? Instant.ofEpochMilli(value).toString() : Long.toString(value);
    }
}
