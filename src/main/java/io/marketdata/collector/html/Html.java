package io.marketdata.collector.html;

import com.google.errorprone.annotations.FormatMethod;
import io.marketdata.collector.model.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The small parts of the pages: escaped text, numbers with units, times with their zone, cells of tables; and their common
 * style. What it returns is well-formed XML as well.
 */
public final class Html {

    /** The style that the pages have in common: colours, sections, tables; for a telephone, in the dark and on paper. */
    public static final String STYLE = resource("html/base.css");

    public static final double MIB = 1 << 20;

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final Pattern UNFIT = Pattern.compile(
            "[^\t\n\r\\x20-\\x7E\\xA0-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]|[\\u202A-\\u202E\\u2066-\\u2069]");

    private Html() {}

    /** Reads a text file of the jar. */
    public static String resource(String path) {
        try (InputStream in = Html.class.getResourceAsStream("/" + path)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a Content-Security-Policy names an inline style or script, in quotes. */
    public static String hash(String inline) {
        return "'sha256-" + Sha256.of(inline.getBytes(StandardCharsets.UTF_8)).base64() + "'";
    }

    /**
     * The beginning of a page, up to the end of its head.
     *
     * @param meta more elements for the head
     */
    public static String head(String title, String meta, String style) {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" + meta + "<title>"
                + text(title) + "</title>\n<style>" + style + "</style>\n</head>\n";
    }

    /** Escapes text from outside. What XML does not allow, and what turns the direction of text, is replaced. */
    public static String text(String text) {
        return UNFIT.matcher(text)
                .replaceAll("\uFFFD")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    public static <T> String each(List<T> rows, Function<T, String> html) {
        return rows.stream().map(html).collect(Collectors.joining());
    }

    /** Formats without the locale of this machine. */
    @FormatMethod
    public static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    public static String bad(String html) {
        return "<span class=\"bad\">" + html + "</span>";
    }

    /**
     * A time with its zone.
     *
     * @param ms since 1970 UTC
     */
    public static String time(long ms) {
        Instant time = Instant.ofEpochMilli(ms);
        return "<time datetime=\"" + time + "\">" + CLOCK.format(time) + "</time>";
    }

    public static String ago(long ms) {
        return ms < 60_000 ? format("%.1f s ago", ms / 1e3) : age(ms / 1_000) + " ago";
    }

    public static String age(long seconds) {
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

    public static String bytes(long bytes) {
        return bytes < 1 << 30 ? format("%.1f MiB", bytes / MIB) : format("%.1f GiB", bytes / MIB / 1_024);
    }

    /** The upper bound of a quantile. */
    public static String atMost(double seconds) {
        if (Double.isNaN(seconds)) {
            return "–";
        }
        if (Double.isInfinite(seconds)) {
            return "more";
        }
        return seconds < 1 ? format("≤ %.0f ms", seconds * 1e3) : format("≤ %.1f s", seconds);
    }

    /** A table that a narrow window shows as one card for each row; a heading ending in {@code #} is of numbers. */
    public static String table(List<String> headings, String rows) {
        return "<table class=\"wide\"><thead><tr>" + each(headings, Html::heading) + "</tr></thead>\n<tbody>\n" + rows
                + "</tbody></table>\n";
    }

    private static String heading(String heading) {
        return heading.endsWith("#")
                ? "<th scope=\"col\" class=\"number\">" + heading.substring(0, heading.length() - 1) + "</th>"
                : "<th scope=\"col\">" + heading + "</th>";
    }

    /** A row of such a table; each of the cells comes from {@link #cell} or {@link #number}. */
    public static String row(String name, String... cells) {
        return "<tr><th scope=\"row\">" + text(name) + "</th>"
                + Arrays.stream(cells).collect(Collectors.joining()) + "</tr>\n";
    }

    /**
     * A cell of text.
     *
     * @param label what a card shows beside it
     */
    public static String cell(String label, String html) {
        return "<td data-label=\"" + label + "\">" + html + "</td>";
    }

    /** A cell of a number. */
    public static String number(String label, String html) {
        return "<td class=\"number\" data-label=\"" + label + "\">" + html + "</td>";
    }

    /** A line of a list of facts. */
    public static String fact(String name, String html) {
        return "<tr><th scope=\"row\">" + name + "</th><td class=\"text\">" + html + "</td></tr>\n";
    }
}
