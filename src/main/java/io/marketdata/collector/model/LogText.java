package io.marketdata.collector.model;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Makes untrusted text safe for a log line or an error message: escaped, truncated, one line. */
public final class LogText {

    private static final int MAX_CHARS = 120;

    private LogText() {}

    /** The text with everything but printable ASCII escaped, truncated to 120 characters. */
    public static String of(String text) {
        return of(text, MAX_CHARS);
    }

    /** The same, truncated to {@code maxChars}. */
    public static String of(String text, int maxChars) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (shown.length() >= maxChars) {
                return shown + "... (" + text.length() + " characters)";
            }
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f) {
                shown.append(c);
            } else {
                shown.append("\\u").append(String.format(java.util.Locale.ROOT, "%04x", (int) c));
            }
        }
        return shown.toString();
    }

    /** A number and its unit: {@code 1 part}, {@code 2 parts}. */
    public static String count(long number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s");
    }

    /** A time in its largest whole unit: {@code 12 h}, {@code 90 s}. */
    public static String time(Duration time) {
        long seconds = time.toSeconds();
        return seconds >= 7_200 ? seconds / 3_600 + " h" : seconds >= 120 ? seconds / 60 + " min" : seconds + " s";
    }

    /** The bytes read as UTF-8, escaped and truncated like {@link #of(String)}. */
    public static String of(byte[] bytes, int offset, int length) {
        int shown = Math.min(length, 4 * MAX_CHARS);
        String text = of(new String(bytes, offset, shown, StandardCharsets.UTF_8));
        return shown < length ? text + " (" + length + " bytes)" : text;
    }
}
