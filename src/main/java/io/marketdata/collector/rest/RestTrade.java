package io.marketdata.collector.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.nio.charset.StandardCharsets;
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
                text(row, "price"),
                text(row, "qty"),
                integer(row, "time"),
                bool(row, "isBuyerMaker"),
                bool(row, "isBestMatch"));
    }

    /**
     * The trade in the format of the stream's event, without {@code E}, which REST does not have, and with {@code
     * "src":"rest"}.
     *
     * @param receivedMicros wall clock when the page was received, µs since 1970 UTC
     */
    public TradeEvent toEvent(Symbol symbol, long receivedMicros) {
        String json = "{\"e\":\"trade\",\"s\":\"" + symbol + "\",\"t\":" + id + ",\"p\":\"" + price + "\",\"q\":\""
                + quantity + "\",\"T\":" + timeMs + ",\"m\":" + buyerIsMaker + ",\"M\":" + bestMatch
                + ",\"src\":\"rest\"}";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new TradeEvent(symbol, id, timeMs, receivedMicros, bytes, 0, bytes.length);
    }

    private static long integer(JsonNode row, String member) {
        @Nullable JsonNode value = row.get(member);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException(member + " is not an integer");
        }
        return value.asLong();
    }

    private static String text(JsonNode row, String member) {
        @Nullable JsonNode value = row.get(member);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException(member + " is not a string");
        }
        return value.asText();
    }

    private static boolean bool(JsonNode row, String member) {
        @Nullable JsonNode value = row.get(member);
        if (value == null || !value.isBoolean()) {
            throw new IllegalArgumentException(member + " is neither true nor false");
        }
        return value.asBoolean();
    }
}
