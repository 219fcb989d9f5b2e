package io.marketdata.collector.report;

import static io.marketdata.collector.html.Html.cell;
import static io.marketdata.collector.html.Html.each;
import static io.marketdata.collector.html.Html.number;
import static io.marketdata.collector.html.Html.time;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.ReportJson;
import io.marketdata.collector.html.Html;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.upload.PutPrice;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes reports of {@code verify} as one self-contained HTML page, without a script: a section for each symbol and day. It
 * is well-formed XML, and its policy lets a browser load nothing. Of long lists it shows the beginning and the number of
 * the rest, so that its size is bounded. Pure.
 */
public final class ReportPage {

    /** Sections in one page; the others are in the summary alone. Two months of one symbol. */
    static final int MAX_SECTIONS = 62;

    private static final String STYLE = Html.STYLE + Html.resource("report/page.css");
    private static final String POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
            + " style-src " + Html.hash(STYLE) + "; base-uri 'none'; form-action 'none'\"/>\n";

    private final About about;

    /**
     * What the reports are of.
     *
     * @param bucket where it was looked
     * @param madeMs ms since 1970 UTC
     * @param isDeep whether every part was read
     * @param price null: not known for this store
     */
    public record About(
            String bucket,
            long madeMs,
            boolean isDeep,
            @Nullable PutPrice price) {}

    private ReportPage(About about) {
        this.about = about;
    }

    /** The page. */
    public static String of(About about, List<DayReport> reports) {
        return new ReportPage(about).page(reports);
    }

    private String page(List<DayReport> reports) {
        Verdict worst = ReportJson.worst(reports);
        String what = reports.size() == 1
                ? name(reports.get(0))
                : reports.stream()
                                .map(report -> report.symbol().value())
                                .distinct()
                                .limit(5)
                                .collect(Collectors.joining(", "))
                        + ", " + LogText.count(reports.size(), "report");
        return Html.head(words(worst) + " – " + what, POLICY, STYLE) + "<body>\n<main>\n<h1>" + Html.text(what)
                + "</h1>\n" + made() + verdict(worst, reports.size() == 1 ? "" : together(reports))
                + (reports.size() == 1 ? "" : summary(reports, shown(reports))) + sections(reports)
                + "</main>\n<footer>All times are UTC. Ids are the exchange's trade ids. The same facts for programs:"
                + " <code>verify --json</code>.</footer>\n</body>\n</html>\n";
    }

    private String made() {
        return "<p class=\"about\">" + safe(about.bucket()) + " · made " + time(about.madeMs()) + " · "
                + (about.isDeep()
                        ? "every part was read (<code>--deep</code>)"
                        : "from listings and manifests (without <code>--deep</code>)")
                + " · collector "
                + Html.text(String.valueOf(BuildInfo.software().version())) + "</p>\n";
    }

    static String verdict(Verdict verdict, String text) {
        return "<section class=\"verdict " + colour(verdict) + "\"><strong>" + sign(verdict) + " " + words(verdict)
                + "</strong>" + (text.isEmpty() ? "" : " <span>" + text + "</span>") + "</section>\n";
    }

    private static String colour(Verdict verdict) {
        return switch (verdict) {
            case COMPLETE -> "ok";
            case INCOMPLETE -> "failing";
            case UNKNOWN -> "degraded";
        };
    }

    private static String sign(Verdict verdict) {
        return switch (verdict) {
            case COMPLETE -> "✓";
            case INCOMPLETE -> "✗";
            case UNKNOWN -> "?";
        };
    }

    static String words(Verdict verdict) {
        return switch (verdict) {
            case COMPLETE -> "COMPLETE";
            case INCOMPLETE -> "NOT COMPLETE";
            case UNKNOWN -> "NOT KNOWN";
        };
    }

    private static String together(List<DayReport> reports) {
        long complete = reports.stream()
                .filter(report -> report.verdict() == Verdict.COMPLETE)
                .count();
        return complete + " of " + LogText.count(reports.size(), "report") + " complete";
    }

    private static String summary(List<DayReport> reports, Set<Integer> shown) {
        String rows = IntStream.range(0, reports.size())
                .mapToObj(i -> row(reports.get(i), shown.contains(i) ? i : -1))
                .collect(Collectors.joining());
        return "<section><h2>Summary</h2>"
                + Html.table(List.of("report", "verdict", "trades#", "missing#", "problems#"), rows) + "</section>\n";
    }

    /** @param section its number; -1: it is not in the page */
    private static String row(DayReport report, int section) {
        String words = sign(report.verdict()) + " " + words(report.verdict());
        return Html.row(
                name(report),
                cell("verdict", section < 0 ? words : "<a href=\"#report-" + section + "\">" + words + "</a>"),
                number("trades", count(report.ids().count())),
                number("missing", count(report.missing())),
                number("problems", count(report.problems().size())));
    }

    /** Those that are not complete come before others, if there are too many. */
    private static Set<Integer> shown(List<DayReport> reports) {
        return IntStream.range(0, reports.size())
                .boxed()
                .sorted(Comparator.comparing(i -> reports.get(i).verdict() == Verdict.COMPLETE))
                .limit(MAX_SECTIONS)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private String sections(List<DayReport> reports) {
        Set<Integer> shown = shown(reports);
        String sections = each(
                shown.stream().sorted().toList(),
                i -> "<article id=\"report-" + i + "\">\n"
                        + new ReportSection(reports.get(i), about.price(), reports.size() > 1).html() + "</article>\n");
        int left = reports.size() - shown.size();
        return left == 0
                ? sections
                : sections + "<p>" + LogText.count(left, "report") + " more in the summary alone; verify fewer days at"
                        + " once to see them here.</p>\n";
    }

    static String name(DayReport report) {
        return report.symbol() + " " + report.period();
    }

    /** Text from a bucket or a store: bounded, and without anything that a browser would understand. */
    static String safe(String text) {
        return Html.text(LogText.of(text, 300));
    }

    static String count(long number) {
        return Html.format("%,d", number);
    }
}
