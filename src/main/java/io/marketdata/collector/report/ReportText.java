package io.marketdata.collector.report;

import io.marketdata.collector.audit.Coverage;
import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.HourReport;
import io.marketdata.collector.audit.DayReport.InstanceReport;
import io.marketdata.collector.audit.Edge;
import io.marketdata.collector.audit.Gap;
import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.audit.Problem;
import io.marketdata.collector.model.LogText;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;

/** A report in words. */
public final class ReportText {

    private static final int MOST = 20;

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Consumer<String> out;

    /** @param out takes lines */
    public ReportText(Consumer<String> out) {
        this.out = out;
    }

    public void print(DayReport report, String bucket) {
        out.accept(report.symbol() + " " + report.period() + " in " + bucket);
        if (!report.parts().isEmpty()) {
            hours(report);
            report.instances().forEach(instance -> instance(instance, report.ids()));
        }
        edge("before", report.before(), report.ids());
        edge("after", report.after(), report.ids());
        list("gap", report.gaps(), this::gap);
        list("problem", report.problems(), ReportText::problem);
        list("repaired", report.repaired(), ReportText::problem);
        list("not seen", report.notSeen(), text -> text);
        list("note", report.notices(), text -> text);
        out.accept(report.symbol() + " " + report.period() + ": " + verdict(report));
    }

    private void hours(DayReport report) {
        int instances = report.instances().size();
        StringBuilder heading = new StringBuilder(String.format(
                Locale.ROOT, "%-5s %15s %15s %11s %9s", "hour", "first id", "last id", "trades", "missing"));
        for (int i = instances; i > 0; i--) {
            heading.append(String.format(Locale.ROOT, " %10s", i + "/" + instances));
        }
        out.accept(heading + String.format(Locale.ROOT, " %10s %8s", "backfilled", "problems"));
        for (HourReport hour : recorded(report.hours())) {
            row(
                    HOUR.format(Instant.ofEpochMilli(hour.startMs())),
                    hour.ids(),
                    hour.missing(),
                    hour.coverage(),
                    instances,
                    hour.backfilled(),
                    hour.problems());
        }
        row(
                "all",
                report.ids(),
                report.missing(),
                report.coverage(),
                instances,
                report.backfilled(),
                report.problems().size());
    }

    /** Without the empty hours at both ends. */
    private static List<HourReport> recorded(List<HourReport> hours) {
        int first = 0;
        int last = hours.size();
        while (first < last && hours.get(first).parts() == 0) {
            first++;
        }
        while (last > first && hours.get(last - 1).parts() == 0) {
            last--;
        }
        return hours.subList(first, last);
    }

    private void row(
            String name, IdRanges ids, long missing, Coverage coverage, int instances, long backfilled, int problems) {
        String first = ids.isEmpty() ? "-" : Long.toString(ids.first());
        String last = ids.isEmpty() ? "-" : Long.toString(ids.last());
        StringBuilder row = new StringBuilder(
                String.format(Locale.ROOT, "%-5s %15s %15s %,11d %,9d", name, first, last, ids.count(), missing));
        for (int i = instances; i > 0; i--) {
            long trades = i < coverage.trades().size() ? coverage.trades().get(i) : 0;
            row.append(String.format(Locale.ROOT, " %,10d", trades));
        }
        out.accept(row + String.format(Locale.ROOT, " %,10d %8d", backfilled, problems));
    }

    private void instance(InstanceReport instance, IdRanges all) {
        IdRanges lacking = all.minus(instance.ids());
        String longest = instance.gaps().isEmpty()
                ? ""
                : ", in " + LogText.count(lacking.ranges().size(), "gap") + ", the longest "
                        + gap(instance.gaps().get(0));
        out.accept(String.format(
                Locale.ROOT,
                "instance %s: %,d trades in %,d parts, uploaded at most %.1f s after their last trade; %,d of the trades"
                        + " are missing here%s",
                instance.instance(),
                instance.ids().count(),
                instance.parts(),
                instance.latestMs() / 1e3,
                lacking.count(),
                longest));
    }

    private void edge(String name, Edge edge, IdRanges ids) {
        boolean isBefore = name.equals("before");
        String text = switch (edge.state()) {
            case OPEN -> "open: " + edge.why();
            case JOINED -> "joined: the neighbour's " + (isBefore ? "last" : "first") + " id is " + edge.neighbourId();
            case GAP ->
                "not joined: the neighbour's " + (isBefore ? "last" : "first") + " id is " + edge.neighbourId()
                        + ", and the " + (isBefore ? "first here " + ids.first() : "last here " + ids.last());
        };
        out.accept("edge " + name + ": " + text);
    }

    private <T> void list(String name, List<T> values, Function<T, String> text) {
        values.stream().limit(MOST).forEach(value -> out.accept(name + ": " + text.apply(value)));
        if (values.size() > MOST) {
            out.accept(name + ": and " + (values.size() - MOST) + " more; --json lists them");
        }
    }

    private String gap(Gap gap) {
        String ids = "ids " + gap.ids().first() + " to " + gap.ids().last() + " ("
                + LogText.count(gap.ids().count(), "trade") + ")";
        return gap.lastsMs() == 0 && gap.afterMs() == 0
                ? ids
                : ids + " after " + clock(gap.afterMs())
                        + (gap.beforeMs() == 0 ? "" : ", for " + seconds(gap.lastsMs()));
    }

    private static String clock(long ms) {
        return CLOCK.format(Instant.ofEpochMilli(ms));
    }

    private static String seconds(long ms) {
        return ms < 120_000 ? String.format(Locale.ROOT, "%.1f s", ms / 1e3) : LogText.time(Duration.ofMillis(ms));
    }

    private static String problem(Problem problem) {
        String kind = problem.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        String ids = problem.ids().isEmpty()
                ? ""
                : "; ids " + problem.ids().first() + " to " + problem.ids().last();
        return kind + ": " + problem.key() + ": " + problem.detail() + ids;
    }

    private static String open(DayReport report) {
        boolean before = report.before().state() == Edge.State.OPEN;
        boolean after = report.after().state() == Edge.State.OPEN;
        return before && after
                ? "; open at both edges"
                : before ? "; open at the edge before" : after ? "; open at the edge after" : "";
    }

    private static String verdict(DayReport report) {
        return switch (report.verdict()) {
            case COMPLETE ->
                "COMPLETE, " + LogText.count(report.ids().count(), "trade") + ", ids "
                        + report.ids().first() + " to " + report.ids().last() + open(report);
            case INCOMPLETE ->
                report.parts().isEmpty()
                        ? "NOT COMPLETE, nothing is recorded"
                        : "NOT COMPLETE, " + LogText.count(report.missing(), "trade") + " missing in "
                                + LogText.count(report.gaps().size(), "gap") + ", "
                                + LogText.count(report.problems().size(), "problem")
                                + "; backfill --from-verify repairs what the exchange still has";
            case UNKNOWN -> "NOT KNOWN, because something could not be looked at";
        };
    }
}
