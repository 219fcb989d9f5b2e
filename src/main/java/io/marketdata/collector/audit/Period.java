package io.marketdata.collector.audit;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A period of trade time within one UTC day.
 *
 * @param fromMs the first moment, ms since 1970 UTC, a whole minute
 * @param toMs the first moment after it, a whole minute of the same day, or the end of that day
 */
public record Period(long fromMs, long toMs) {

    static final long MINUTE_MS = TimeUnit.MINUTES.toMillis(1);
    static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
    static final long DAY_MS = TimeUnit.DAYS.toMillis(1);

    public Period {
        if (fromMs < 0 || fromMs % MINUTE_MS != 0 || toMs % MINUTE_MS != 0 || toMs <= fromMs) {
            throw new IllegalArgumentException("not whole minutes: " + fromMs + " to " + toMs);
        }
        if (fromMs / DAY_MS != (toMs - 1) / DAY_MS) {
            throw new IllegalArgumentException("more than a day: " + fromMs + " to " + toMs);
        }
    }

    /** A UTC day. */
    public static Period day(LocalDate day) {
        long fromMs = day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        return new Period(fromMs, fromMs + DAY_MS);
    }

    /** The UTC day before that of a moment, ms since 1970 UTC. */
    public static Period yesterday(long nowMs) {
        long fromMs = nowMs - nowMs % DAY_MS - DAY_MS;
        return new Period(fromMs, fromMs + DAY_MS);
    }

    /** The days, or parts of days, from one moment to another; the minutes of both ends are included. */
    public static List<Period> days(long fromMs, long toMs) {
        List<Period> days = new ArrayList<>();
        long from = fromMs - fromMs % MINUTE_MS;
        long to = toMs + (MINUTE_MS - toMs % MINUTE_MS) % MINUTE_MS;
        while (from < to) {
            long end = Math.min(to, from - from % DAY_MS + DAY_MS);
            days.add(new Period(from, end));
            from = end;
        }
        return days;
    }

    public LocalDate day() {
        return Instant.ofEpochMilli(fromMs).atZone(ZoneOffset.UTC).toLocalDate();
    }

    public boolean isWholeDay() {
        return toMs - fromMs == DAY_MS;
    }

    /** The beginnings of its hours, ms since 1970 UTC. */
    public List<Long> hours() {
        List<Long> hours = new ArrayList<>();
        for (long hour = fromMs - fromMs % HOUR_MS; hour < toMs; hour += HOUR_MS) {
            hours.add(hour);
        }
        return hours;
    }

    public boolean contains(long ms) {
        return ms >= fromMs && ms < toMs;
    }

    /** A day as {@code 2025-01-15}, and else both ends. */
    @Override
    public String toString() {
        return isWholeDay() ? day().toString() : Instant.ofEpochMilli(fromMs) + " to " + Instant.ofEpochMilli(toMs);
    }
}
