package io.marketdata.collector.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses and formats durations and sizes of the settings: {@code 250ms}, {@code 23h}, {@code 2MiB}. */
final class Units {

    // At most as many digits as fit a long in the largest unit.
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) ?(B|KiB|MiB|GiB)?");
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    private Units() {}

    /** @throws IllegalArgumentException with the reason, if it is not a number with one of the units */
    static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a number with one of the units ms, s, m, h");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /**
     * Parses a number of bytes, with or without a unit.
     *
     * @throws IllegalArgumentException with the reason
     */
    static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a number of bytes and not a number with one of the units KiB, MiB, GiB");
        }
        long amount = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        if (unit == null || unit.equals("B")) {
            return amount;
        }
        long each = unit.equals("KiB") ? KIB : unit.equals("MiB") ? MIB : GIB;
        return amount > Long.MAX_VALUE / each ? Long.MAX_VALUE : amount * each;
    }

    /** The shortest text that {@link #duration} parses to the same value; whole milliseconds. */
    static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        // 60s is easier to compare with 90s than 1m.
        return seconds % 60 == 0 && seconds > 60 ? seconds / 60 + "m" : seconds + "s";
    }

    /** The shortest text that {@link #bytes} parses to the same value. */
    static String text(long bytes) {
        if (bytes == 0 || bytes % KIB != 0) {
            return Long.toString(bytes);
        }
        if (bytes % MIB != 0) {
            return bytes / KIB + "KiB";
        }
        return bytes % GIB == 0 ? bytes / GIB + "GiB" : bytes / MIB + "MiB";
    }
}
