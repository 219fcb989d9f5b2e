package io.marketdata.collector.spool;

import java.time.Duration;

/**
 * Decides when a part ends. Pure.
 *
 * @param maxBytes a part that has reached this size is sealed
 * @param period a part this old is sealed; also the length of the slots of trade time, which no part crosses
 */
public record RotationPolicy(long maxBytes, Duration period) {

    private static final long MINUTE_MS = 60_000;
    private static final long DAY_MS = 86_400_000;

    public RotationPolicy {
        if (maxBytes < 1 || period.toMillis() < 1 || period.toMillis() > DAY_MS) {
            throw new IllegalArgumentException("rotation needs a size and a period of at most 1 day, got " + maxBytes
                    + " bytes and " + period.toMillis() + " ms");
        }
    }

    /**
     * The slot that contains a trade time. Slots are counted from UTC midnight; those of a minute or less also end with
     * their minute, and all end with their day, so that all trades of a part belong to the folder named after it.
     */
    public Slot slotOf(long tradeTimeMs) {
        long length = period.toMillis();
        long day = Math.floorDiv(tradeTimeMs, DAY_MS) * DAY_MS;
        long start = day + (tradeTimeMs - day) / length * length;
        long end = Math.min(start + length, day + DAY_MS);
        if (length <= MINUTE_MS) {
            long minute = Math.floorDiv(tradeTimeMs, MINUTE_MS) * MINUTE_MS;
            start = Math.max(start, minute);
            end = Math.min(end, minute + MINUTE_MS);
        }
        return new Slot(start, end);
    }

    /**
     * A period of trade time, in ms since 1970 UTC.
     *
     * @param startMs first millisecond
     * @param endMs first millisecond after it
     */
    public record Slot(long startMs, long endMs) {

        public boolean contains(long tradeTimeMs) {
            return tradeTimeMs >= startMs && tradeTimeMs < endMs;
        }
    }
}
