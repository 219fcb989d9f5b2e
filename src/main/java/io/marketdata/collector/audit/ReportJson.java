package io.marketdata.collector.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.marketdata.collector.audit.DayReport.HourReport;
import io.marketdata.collector.audit.DayReport.InstanceReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Minutes.Held;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.IdRange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;

/** Writes reports as one JSON document; docs/COMMANDS.md is its reference. */
public final class ReportJson {

    /** The layout that this program writes. */
    public static final String VERSION = "1";

    /** Of each list in a report; the number of the rest is given. */
    private static final int MOST = 10_000;

    private static final int MOST_FILLS = 1_000;

    private static final JsonFactory JSON = new JsonFactory();

    private final JsonGenerator json;

    private ReportJson(JsonGenerator json) {
        this.json = json;
    }

    /** Writes to a value of a member. */
    private interface Item<T> {
        void write(T value) throws IOException;
    }

    /**
     * Writes the document and a line feed; leaves the stream open.
     *
     * @param bucket where it was looked
     * @param nowMs ms since 1970 UTC
     * @param isDeep whether every part was read
     */
    public static void write(OutputStream out, String bucket, long nowMs, boolean isDeep, List<DayReport> reports)
            throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.writeStartObject();
            json.writeStringField("version", VERSION);
            json.writeStringField("program", "collector " + BuildInfo.software().version());
            json.writeStringField("bucket", bucket);
            json.writeNumberField("verified_at_ms", nowMs);
            json.writeBooleanField("deep", isDeep);
            json.writeStringField("verdict", word(worst(reports)));
            ReportJson writer = new ReportJson(json);
            writer.list("periods", reports, writer::report);
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** The verdict of several reports together. */
    public static Verdict worst(List<DayReport> reports) {
        return reports.stream().map(DayReport::verdict).max(Enum::compareTo).orElse(Verdict.UNKNOWN);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private <T> void list(String name, List<T> values, Item<T> item) throws IOException {
        json.writeArrayFieldStart(name);
        for (T value : values.subList(0, Math.min(values.size(), MOST))) {
            item.write(value);
        }
        json.writeEndArray();
        if (values.size() > MOST) {
            json.writeNumberField(name + "_left_out", values.size() - MOST);
        }
    }

    private void report(DayReport report) throws IOException {
        json.writeStartObject();
        json.writeStringField("symbol", report.symbol().value());
        json.writeNumberField("from_ms", report.period().fromMs());
        json.writeNumberField("to_ms", report.period().toMs());
        json.writeStringField("verdict", word(report.verdict()));
        held(report.ids(), report.coverage());
        json.writeNumberField("parts", report.parts().size());
        json.writeNumberField("backfilled", report.backfilled());
        json.writeNumberField("missing", report.missing());
        list("gaps", report.gaps(), this::gap);
        filled(report);
        edge("before", report.before());
        edge("after", report.after());
        list("instances", report.instances(), this::instance);
        list("hours", report.hours(), this::hour);
        minutes(Minutes.of(report));
        quantiles("received_us", report.received());
        quantiles("stored_ms", report.stored());
        quantiles("part_bytes", report.partBytes());
        list("problems", report.problems(), this::problem);
        list("repaired", report.repaired(), this::problem);
        list("not_seen", report.notSeen(), json::writeString);
        list("notices", report.notices(), json::writeString);
        json.writeEndObject();
    }

    private void held(IdRanges ids, Coverage coverage) throws IOException {
        bounds(ids);
        json.writeNumberField("trades", ids.count());
        list(
                "held_by",
                coverage.trades()
                        .subList(
                                Math.min(1, coverage.trades().size()),
                                coverage.trades().size()),
                json::writeNumber);
        json.writeNumberField("duplicates", coverage.duplicates());
    }

    private void bounds(IdRanges ids) throws IOException {
        if (!ids.isEmpty()) {
            json.writeNumberField("id_first", ids.first());
            json.writeNumberField("id_last", ids.last());
        }
    }

    private void gap(Gap gap) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id_first", gap.ids().first());
        json.writeNumberField("id_last", gap.ids().last());
        json.writeNumberField("after_ms", gap.afterMs());
        json.writeNumberField("before_ms", gap.beforeMs());
        json.writeEndObject();
    }

    private void filled(DayReport report) throws IOException {
        List<Fill> fills = Fill.longest(report, MOST_FILLS);
        list("filled", fills, this::fill);
        int left = report.filled().ranges().size() - fills.size();
        if (left > 0) {
            json.writeNumberField("filled_left_out", left);
        }
    }

    private void fill(Fill fill) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id_first", fill.ids().first());
        json.writeNumberField("id_last", fill.ids().last());
        json.writeNumberField("from_ms", fill.fromMs());
        json.writeNumberField("to_ms", fill.toMs());
        list("by", fill.by(), instance -> json.writeString(instance.value()));
        json.writeEndObject();
    }

    /** One letter for each minute. */
    private void minutes(Minutes minutes) throws IOException {
        json.writeObjectFieldStart("minutes");
        list("trades", minutes.trades(), json::writeNumber);
        json.writeStringField("all", letters(minutes.all()));
        json.writeObjectFieldStart("instances");
        for (var instance : minutes.instances().entrySet()) {
            json.writeStringField(instance.getKey().value(), letters(instance.getValue()));
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static String letters(List<Held> minutes) {
        StringBuilder letters = new StringBuilder();
        minutes.forEach(held -> letters.append(held.letter()));
        return letters.toString();
    }

    private void quantiles(String name, Quantiles values) throws IOException {
        if (!values.isEmpty()) {
            json.writeObjectFieldStart(name);
            json.writeNumberField("count", values.count());
            json.writeNumberField("min", values.min());
            json.writeNumberField("p50", values.p50());
            json.writeNumberField("p95", values.p95());
            json.writeNumberField("p99", values.p99());
            json.writeNumberField("max", values.max());
            json.writeEndObject();
        }
    }

    private void edge(String name, Edge edge) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("state", word(edge.state()));
        if (edge.neighbourId() >= 0) {
            json.writeNumberField("id", edge.neighbourId());
        }
        if (!edge.why().isEmpty()) {
            json.writeStringField("why", edge.why());
        }
        json.writeEndObject();
    }

    private void instance(InstanceReport instance) throws IOException {
        json.writeStartObject();
        json.writeStringField("instance_id", instance.instance().value());
        json.writeNumberField("parts", instance.parts());
        bounds(instance.ids());
        json.writeNumberField("trades", instance.ids().count());
        json.writeNumberField("backfilled", instance.backfilled());
        json.writeNumberField("latest_upload_ms", instance.latestMs());
        list("gaps", instance.gaps(), this::gap);
        json.writeEndObject();
    }

    private void hour(HourReport hour) throws IOException {
        json.writeStartObject();
        json.writeNumberField("from_ms", hour.startMs());
        json.writeNumberField("parts", hour.parts());
        held(hour.ids(), hour.coverage());
        json.writeNumberField("backfilled", hour.backfilled());
        json.writeNumberField("missing", hour.missing());
        json.writeNumberField("problems", hour.problems());
        json.writeEndObject();
    }

    private void problem(Problem problem) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", word(problem.kind()));
        json.writeStringField("key", problem.key());
        json.writeStringField("detail", problem.detail());
        list("ids", problem.ids().ranges(), this::range);
        json.writeEndObject();
    }

    private void range(IdRange range) throws IOException {
        json.writeStartArray();
        json.writeNumber(range.first());
        json.writeNumber(range.last());
        json.writeEndArray();
    }
}
