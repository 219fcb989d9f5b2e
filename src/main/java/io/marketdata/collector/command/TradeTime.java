package io.marketdata.collector.command;

import io.marketdata.collector.model.LogText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import picocli.CommandLine.TypeConversionException;

/**
 * A moment as a person names it on the command line.
 *
 * @param epochMs ms since 1970 UTC
 */
public record TradeTime(long epochMs) {

    private static final String FORMS = "2026-11-20, 2026-11-20T10:00Z or ms since 1970";
    private static final long LATEST_MS = 9_999_999_999_999L;

    /** Reads a date (its first moment, UTC), a time with its offset, or ms since 1970 UTC. */
    static TradeTime of(String text) {
        try {
            long ms = text.matches("[0-9]{1,18}")
                    ? Long.parseLong(text)
                    : parse(text).toEpochMilli();
            if (ms < 0 || ms > LATEST_MS) {
                throw new TypeConversionException("not between 1970 and 2286; allowed: " + FORMS);
            }
            return new TradeTime(ms);
        } catch (DateTimeException | ArithmeticException e) {
            throw new TypeConversionException(
                    text.matches(".*T[0-9:.]+")
                            ? "has no time zone; append Z for UTC"
                            : "not a time; allowed: " + FORMS);
        }
    }

    private static Instant parse(String text) {
        return text.indexOf('T') < 0
                ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                : OffsetDateTime.parse(text).toInstant();
    }

    @Override
    public String toString() {
        return LogText.of(Instant.ofEpochMilli(epochMs).toString());
    }
}
