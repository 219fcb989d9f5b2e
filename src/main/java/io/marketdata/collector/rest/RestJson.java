package io.marketdata.collector.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads the bodies of REST answers token by token. No tree is built: whatever an answer consists of, it takes no more
 * memory than the rows that were asked for. Members that are not known are skipped. Any thread.
 */
final class RestJson {

    private static final int DEEPEST = 32;
    private static final int LONGEST_TEXT = 10_000;
    private static final int LONGEST_NUMBER = 40;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(LONGEST_TEXT)
                    .maxNameLength(LONGEST_TEXT)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            // Either would keep the names of a hostile answer for the life of the process.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    /** Thrown for JSON that is not the answer to the request; the message says why. */
    static final class UnexpectedJsonException extends IOException {
        private static final long serialVersionUID = 1;

        UnexpectedJsonException(String message) {
            super(message);
        }
    }

    /** Reads one value, whose first token is current. */
    private interface Value<T> {
        T read(JsonParser json) throws IOException;
    }

    private RestJson() {}

    /** The trades of a page, in its order. A page with more than {@code limit} rows is not accepted. */
    static List<RestTrade> trades(String body, int limit) throws IOException {
        return whole(body, json -> {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw new UnexpectedJsonException("not a list");
            }
            List<RestTrade> trades = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (trades.size() == limit) {
                    throw new UnexpectedJsonException("more than the " + limit + " rows that were requested");
                }
                trades.add(trade(json, trades.size()));
            }
            return trades;
        });
    }

    private static RestTrade trade(JsonParser json, int row) throws IOException {
        try {
            return RestTrade.read(json);
        } catch (IllegalArgumentException e) {
            throw new UnexpectedJsonException("row " + row + ", " + e.getMessage());
        }
    }

    /** The statuses of the wanted symbols in an answer of exchangeInfo, by symbol. */
    static Map<String, String> statuses(String body, Set<String> wanted) throws IOException {
        return whole(body, json -> {
            Map<String, String> statuses = new HashMap<>();
            while (nextMember(json)) {
                if (json.currentName().equals("symbols") && json.nextToken() == JsonToken.START_ARRAY) {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        status(json, wanted, statuses);
                    }
                } else {
                    skip(json);
                }
            }
            return statuses;
        });
    }

    private static void status(JsonParser json, Set<String> wanted, Map<String, String> statuses) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        String symbol = "";
        String status = "";
        while (nextMember(json)) {
            switch (json.currentName()) {
                case "symbol" -> symbol = text(json);
                case "status" -> status = text(json);
                default -> skip(json);
            }
        }
        if (wanted.contains(symbol) && !status.isEmpty()) {
            statuses.put(symbol, status);
        }
    }

    private static String text(JsonParser json) throws IOException {
        if (json.nextToken() == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        json.skipChildren();
        return "";
    }

    /** The first trade id of the first aggregate trade; empty if there is none. */
    static OptionalLong firstOfAggregates(String body, long sinceMs) throws IOException {
        return whole(body, json -> {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw new UnexpectedJsonException("not a list");
            }
            if (json.nextToken() == JsonToken.END_ARRAY) {
                return OptionalLong.empty();
            }
            long id = -1;
            long timeMs = -1;
            while (nextMember(json)) {
                switch (json.currentName()) {
                    case "f" -> id = number(json);
                    case "T" -> timeMs = number(json);
                    default -> skip(json);
                }
            }
            if (id < 0 || timeMs < sinceMs || json.nextToken() != JsonToken.END_ARRAY) {
                throw new UnexpectedJsonException("not one aggregate trade since that time");
            }
            return OptionalLong.of(id);
        });
    }

    private static long number(JsonParser json) throws IOException {
        json.nextToken();
        long number = isLong(json) ? json.getLongValue() : -1;
        json.skipChildren();
        return number;
    }

    /** The exchange's clock, ms since 1970 UTC. */
    static long serverTime(String body) throws IOException {
        long serverTime = whole(body, json -> {
            long found = -1;
            while (nextMember(json)) {
                if (json.currentName().equals("serverTime")) {
                    json.nextToken();
                    found = isLong(json) ? json.getLongValue() : -1;
                }
                skip(json);
            }
            return found;
        });
        if (serverTime < RestTrade.MIN_TIME_MS || serverTime > RestTrade.MAX_TIME_MS) {
            throw new UnexpectedJsonException("serverTime is not an integer of milliseconds");
        }
        return serverTime;
    }

    /** The exchange's code in an error, which may be cut off or no JSON at all; 0 if it has none. */
    static int code(String body) {
        try (JsonParser json = JSON.createParser(body)) {
            json.nextToken();
            while (nextMember(json)) {
                if (json.currentName().equals("code")) {
                    json.nextToken();
                    return isLong(json) ? (int) json.getLongValue() : 0;
                }
                skip(json);
            }
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Reads a body that is exactly one value. */
    private static <T> T whole(String body, Value<T> value) throws IOException {
        try (JsonParser json = JSON.createParser(body)) {
            json.nextToken();
            T read = value.read(json);
            json.skipChildren();
            if (json.nextToken() != null) {
                throw new UnexpectedJsonException("more than one value");
            }
            return read;
        }
    }

    /** Moves to the next member of the current object; false at its end, or if this is no object. */
    private static boolean nextMember(JsonParser json) throws IOException {
        boolean inObject = json.getParsingContext().inObject();
        return inObject && json.nextToken() == JsonToken.FIELD_NAME;
    }

    /** Passes the value of the current member, which may have been read. */
    private static void skip(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.FIELD_NAME) {
            json.nextToken();
        }
        json.skipChildren();
    }

    /** Whether the current value is an integer of 64 bits. */
    static boolean isLong(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_NUMBER_INT && json.getNumberType() != NumberType.BIG_INTEGER;
    }
}
