package io.marketdata.collector.status;

import com.google.errorprone.annotations.FormatMethod;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.status.Board.ConnectionRow;
import io.marketdata.collector.status.Board.SymbolRow;
import io.marketdata.collector.status.EventRing.Event;
import io.marketdata.collector.status.StatusServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the status page: one self-contained page of plain tables. Its script fetches the whole page again every two
 * seconds, so only this class produces it; the page is complete without the script. Takes no lock.
 */
public final class StatusPage implements StatusServer.Page {

    private static final String STYLE = resource("page.css");
    private static final String SCRIPT = resource("page.js");

    /** Nothing from elsewhere; inline only these two texts. */
    private static final String POLICY = "default-src 'none'; style-src '" + hash(STYLE) + "'; script-src '"
            + hash(SCRIPT) + "'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final double MIB = 1 << 20;

    private final Supplier<@Nullable Board> board;

    /** @param board the last board; null before the first */
    public StatusPage(Supplier<@Nullable Board> board) {
        this.board = board;
    }

    private static String resource(String name) {
        try (InputStream in = StatusPage.class.getResourceAsStream("/status/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks status/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        return "sha256-" + Sha256.of(text.getBytes(StandardCharsets.UTF_8)).base64();
    }

    @Override
    public Answer show(@Nullable String accept) {
        Board now = board.get();
        String status = now == null ? "starting" : now.health().status().label();
        String page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + status
                + " – collector" + (now == null ? "" : " " + text(now.about().instance())) + "</title>\n<style>" + STYLE
                + "</style>\n</head>\n<body>\n<div id=\"lost\" role=\"alert\" hidden></div>\n<main>\n"
                + (now == null ? "<p>The collector is starting.</p>\n" : content(now))
                + "</main>\n<footer><a href=\"/health\">health</a> · <a href=\"/metrics\">metrics</a> · times are UTC, ids are"
                + " the exchange's trade ids</footer>\n<script>" + SCRIPT + "</script>\n</body>\n</html>\n";
        return new Answer(200, "text/html; charset=utf-8", page, POLICY);
    }

    private static String content(Board now) {
        Board.About about = now.about();
        return "<h1>collector " + text(about.instance()) + "</h1>\n<p class=\"about\">"
                + text(about.bucket()) + " · version " + text(about.version()) + " · up "
                + age(now.upSeconds()) + " · " + clock(now.atMs()) + "</p>\n" + health(now)
                + symbols(now) + "<div class=\"cards\">\n" + store(now) + latency(now) + "</div>\n" + connections(now)
                + events(now);
    }

    private static String health(Board now) {
        List<Reason> reasons = now.health().reasons();
        String label = now.health().status().label();
        return "<section class=\"health " + label + "\"><strong>" + label + "</strong> <span>"
                + (reasons.isEmpty() ? "no problems" : LogText.count(reasons.size(), "reason")) + "</span>"
                + (reasons.isEmpty() ? "" : "<ul>" + html(reasons, StatusPage::reason) + "</ul>") + "</section>\n";
    }

    private static String reason(Reason reason) {
        return "<li><b>" + text(reason.code()) + "</b> since " + clock(reason.sinceMs()) + ": " + text(reason.text())
                + "</li>";
    }

    private static String symbols(Board now) {
        return "<section><h2>Symbols</h2><div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">symbol</th>"
                + number("trades/s") + "<th scope=\"col\">last 15 minutes</th>" + number("last trade")
                + number("last id") + number("stored up to") + number("gaps open")
                + "<th scope=\"col\">open part</th></tr></thead>\n<tbody>\n"
                + html(now.symbols(), row -> symbol(row, now.about()))
                + "</tbody></table></div></section>\n";
    }

    private static String symbol(SymbolRow row, Board.About about) {
        List<Double> rates = row.perSecond();
        String rate = rates.isEmpty() ? "–" : format("%.1f", rates.get(rates.size() - 1));
        double filled =
                Math.max((double) row.partBytes() / about.rotateBytes(), row.partAgeMs() / 1e3 / about.rotateSeconds());
        return "<tr><th scope=\"row\">" + text(row.symbol().value()) + "</th>"
                + cell("<span class=\"rate\">" + rate + "</span>") + "<td>" + sparkline(rates) + "</td>"
                + cell(row.lastTradeId() < 0 ? "none yet" : ago(row.lastTradeAgeMs()))
                + cell(row.lastTradeId() < 0 ? "–" : Long.toString(row.lastTradeId()))
                + cell(row.lastStoredId() < 0 ? "–" : Long.toString(row.lastStoredId()))
                + cell(gaps(row))
                + format("<td><meter value=\"%.3f\" aria-label=\"filled\"></meter> ", Math.min(1, filled))
                + format("%.2f of %.0f MiB, ", row.partBytes() / MIB, about.rotateBytes() / MIB)
                + format("%.1f of %d s</td></tr>\n", row.partAgeMs() / 1e3, about.rotateSeconds());
    }

    private static String gaps(SymbolRow row) {
        if (row.missing() == 0 && row.unrecoverable() == 0) {
            return "0";
        }
        return "<span class=\"bad\">" + LogText.count(row.missing(), "trade")
                + (row.unrecoverable() == 0 ? "" : ", " + row.unrecoverable() + " unrecoverable") + "</span>";
    }

    /** The rates as a line, scaled so that the highest rate fills the height. */
    private static String sparkline(List<Double> rates) {
        if (rates.size() < 2) {
            return "<span class=\"soft\">after 20 s</span>";
        }
        double top = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        StringBuilder points = new StringBuilder();
        int first = RateHistory.STEPS - rates.size();
        for (int i = 0; i < rates.size(); i++) {
            double height = top == 0 ? 0 : 27 * rates.get(i) / top;
            points.append(format("%d,%.1f ", 2 * (first + i), 29 - height));
        }
        int last = 2 * (RateHistory.STEPS - 1);
        return "<svg viewBox=\"0 0 " + last + " 30\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\""
                + format("at most %.1f trades per second", top) + "\"><polygon points=\""
                + 2 * first
                + ",30 " + points + last + ",30\"/><polyline points=\""
                + points.toString().strip() + "\"/></svg>";
    }

    private static String store(Board now) {
        Board.Store store = now.store();
        String backlog = LogText.count(store.backlogParts(), "part")
                + (store.backlogParts() == 0 ? "" : ", the oldest for " + age(store.oldestSeconds()));
        String uploaded = LogText.count(store.partsStored(), "part") + ", " + megabytes(store.bytesStored());
        String spool = format(
                        "<meter value=\"%.3f\" high=\"0.8\" aria-label=\"filled\"></meter> ",
                        Math.min(1, store.fillRatio()))
                + megabytes(store.spoolBytes()) + " of " + megabytes(now.about().maxBytes()) + ", "
                + LogText.count(store.spoolFiles(), "file");
        String error = store.error().isEmpty() ? "ok" : "<span class=\"bad\">" + text(store.error()) + "</span>";
        return "<section><h2>Backlog and spool</h2><table><tbody>\n"
                + row("backlog", backlog)
                + row("uploaded since the start", uploaded)
                + row("spool", spool)
                + row("disk free", megabytes(store.freeBytes()))
                + row("last upload", error)
                + "</tbody></table></section>\n";
    }

    private static String latency(Board now) {
        Long offset = now.clockOffsetMs();
        return "<section><h2>Latency, last minute</h2><table><thead><tr><th scope=\"col\">from the trade to</th>"
                + number("median") + number("99 %") + "</tr></thead><tbody>\n"
                + "<tr><th scope=\"row\">arrival</th>"
                + cell(atMost(now.received().median()))
                + cell(atMost(now.received().p99())) + "</tr>\n<tr><th scope=\"row\">bucket</th>"
                + cell(atMost(now.stored().median())) + cell(atMost(now.stored().p99())) + "</tr>\n"
                + "<tr><th scope=\"row\">clock offset</th><td class=\"number\" colspan=\"2\">"
                + (offset == null
                        ? "unknown"
                        : Math.abs(offset) + " ms " + (offset < 0 ? "behind" : "ahead of") + " the exchange's")
                + "</td></tr>\n</tbody></table></section>\n";
    }

    private static String connections(Board now) {
        return "<section><h2>Connections</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">connection</th>"
                + "<th scope=\"col\">server</th>" + number("open for") + number("trades") + "</tr></thead><tbody>\n"
                + html(now.connections(), StatusPage::connection)
                + (now.connections().isEmpty() ? "<tr><td class=\"bad\" colspan=\"4\">none</td></tr>\n" : "")
                + "</tbody></table></div></section>\n";
    }

    private static String connection(ConnectionRow connection) {
        long openMs = connection.openMs();
        String open = openMs < 0 ? "<span class=\"bad\">connecting</span>" : age(openMs / 1_000);
        return "<tr><th scope=\"row\">" + text(connection.name()) + "</th><td>" + text(connection.server()) + "</td>"
                + cell(open) + cell(Long.toString(connection.trades())) + "</tr>\n";
    }

    private static String events(Board now) {
        return "<section class=\"events\"><h2>Events</h2><table><thead><tr><th scope=\"col\">time</th>"
                + "<th scope=\"col\">level</th><th scope=\"col\">event</th></tr></thead><tbody>\n"
                + html(now.events(), StatusPage::event)
                + (now.events().isEmpty() ? "<tr><td class=\"soft\" colspan=\"3\">none</td></tr>\n" : "")
                + "</tbody></table></section>\n";
    }

    private static String event(Event event) {
        boolean bad = event.level().equals("ERROR") || event.level().equals("WARN");
        return "<tr><td>" + clock(event.atMs()) + "</td><td"
                + (bad ? " class=\"bad\"" : "") + ">" + text(event.level()) + "</td><td class=\"text\">"
                + text(event.text()) + "</td></tr>\n";
    }

    private static <T> String html(List<T> rows, Function<T, String> html) {
        return rows.stream().map(html).collect(Collectors.joining());
    }

    private static String clock(long ms) {
        return CLOCK.format(Instant.ofEpochMilli(ms));
    }

    /** Formats without the locale of this machine. */
    @FormatMethod
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String row(String name, String html) {
        return "<tr><th scope=\"row\">" + name + "</th><td class=\"text\">" + html + "</td></tr>\n";
    }

    private static String number(String heading) {
        return "<th scope=\"col\" class=\"number\">" + heading + "</th>";
    }

    private static String cell(String html) {
        return "<td class=\"number\">" + html + "</td>";
    }

    private static String atMost(double seconds) {
        if (Double.isNaN(seconds)) {
            return "–";
        }
        if (Double.isInfinite(seconds)) {
            return "more";
        }
        return seconds < 1 ? format("≤ %.0f ms", seconds * 1e3) : format("≤ %.1f s", seconds);
    }

    private static String ago(long ms) {
        return ms < 60_000 ? format("%.1f s ago", ms / 1e3) : age(ms / 1_000) + " ago";
    }

    private static String age(long seconds) {
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

    private static String megabytes(long bytes) {
        return bytes < 1 << 30 ? format("%.1f MiB", bytes / MIB) : format("%.1f GiB", bytes / MIB / 1_024);
    }

    /** Escapes text from outside. */
    private static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
