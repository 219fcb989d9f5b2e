package io.marketdata.collector.daily;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What an invocation is to verify: {@code {}}, or {@code {"day":"2026-01-02","symbols":["BTCUSDT"]}} to do a day again.
 *
 * @param day a whole UTC day that is over
 * @param symbols at least one, each once
 */
record AuditRequest(Period day, List<Symbol> symbols) {

    private static final String FORM = "; give {} or {\"day\":\"2026-01-02\",\"symbols\":[\"BTCUSDT\"]}";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    AuditRequest {
        symbols = List.copyOf(new LinkedHashSet<>(symbols));
    }

    /**
     * Reads the input of an invocation.
     *
     * @param settings the symbols where the input has none
     * @param nowMs ms since 1970 UTC
     * @throws IllegalArgumentException naming the member that is wrong
     */
    static AuditRequest of(byte[] input, List<Symbol> settings, long nowMs) {
        Period day = Period.yesterday(nowMs);
        List<Symbol> symbols = settings;
        for (Map.Entry<String, JsonNode> member : object(input).properties()) {
            switch (member.getKey()) {
                case "day" -> day = day(member.getValue(), nowMs);
                case "symbols" -> symbols = symbols(member.getValue());
                default ->
                    throw new IllegalArgumentException(
                            "the input has an unknown member " + LogText.of(member.getKey(), 50) + FORM);
            }
        }
        return new AuditRequest(day, symbols);
    }

    private static JsonNode object(byte[] input) {
        try {
            JsonNode object = JSON.readTree(input);
            if (object.isObject()) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the input is not JSON: " + LogText.of(e.getOriginalMessage()) + FORM, e);
        } catch (IOException e) {
            throw new AssertionError("memory gives every byte", e);
        }
        throw new IllegalArgumentException("the input is not a JSON object" + FORM);
    }

    private static Period day(JsonNode value, long nowMs) {
        String given = "day of the input: " + LogText.of(value.toString(), 50);
        Period day;
        try {
            day = Period.day(LocalDate.parse(value.textValue() == null ? "" : value.textValue()));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(given + " is not a UTC day such as \"2026-01-02\"", e);
        }
        if (day.toMs() > nowMs) {
            throw new IllegalArgumentException(given + " is not over; give a day before today (UTC)");
        }
        return day;
    }

    private static List<Symbol> symbols(JsonNode value) {
        if (!value.isArray() || value.isEmpty()) {
            throw new IllegalArgumentException("symbols of the input: not a list with at least one symbol" + FORM);
        }
        List<Symbol> symbols = new ArrayList<>();
        for (JsonNode each : value) {
            try {
                symbols.add(new Symbol(each.textValue() == null ? "" : each.textValue()));
            } catch (IllegalArgumentException e) {
                String shown = LogText.of(each.toString(), 50);
                throw new IllegalArgumentException("symbols of the input: " + shown + " is " + e.getMessage(), e);
            }
        }
        return symbols;
    }
}
