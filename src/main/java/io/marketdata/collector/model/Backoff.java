package io.marketdata.collector.model;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: {@code first}, doubled after every failure up to {@code max}, with jitter
 * so that many clients do not return at the same instant. Pure: randomness is a parameter.
 *
 * @param first the unjittered delay after the first failure, more than zero
 * @param max the longest unjittered delay, not below {@code first}
 */
public record Backoff(Duration first, Duration max) {

    private static final Duration YEAR = Duration.ofDays(365);

    public Backoff {
        if (first.isNegative() || first.isZero() || max.compareTo(first) < 0) {
            throw new IllegalArgumentException("back-off must have 0 < first <= max, was " + first.toMillis()
                    + " ms to " + max.toMillis() + " ms");
        }
    }

    /**
     * The delay after {@code failures} failures in a row (1 = the first).
     *
     * @param random in [0, 1): the share of the unjittered delay to wait ("full jitter", which spreads clients best: AWS
     *     Architecture Blog, "Exponential Backoff And Jitter", 2015)
     */
    public Duration delay(int failures, DoubleSupplier random) {
        if (failures < 1) {
            return Duration.ZERO;
        }
        int doublings = Math.min(failures - 1, 30);
        long longest = max.toNanos();
        long full = first.toNanos() > longest >> doublings ? longest : first.toNanos() << doublings;
        return Duration.ofNanos((long) (full * random.getAsDouble()));
    }

    /**
     * The pause that an answer demands with {@code Retry-After}, in seconds or as a date (RFC 9110, 10.2.3); at most a
     * year, and zero if it demands none, or something that makes no sense.
     *
     * @param date the answer's {@code Date}, from which a date counts: this machine's clock may be years off
     * @param nowMs wall clock, ms since 1970 UTC, for an answer without a valid {@code Date}
     */
    public static Duration demanded(String retryAfter, String date, long nowMs) {
        String text = retryAfter.strip();
        if (text.matches("[0-9]{1,300}")) {
            boolean huge = text.length() > 18;
            return atMostAYear(Duration.ofSeconds(huge ? Long.MAX_VALUE : Long.parseLong(text)));
        }
        long untilMs = httpDateMs(text, Long.MIN_VALUE);
        return untilMs == Long.MIN_VALUE
                ? Duration.ZERO
                : atMostAYear(Duration.ofMillis(untilMs - httpDateMs(date, nowMs)));
    }

    private static Duration atMostAYear(Duration pause) {
        return pause.isNegative() ? Duration.ZERO : pause.compareTo(YEAR) > 0 ? YEAR : pause;
    }

    /** An HTTP date, ms since 1970 UTC; {@code otherwise} if the text is none. */
    public static long httpDateMs(String date, long otherwise) {
        try {
            return ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            return otherwise;
        }
    }
}
