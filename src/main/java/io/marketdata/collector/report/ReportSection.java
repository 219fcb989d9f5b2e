package io.marketdata.collector.report;

import static io.marketdata.collector.html.Html.cell;
import static io.marketdata.collector.html.Html.each;
import static io.marketdata.collector.html.Html.fact;
import static io.marketdata.collector.html.Html.format;
import static io.marketdata.collector.html.Html.number;
import static io.marketdata.collector.html.Html.time;
import static io.marketdata.collector.report.ReportPage.count;
import static io.marketdata.collector.report.ReportPage.safe;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.InstanceReport;
import io.marketdata.collector.audit.Edge;
import io.marketdata.collector.audit.Fill;
import io.marketdata.collector.audit.Gap;
import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.audit.Minutes;
import io.marketdata.collector.audit.Problem;
import io.marketdata.collector.audit.Quantiles;
import io.marketdata.collector.html.Html;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.upload.PutPrice;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the page says of one symbol and period. */
final class ReportSection {

    /** Of each list. */
    static final int MOST = 200;

    private final DayReport report;
    private final @Nullable PutPrice price;
    private final boolean isOneOfMany;

    /** @param price null: not known */
    ReportSection(DayReport report, @Nullable PutPrice price, boolean isOneOfMany) {
        this.report = report;
        this.price = price;
        this.isOneOfMany = isOneOfMany;
    }

    String html() {
        String heading = isOneOfMany ? "<h2 class=\"name\">" + Html.text(ReportPage.name(report)) + "</h2>\n" : "";
        String verdict = isOneOfMany ? ReportPage.verdict(report.verdict(), "") : "";
        return heading
                + verdict
                + facts()
                + MinuteStrips.html(report.period(), Minutes.of(report))
                + gaps()
                + filled()
                + problems("Problems", report.problems())
                + problems("Repaired: backfilled since", report.repaired())
                + list("Not looked at", report.notSeen(), ReportPage::safe)
                + instances()
                + delays()
                + list("Notes", report.notices(), ReportPage::safe);
    }

    private String facts() {
        IdRanges ids = report.ids();
        return "<section><h2>Trades</h2><table><tbody>\n"
                + fact("trades", count(ids.count()))
                + fact("ids", ids.isEmpty() ? "none" : ids.first() + " to " + ids.last())
                + fact("missing", missing())
                + fact("backfilled", count(report.backfilled()))
                + fact("parts", count(report.parts().size()))
                + fact("held by", heldBy())
                + fact("before it", edge(report.before(), "last"))
                + fact("after it", edge(report.after(), "first")) + "</tbody></table>" + advice() + "</section>\n";
    }

    private String missing() {
        String text = count(report.missing());
        return report.missing() == 0
                ? text
                : Html.bad(text + " in " + LogText.count(report.gaps().size(), "gap"));
    }

    private String advice() {
        return report.missing() == 0 && report.problems().isEmpty()
                ? ""
                : "<p>To fetch these trades again: <code>verify --json &gt; verify.json</code>, then"
                        + " <code>backfill --from-verify verify.json</code>.</p>";
    }

    private String heldBy() {
        List<Long> trades = report.coverage().trades();
        StringBuilder text = new StringBuilder();
        for (int i = trades.size() - 1; i > 0; i--) {
            if (trades.get(i) > 0) {
                text.append(text.isEmpty() ? "" : "; ")
                        .append(count(trades.get(i)))
                        .append(" trades by ")
                        .append(i)
                        .append(" of ")
                        .append(LogText.count(trades.size() - 1, "instance"));
            }
        }
        return text.isEmpty() ? "no instance" : text.toString();
    }

    private static String edge(Edge edge, String which) {
        String neighbour = "the " + which + " id there is " + edge.neighbourId();
        return switch (edge.state()) {
            case JOINED -> "joined: " + neighbour;
            case GAP -> Html.bad("not joined: " + neighbour);
            case OPEN -> "open: " + safe(edge.why());
        };
    }

    private String gaps() {
        return table(
                "Gaps",
                report.gaps(),
                report.gaps().size(),
                List.of("ids", "trades#", "after", "before"),
                gap -> Html.row(
                        ids(gap.ids()),
                        number("trades", count(gap.ids().count())),
                        cell("after", gap.afterMs() == 0 ? "–" : time(gap.afterMs())),
                        cell("before", gap.beforeMs() == 0 ? "–" : time(gap.beforeMs()))));
    }

    private String filled() {
        return table(
                "Filled gaps: backfilled over REST",
                Fill.longest(report, MOST),
                report.filled().ranges().size(),
                List.of("ids", "trades#", "from", "to", "by instance"),
                fill -> Html.row(
                        ids(fill.ids()),
                        number("trades", count(fill.ids().count())),
                        cell("from", time(fill.fromMs())),
                        cell("to", time(fill.toMs())),
                        cell(
                                "by instance",
                                fill.by().stream()
                                        .limit(5)
                                        .map(instance -> Html.text(instance.value()))
                                        .collect(Collectors.joining(", ")))));
    }

    private static String ids(IdRange ids) {
        return ids.count() == 1 ? Long.toString(ids.first()) : ids.first() + " to " + ids.last();
    }

    private String problems(String heading, List<Problem> problems) {
        return table(
                heading,
                problems,
                problems.size(),
                List.of("problem", "object", "detail", "ids"),
                problem -> Html.row(
                        problem.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        cell("object", "<span class=\"key\">" + safe(problem.key()) + "</span>"),
                        cell("detail", "<span class=\"key\">" + safe(problem.detail()) + "</span>"),
                        cell("ids", problem.ids().isEmpty() ? "–" : ids(problem.ids()))));
    }

    private static String ids(IdRanges ids) {
        return ids(new IdRange(ids.first(), ids.last()));
    }

    private static <T> String table(
            String heading, List<T> values, int total, List<String> columns, Function<T, String> row) {
        if (total == 0) {
            return "";
        }
        List<T> shown = values.subList(0, Math.min(values.size(), MOST));
        return section(heading, total, Html.table(columns, each(shown, row)), total - shown.size());
    }

    private static String list(String heading, List<String> values, Function<String, String> text) {
        if (values.isEmpty()) {
            return "";
        }
        List<String> shown = values.subList(0, Math.min(values.size(), MOST));
        String items = each(shown, value -> "<li>" + text.apply(value) + "</li>\n");
        return section(heading, values.size(), "<ul>\n" + items + "</ul>\n", values.size() - shown.size());
    }

    private static String section(String heading, int total, String html, int left) {
        return "<section><h2>" + heading + " (" + count(total) + ")</h2>" + html
                + (left == 0 ? "" : "<p>" + count(left) + " more, which <code>verify --json</code> lists.</p>\n")
                + "</section>\n";
    }

    private String instances() {
        return table(
                "Instances",
                report.instances(),
                report.instances().size(),
                List.of("instance", "parts#", "trades#", "backfilled#", "lacks#", "in gaps#", "longest gap"),
                this::instance);
    }

    /** What others hold and it does not is no fault of the whole. */
    private String instance(InstanceReport instance) {
        IdRanges lacking = report.ids().minus(instance.ids());
        return Html.row(
                instance.instance().value(),
                number("parts", count(instance.parts())),
                number("trades", count(instance.ids().count())),
                number("backfilled", count(instance.backfilled())),
                number("lacks", count(lacking.count())),
                number("in gaps", count(lacking.ranges().size())),
                cell(
                        "longest gap",
                        instance.gaps().isEmpty()
                                ? "–"
                                : longest(instance.gaps().get(0))));
    }

    private static String longest(Gap gap) {
        return "ids " + ids(gap.ids()) + (gap.afterMs() == 0 ? "" : " after " + time(gap.afterMs()));
    }

    private String delays() {
        String rows = quantiles("trade to collector", report.received(), micros -> format("%,.1f ms", micros / 1e3))
                + quantiles("last trade to bucket", report.stored(), ms -> format("%,.1f s", ms / 1e3))
                + quantiles("part, compressed", report.partBytes(), bytes -> format("%,.1f KiB", bytes / 1_024.0));
        return "<section><h2>Delays and sizes</h2>"
                + Html.table(List.of("", "half at most#", "95 % at most#", "99 % at most#", "greatest#"), rows)
                + (report.received().isEmpty()
                        ? "<p>The delay from trade to collector needs <code>--deep</code>.</p>"
                        : "")
                + "<p class=\"soft\">Delays are between two clocks, the exchange's and the collector's or the store's, of"
                + " trades that a connection delivered. A store's times are often whole seconds.</p>" + cost()
                + "</section>\n";
    }

    private static String quantiles(String name, Quantiles values, LongFunction<String> unit) {
        return Html.row(
                name,
                number("half at most", values.isEmpty() ? "–" : unit.apply(values.p50())),
                number("95 % at most", values.isEmpty() ? "–" : unit.apply(values.p95())),
                number("99 % at most", values.isEmpty() ? "–" : unit.apply(values.p99())),
                number("greatest", values.isEmpty() ? "–" : unit.apply(values.max())));
    }

    private String cost() {
        long puts = (long) PutPrice.PUTS_PER_PART * report.parts().size();
        return "<p>" + count(puts) + " puts (part and manifest), "
                + (price == null
                        ? "whose price at this store is not known"
                        : format("%.4f USD", price.usd(puts)) + " (" + PutPrice.SOURCE + ", "
                                + format("%.4f USD", price.usdPer1000()) + " for 1,000)")
                + ".</p>\n";
    }
}
