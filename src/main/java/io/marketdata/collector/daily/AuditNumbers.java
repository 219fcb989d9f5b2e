package io.marketdata.collector.daily;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The numbers of an audit for CloudWatch, as one line on standard output in its Embedded Metric Format: CloudWatch takes them
 * from the log, so that no request and no permission is needed (CloudWatch User Guide, "Specification: Embedded metric
 * format"). Pure.
 */
public final class AuditNumbers {

    /** The unit of each number, by its name in CloudWatch; docs/DATA_QUALITY.md says what they mean. */
    public static final Map<String, String> UNITS = Map.of(
            "Complete", "Count",
            "Trades", "Count",
            "MissingTrades", "Count",
            "Damages", "Count",
            "HeldByTwoPercent", "Percent",
            "SecondsTaken", "Seconds");

    private static final JsonFactory JSON = new JsonFactory();

    private AuditNumbers() {}

    /**
     * The line, without a line feed. Of a day that could not be looked at there are no numbers of trades: 0 would be false.
     *
     * @param namespace in CloudWatch
     * @param nowMs ms since 1970 UTC
     * @param seconds that it took
     */
    static String line(DayReport report, String namespace, long nowMs, double seconds) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            Map<String, Double> values = values(report, seconds);
            json.writeStartObject();
            describe(json, namespace, nowMs, values.keySet());
            json.writeStringField("Exchange", "binance");
            json.writeStringField("Symbol", report.symbol().value());
            json.writeStringField("Day", report.period().toString());
            json.writeStringField("Verdict", report.verdict().name().toLowerCase(Locale.ROOT));
            for (Map.Entry<String, Double> value : values.entrySet()) {
                json.writeNumberField(value.getKey(), value.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new AssertionError("memory takes every character", e);
        }
        return line.toString();
    }

    private static Map<String, Double> values(DayReport report, double seconds) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("Complete", report.verdict() == Verdict.COMPLETE ? 1.0 : 0.0);
        if (report.verdict() != Verdict.UNKNOWN) {
            values.put("Trades", (double) report.ids().count());
            values.put("MissingTrades", (double) report.missing());
            values.put("Damages", (double) report.problems().size());
            values.put("HeldByTwoPercent", report.coverage().byTwoPercent());
        }
        values.put("SecondsTaken", seconds);
        return values;
    }

    private static void describe(JsonGenerator json, String namespace, long nowMs, Set<String> names)
            throws IOException {
        json.writeObjectFieldStart("_aws");
        json.writeNumberField("Timestamp", nowMs);
        json.writeArrayFieldStart("CloudWatchMetrics");
        json.writeStartObject();
        json.writeStringField("Namespace", namespace);
        json.writeArrayFieldStart("Dimensions");
        json.writeStartArray();
        json.writeString("Exchange");
        json.writeString("Symbol");
        json.writeEndArray();
        json.writeEndArray();
        json.writeArrayFieldStart("Metrics");
        for (String name : names) {
            json.writeStartObject();
            json.writeStringField("Name", name);
            json.writeStringField("Unit", UNITS.get(name));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }
}
