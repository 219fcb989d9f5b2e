package io.marketdata.collector.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A trade of the REST API (Binance rest-api.md, 2026-07, "Recent trades list" and "Old trade lookup").
 *
 * @param id the same ids as {@code t} of the stream
 * @param price decimal, exactly as received
 * @param quantity decimal, exactly as received
 * @param timeMs trade time, ms since 1970 UTC
 */
public record RestTrade(long id, String price, String quantity, long timeMs, boolean buyerIsMaker, boolean bestMatch) {

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,40}(\\.[0-9]{1,40})?");
    // Milliseconds of this century's clocks have 13 digits; microseconds would name folders of the year 50,000.
    private static final long MIN_TIME_MS = 1_000_000_000_000L;
    private static final long MAX_TIME_MS = 9_999_999_999_999L;

    public RestTrade {
        if (id < 0
                || !DECIMAL.matcher(price).matches()
                || !DECIMAL.matcher(quantity).matches()
                || timeMs < MIN_TIME_MS
                || timeMs > MAX_TIME_MS) {
            throw new IllegalArgumentException("not a trade: id " + id + ", time " + timeMs);
        }
    }

    /**
     * Parses a row; unknown members are ignored.
     *
     * @throws IllegalArgumentException if it is not exactly a trade
     */
    static RestTrade of(JsonNode row) {
        return new RestTrade(
                integer(row, "id"),
                member(row, "price", JsonNode::isTextual, "a string").asText(),
                member(row, "qty", JsonNode::isTextual, "a string").asText(),
                integer(row, "time"),
                member(row, "isBuyerMaker", JsonNode::isBoolean, "a boolean").asBoolean(),
                member(row, "isBestMatch", JsonNode::isBoolean, "a boolean").asBoolean());
    }

    private static long integer(JsonNode row, String name) {
        return member(row, name, value -> value.isIntegralNumber() && value.canConvertToLong(), "an integer")
                .asLong();
    }

    private static JsonNode member(JsonNode row, String name, Predicate<JsonNode> valid, String type) {
        @Nullable JsonNode value = row.get(name);
        if (value == null || !valid.test(value)) {
            throw new IllegalArgumentException(name + " is not " + type);
        }
        return value;
    }

    /**
     * The trade in the format of the stream's event, without {@code E}, which REST does not have, and with {@code
     * "src":"rest"}.
     *
     * @param receivedMicros wall clock when the page was received, µs since 1970 UTC
     */
    public TradeEvent toEvent(Symbol symbol, long receivedMicros) {
        ByteArrayOutputStream json = new ByteArrayOutputStream(192);
        ValueSpans spans = new ValueSpans();
        append(json, "{\"e\":\"trade\",\"s\":\"" + symbol + "\",\"t\":" + id + ",\"p\":");
        spans.set(ValueSpans.PRICE, json.size(), append(json, '"' + price + '"'));
        append(json, ",\"q\":");
        spans.set(ValueSpans.QUANTITY, json.size(), append(json, '"' + quantity + '"'));
        append(json, ",\"T\":" + timeMs + ",\"m\":");
        spans.set(ValueSpans.BUYER_IS_MAKER, json.size(), append(json, String.valueOf(buyerIsMaker)));
        append(json, ",\"M\":" + bestMatch + ",\"src\":\"rest\"}");
        byte[] bytes = json.toByteArray();
        return new TradeEvent(symbol, id, timeMs, receivedMicros, bytes, 0, bytes.length, spans);
    }

    /** Returns the length with the text. */
    private static int append(ByteArrayOutputStream json, String text) {
        json.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return json.size();
    }
}
