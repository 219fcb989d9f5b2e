package io.marketdata.collector.status;

import com.google.errorprone.annotations.FormatMethod;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The small parts of the status page: escaped text, numbers with units, times with their zone, cells of tables. */
final class Html {

    static final double MIB = 1 << 20;

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Html() {}

    /** Escapes text from outside. */
    static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    static <T> String each(List<T> rows, Function<T, String> html) {
        return rows.stream().map(html).collect(Collectors.joining());
    }

    /** Formats without the locale of this machine. */
    @FormatMethod
    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    static String bad(String html) {
        return "<span class=\"bad\">" + html + "</span>";
    }

    /** @param ms since 1970 UTC */
    static String time(long ms) {
        Instant time = Instant.ofEpochMilli(ms);
        return "<time datetime=\"" + time + "\">" + CLOCK.format(time) + "</time>";
    }

    static String ago(long ms) {
        return ms < 60_000 ? format("%.1f s ago", ms / 1e3) : age(ms / 1_000) + " ago";
    }

    static String age(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds < 86_400
                ? seconds / 3_600 + " h " + seconds / 60 % 60 + " min"
                : seconds / 86_400 + " d " + seconds / 3_600 % 24 + " h";
    }

    static String bytes(long bytes) {
        return bytes < 1 << 30 ? format("%.1f MiB", bytes / MIB) : format("%.1f GiB", bytes / MIB / 1_024);
    }

    /** The upper bound of a quantile. */
    static String atMost(double seconds) {
        if (Double.isNaN(seconds)) {
            return "–";
        }
        if (Double.isInfinite(seconds)) {
            return "more";
        }
        return seconds < 1 ? format("≤ %.0f ms", seconds * 1e3) : format("≤ %.1f s", seconds);
    }

    /** A table that a narrow window shows as one card for each row; a heading ending in {@code #} is of numbers. */
    static String table(List<String> headings, String rows) {
        return "<table class=\"wide\"><thead><tr>" + each(headings, Html::heading) + "</tr></thead>\n<tbody>\n" + rows
                + "</tbody></table>\n";
    }

    private static String heading(String heading) {
        return heading.endsWith("#")
                ? "<th scope=\"col\" class=\"number\">" + heading.substring(0, heading.length() - 1) + "</th>"
                : "<th scope=\"col\">" + heading + "</th>";
    }

    /** A row of such a table; each of the cells comes from {@link #cell} or {@link #number}. */
    static String row(String name, String... cells) {
        return "<tr><th scope=\"row\">" + text(name) + "</th>"
                + Arrays.stream(cells).collect(Collectors.joining()) + "</tr>\n";
    }

    /** @param label what a card shows beside it */
    static String cell(String label, String html) {
        return "<td data-label=\"" + label + "\">" + html + "</td>";
    }

    /** A cell of a number. */
    static String number(String label, String html) {
        return "<td class=\"number\" data-label=\"" + label + "\">" + html + "</td>";
    }

    /** A line of a list of facts. */
    static String fact(String name, String html) {
        return "<tr><th scope=\"row\">" + name + "</th><td class=\"text\">" + html + "</td></tr>\n";
    }
}
