package io.marketdata.collector.status;

import static io.marketdata.collector.html.Html.age;
import static io.marketdata.collector.html.Html.ago;
import static io.marketdata.collector.html.Html.atMost;
import static io.marketdata.collector.html.Html.bad;
import static io.marketdata.collector.html.Html.bytes;
import static io.marketdata.collector.html.Html.cell;
import static io.marketdata.collector.html.Html.each;
import static io.marketdata.collector.html.Html.fact;
import static io.marketdata.collector.html.Html.format;
import static io.marketdata.collector.html.Html.number;
import static io.marketdata.collector.html.Html.text;
import static io.marketdata.collector.html.Html.time;

import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.html.Html;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.status.Board.ConnectionRow;
import io.marketdata.collector.status.Board.SymbolRow;
import io.marketdata.collector.status.EventRing.Event;
import io.marketdata.collector.status.StatusServer.Answer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the status page: one self-contained page of plain tables. Its script fetches the whole page again every two
 * seconds, so only this class produces it; the page is complete without the script. Takes no lock.
 */
public final class StatusPage implements StatusServer.Page {

    private static final String STYLE = Html.STYLE + Html.resource("status/page.css");
    private static final String SCRIPT = Html.resource("status/page.js");

    /** Nothing from elsewhere; inline only these two texts. */
    private static final String POLICY = "default-src 'none'; style-src " + Html.hash(STYLE) + "; script-src "
            + Html.hash(SCRIPT) + "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Supplier<@Nullable Board> board;

    /** @param board the last board; null before the first */
    public StatusPage(Supplier<@Nullable Board> board) {
        this.board = board;
    }

    @Override
    public Answer show(@Nullable String accept) {
        Board now = board.get();
        String status = now == null ? "starting" : now.health().status().label();
        String page = Html.head(
                        status + " – collector"
                                + (now == null ? "" : " " + now.about().instance()),
                        "",
                        STYLE)
                + "<body>\n<div id=\"lost\" role=\"alert\" hidden></div>\n<main>\n"
                + (now == null ? "<p>The collector is starting.</p>\n" : content(now))
                + "</main>\n<footer><a href=\"/health\">health</a> · <a href=\"/metrics\">metrics</a> · ids are the exchange's"
                + " trade ids</footer>\n<script>" + SCRIPT + "</script>\n</body>\n</html>\n";
        return new Answer(200, "text/html; charset=utf-8", page, POLICY);
    }

    private static String content(Board now) {
        Board.About about = now.about();
        return "<h1>collector " + text(about.instance()) + "</h1>\n<p class=\"about\">" + text(about.bucket())
                + " · version " + text(about.version()) + " · up " + age(now.upSeconds()) + " · " + time(now.atMs())
                + "</p>\n" + health(now.health()) + symbols(now) + "<div class=\"cards\">\n" + store(now) + latency(now)
                + "</div>\n" + connections(now) + events(now);
    }

    private static String health(Report report) {
        List<Reason> causes = report.causes();
        String label = report.status().label();
        return "<section class=\"health " + label + "\"><strong>" + label + "</strong> <span>"
                + (causes.isEmpty() ? "no problems" : LogText.count(causes.size(), "problem")) + "</span>"
                + (causes.isEmpty() ? "" : "<ul>" + each(causes, cause -> cause(cause, report)) + "</ul>")
                + "</section>\n";
    }

    private static String cause(Reason cause, Report report) {
        Map<String, List<Reason>> explained = report.explainedBy(cause).stream()
                .collect(Collectors.groupingBy(Reason::code, LinkedHashMap::new, Collectors.toList()));
        return "<li>" + reason(cause)
                + (explained.isEmpty()
                        ? ""
                        : "<br>Because of it:<ul>" + each(List.copyOf(explained.values()), StatusPage::consequence)
                                + "</ul>")
                + "</li>";
    }

    /** One of the reasons with that code; with many symbols all of them would fill the page. */
    private static String consequence(List<Reason> sameCode) {
        int others = sameCode.size() - 1;
        return "<li>" + reason(sameCode.get(0))
                + (others == 0 ? "" : ", and of " + LogText.count(others, "other symbol")) + "</li>";
    }

    private static String reason(Reason reason) {
        return "<b>" + text(reason.code()) + "</b> since " + time(reason.sinceMs()) + ": " + text(reason.text())
                + " <span class=\"runbook\">" + text(reason.runbook()) + "</span>";
    }

    private static String symbols(Board now) {
        return "<section><h2>Symbols</h2><div class=\"scroll\">"
                + Html.table(
                        List.of(
                                "symbol",
                                "trades/s#",
                                "last 15 minutes",
                                "last trade#",
                                "last id#",
                                "stored up to#",
                                "trades missing#",
                                "open part"),
                        each(now.symbols(), row -> symbol(row, now.about())))
                + "</div></section>\n";
    }

    private static String symbol(SymbolRow row, Board.About about) {
        List<Double> rates = row.perSecond();
        double newest = rates.isEmpty() ? Double.NaN : rates.get(rates.size() - 1);
        String rate = Double.isNaN(newest) || !row.unknown().isEmpty() ? "–" : format("%.1f", newest);
        return Html.row(
                row.symbol().value(),
                number("trades/s", "<span class=\"rate\">" + rate + "</span>"),
                cell("last 15 minutes", Sparkline.of(rates)),
                number("last trade", row.lastTradeId() < 0 ? "none yet" : ago(row.lastTradeAgeMs())),
                number("last id", row.lastTradeId() < 0 ? "–" : Long.toString(row.lastTradeId())),
                number("stored up to", row.lastStoredId() < 0 ? "–" : Long.toString(row.lastStoredId())),
                number("trades missing", missing(row)),
                cell("open part", openPart(row, about)));
    }

    /** Zero only while it is known that none is missing. */
    private static String missing(SymbolRow row) {
        String unrecoverable = row.unrecoverable() == 0 ? "" : ", " + row.unrecoverable() + " unrecoverable";
        if (!row.unknown().isEmpty()) {
            String known = row.missing() == 0 ? "" : "≥ " + row.missing() + ", ";
            return bad(known + "unknown: " + text(row.unknown()) + unrecoverable);
        }
        return row.missing() == 0 && row.unrecoverable() == 0 ? "0" : bad(row.missing() + unrecoverable);
    }

    private static String openPart(SymbolRow row, Board.About about) {
        double filled =
                Math.max((double) row.partBytes() / about.rotateBytes(), row.partAgeMs() / 1e3 / about.rotateSeconds());
        return format("<meter value=\"%.3f\" aria-label=\"filled\"></meter> ", Math.min(1, filled))
                + format("%.2f of %.0f MiB, ", row.partBytes() / Html.MIB, about.rotateBytes() / Html.MIB)
                + format("%.1f of %d s", row.partAgeMs() / 1e3, about.rotateSeconds());
    }

    private static String store(Board now) {
        Board.Store store = now.store();
        String backlog = LogText.count(store.backlogParts(), "part")
                + (store.backlogParts() == 0 ? "" : ", the oldest for " + age(store.oldestSeconds()));
        String uploaded = LogText.count(store.partsStored(), "part") + ", " + bytes(store.bytesStored());
        String spool = format(
                        "<meter value=\"%.3f\" high=\"0.8\" aria-label=\"filled\"></meter> ",
                        Math.min(1, store.fillRatio()))
                + bytes(store.spoolBytes()) + " of " + bytes(now.about().maxBytes()) + ", "
                + LogText.count(store.spoolFiles(), "file");
        return "<section><h2>Backlog and spool</h2><table><tbody>\n"
                + fact("backlog", backlog)
                + fact("uploaded since the start", uploaded)
                + fact("spool", spool)
                + fact("disk free", bytes(store.freeBytes()))
                + fact("last upload", lastUpload(store))
                + "</tbody></table></section>\n";
    }

    private static String lastUpload(Board.Store store) {
        if (!store.error().isEmpty()) {
            return bad(text(store.error()));
        }
        return store.partsStored() == 0 ? "none yet" : "ok";
    }

    private static String latency(Board now) {
        Long offset = now.clockOffsetMs();
        return "<section><h2>Latency, last minute</h2><table><thead><tr><th scope=\"col\">from the trade to</th>"
                + "<th scope=\"col\" class=\"number\">median</th><th scope=\"col\" class=\"number\">99 %</th></tr>"
                + "</thead><tbody>\n" + latency("arrival", now.received()) + latency("bucket", now.stored())
                + "<tr><th scope=\"row\">clock offset</th><td class=\"number\" colspan=\"2\">"
                + (offset == null
                        ? "unknown"
                        : Math.abs(offset) + " ms " + (offset < 0 ? "behind" : "ahead of") + " the exchange's")
                + "</td></tr>\n</tbody></table></section>\n";
    }

    private static String latency(String name, Board.Latency latency) {
        return Html.row(name, number("median", atMost(latency.median())), number("99 %", atMost(latency.p99())));
    }

    private static String connections(Board now) {
        return "<section><h2>Connections</h2><div class=\"scroll\">"
                + Html.table(
                        List.of("connection", "server", "open for#", "trades#"),
                        now.connections().isEmpty()
                                ? "<tr><td class=\"bad\" colspan=\"4\">none</td></tr>\n"
                                : each(now.connections(), StatusPage::connection))
                + "</div></section>\n";
    }

    private static String connection(ConnectionRow connection) {
        long openMs = connection.openMs();
        return Html.row(
                connection.name(),
                cell("server", text(connection.server())),
                number("open for", openMs < 0 ? bad("connecting") : age(openMs / 1_000)),
                number("trades", Long.toString(connection.trades())));
    }

    private static String events(Board now) {
        return "<section class=\"events\"><h2>Last events of each severity</h2><table><thead><tr>"
                + "<th scope=\"col\">time</th><th scope=\"col\">level</th><th scope=\"col\">event</th></tr></thead><tbody>\n"
                + each(now.events(), StatusPage::event)
                + (now.events().isEmpty() ? "<tr><td class=\"soft\" colspan=\"3\">none</td></tr>\n" : "")
                + "</tbody></table></section>\n";
    }

    private static String event(Event event) {
        boolean bad = event.level().equals("ERROR") || event.level().equals("WARN");
        return "<tr><td>" + time(event.atMs()) + "</td><td"
                + (bad ? " class=\"bad\"" : "") + ">" + text(event.level()) + "</td><td class=\"text\">"
                + text(event.text()) + "</td></tr>\n";
    }
}
