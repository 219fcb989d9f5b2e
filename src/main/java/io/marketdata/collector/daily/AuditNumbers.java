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

/**
 * The numbers of an audit for CloudWatch, as one line on standard output in its Embedded Metric Format: CloudWatch takes them
 * from the log, so that no request and no permission is needed (CloudWatch User Guide, "Specification: Embedded metric
 * format"). Pure.
 */
final class AuditNumbers {

    static final String NAMESPACE = "MarketData/Audit";

    private static final JsonFactory JSON = new JsonFactory();

    private AuditNumbers() {}

    /** A number and the unit that CloudWatch shows. */
    private record Value(String unit, double number) {}

    /**
     * The line, without a line feed. Of a day that could not be looked at there are no numbers of trades: 0 would be false.
     *
     * @param nowMs ms since 1970 UTC
     * @param seconds that it took
     */
    static String line(DayReport report, long nowMs, double seconds) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            Map<String, Value> values = values(report, seconds);
            json.writeStartObject();
            describe(json, nowMs, values);
            json.writeStringField("Exchange", "binance");
            json.writeStringField("Symbol", report.symbol().value());
            json.writeStringField("Day", report.period().toString());
            json.writeStringField("Verdict", report.verdict().name().toLowerCase(Locale.ROOT));
            for (Map.Entry<String, Value> value : values.entrySet()) {
                json.writeNumberField(value.getKey(), value.getValue().number());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new AssertionError("memory takes every character", e);
        }
        return line.toString();
    }

    private static Map<String, Value> values(DayReport report, double seconds) {
        Map<String, Value> values = new LinkedHashMap<>();
        values.put("Complete", new Value("Count", report.verdict() == Verdict.COMPLETE ? 1 : 0));
        if (report.verdict() != Verdict.UNKNOWN) {
            values.put("Trades", new Value("Count", report.ids().count()));
            values.put("MissingTrades", new Value("Count", report.missing()));
            values.put("Damages", new Value("Count", report.problems().size()));
            values.put(
                    "HeldByTwoPercent", new Value("Percent", report.coverage().byTwoPercent()));
        }
        values.put("SecondsTaken", new Value("Seconds", seconds));
        return values;
    }

    private static void describe(JsonGenerator json, long nowMs, Map<String, Value> values) throws IOException {
        json.writeObjectFieldStart("_aws");
        json.writeNumberField("Timestamp", nowMs);
        json.writeArrayFieldStart("CloudWatchMetrics");
        json.writeStartObject();
        json.writeStringField("Namespace", NAMESPACE);
        json.writeArrayFieldStart("Dimensions");
        json.writeStartArray();
        json.writeString("Exchange");
        json.writeString("Symbol");
        json.writeEndArray();
        json.writeEndArray();
        json.writeArrayFieldStart("Metrics");
        for (Map.Entry<String, Value> value : values.entrySet()) {
            json.writeStartObject();
            json.writeStringField("Name", value.getKey());
            json.writeStringField("Unit", value.getValue().unit());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }
}
