package io.marketdata.collector.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A trade of the REST API (Binance rest-api.md, 2026-07, "Recent trades list" and "Old trade lookup"), or a row of the
 * exchange's daily files, which are made from it.
 *
 * @param id the same ids as {@code t} of the stream
 * @param price decimal, exactly as received
 * @param quantity decimal, exactly as received
 * @param timeMs trade time, ms since 1970 UTC
 */
public record RestTrade(long id, String price, String quantity, long timeMs, boolean buyerIsMaker, boolean bestMatch) {

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,40}(\\.[0-9]{1,40})?");
    // Milliseconds of this century's clocks have 13 digits; microseconds would name folders of the year 50,000.
    static final long MIN_TIME_MS = 1_000_000_000_000L;
    static final long MAX_TIME_MS = 9_999_999_999_999L;

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
     * Reads a row, whose first token is current; unknown members are skipped.
     *
     * @throws IllegalArgumentException if it is not exactly a trade
     */
    static RestTrade read(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("not an object");
        }
        Row row = new Row();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            row.member(name, json);
            json.skipChildren();
        }
        return row.trade();
    }

    /** The members of a row as far as it is read; null: not yet. */
    private static final class Row {

        private @Nullable Long id;
        private @Nullable String price;
        private @Nullable String quantity;
        private @Nullable Long time;
        private @Nullable Boolean buyerIsMaker;
        private @Nullable Boolean bestMatch;

        void member(String name, JsonParser json) throws IOException {
            switch (name) {
                case "id" -> id = once(name, id, integer(name, json));
                case "price" -> price = once(name, price, text(name, json));
                case "qty" -> quantity = once(name, quantity, text(name, json));
                case "time" -> time = once(name, time, integer(name, json));
                case "isBuyerMaker" -> buyerIsMaker = once(name, buyerIsMaker, flag(name, json));
                case "isBestMatch" -> bestMatch = once(name, bestMatch, flag(name, json));
                default -> {
                    // new members are allowed
                }
            }
        }

        RestTrade trade() {
            return new RestTrade(
                    present("id", id),
                    present("price", price),
                    present("qty", quantity),
                    present("time", time),
                    present("isBuyerMaker", buyerIsMaker),
                    present("isBestMatch", bestMatch));
        }

        private static <T> T once(String name, @Nullable T before, T value) {
            require(before == null, name + " occurs twice");
            return value;
        }

        private static <T> T present(String name, @Nullable T value) {
            if (value == null) {
                throw new IllegalArgumentException(name + " is missing");
            }
            return value;
        }

        private static Long integer(String name, JsonParser json) throws IOException {
            require(RestJson.isLong(json), name + " is not an integer");
            return json.getLongValue();
        }

        private static String text(String name, JsonParser json) throws IOException {
            require(json.currentToken() == JsonToken.VALUE_STRING, name + " is not a string");
            return json.getText();
        }

        private static Boolean flag(String name, JsonParser json) throws IOException {
            JsonToken token = json.currentToken();
            require(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, name + " is not a boolean");
            return token == JsonToken.VALUE_TRUE;
        }

        private static void require(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }

    /**
     * The trade in the format of the stream's event, without {@code E}, which no backfill has, and with the label of its
     * origin as {@code src}.
     *
     * @param receivedMicros wall clock when the page or the row was read, µs since 1970 UTC
     */
    public TradeEvent toEvent(Symbol symbol, Origin origin, long receivedMicros) {
        ByteArrayOutputStream json = new ByteArrayOutputStream(192);
        ValueSpans spans = new ValueSpans();
        append(json, "{\"e\":\"trade\",\"s\":\"" + symbol + "\",\"t\":" + id + ",\"p\":");
        spans.set(ValueSpans.PRICE, json.size(), append(json, '"' + price + '"'));
        append(json, ",\"q\":");
        spans.set(ValueSpans.QUANTITY, json.size(), append(json, '"' + quantity + '"'));
        append(json, ",\"T\":" + timeMs + ",\"m\":");
        spans.set(ValueSpans.BUYER_IS_MAKER, json.size(), append(json, String.valueOf(buyerIsMaker)));
        append(json, ",\"M\":" + bestMatch + ",\"src\":\"" + origin.label() + "\"}");
        byte[] bytes = json.toByteArray();
        return new TradeEvent(symbol, id, timeMs, receivedMicros, bytes, 0, bytes.length, spans);
    }

    /** Returns the length with the text. */
    private static int append(ByteArrayOutputStream json, String text) {
        json.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return json.size();
    }
}
