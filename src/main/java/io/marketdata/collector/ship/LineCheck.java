package io.marketdata.collector.ship;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;

/**
 * Decides whether a line of a part is a whole trade, and reads its id and time: one JSON object, its members named once
 * each, with {@code e} "trade", {@code s} the part's own symbol, and numbers {@code t} and {@code T}. A crash or a power
 * loss leaves torn, zeroed and stale bytes; none of them may reach the bucket.
 *
 * <p>Not for several threads; filled again by every {@link #isTrade}.
 */
final class LineCheck {

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNumberLength(100)
                    .maxStringLength(1 << 20)
                    .build())
            .build();

    private final Symbol symbol;
    private long id;
    private long tradeTimeMs;

    LineCheck(Symbol symbol) {
        this.symbol = symbol;
    }

    /** Whether the bytes, without their line feed, are a trade. Sets {@link #id()} and {@link #tradeTimeMs()}. */
    boolean isTrade(byte[] bytes, int offset, int length) {
        id = -1;
        tradeTimeMs = -1;
        try (JsonParser parser = JSON.createParser(bytes, offset, length)) {
            return parser.nextToken() == JsonToken.START_OBJECT
                    && readMembers(parser)
                    && parser.nextToken() == null
                    && id >= 0
                    && tradeTimeMs >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean readMembers(JsonParser parser) throws IOException {
        boolean isTrade = false;
        boolean isOurs = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "e" ->
                    isTrade =
                            value == JsonToken.VALUE_STRING && parser.getText().equals("trade");
                case "s" ->
                    isOurs = value == JsonToken.VALUE_STRING && parser.getText().equals(symbol.value());
                case "t" -> id = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
                case "T" -> tradeTimeMs = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : -1;
                default -> parser.skipChildren();
            }
        }
        return isTrade && isOurs;
    }

    /** Trade id of the last line that was a trade. */
    long id() {
        return id;
    }

    /** Trade time of the last line that was a trade, ms since 1970 UTC. */
    long tradeTimeMs() {
        return tradeTimeMs;
    }
}
