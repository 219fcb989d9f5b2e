package io.marketdata.collector.trade;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.util.List;

/**
 * Decides whether a line of a part is a complete trade record, and reads its id and time: one JSON object with, once
 * each, {@code e} "trade", {@code s} the part's own symbol, and numbers {@code t} and {@code T}. A crash or a power
 * loss leaves torn, zeroed and stale bytes; none of them may reach the bucket.
 *
 * <p>One thread; every {@link #isTrade} overwrites the last result.
 */
public final class LineCheck {

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNumberLength(100)
                    .maxStringLength(1 << 20)
                    .build())
            .build();

    private static final List<String> MEMBERS = List.of("e", "s", "t", "T");

    private final Symbol symbol;
    private long id;
    private long tradeTimeMs;

    public LineCheck(Symbol symbol) {
        this.symbol = symbol;
    }

    /** Whether the bytes, without their line feed, are a trade. Sets {@link #id()} and {@link #tradeTimeMs()}. */
    public boolean isTrade(byte[] bytes, int offset, int length) {
        try (JsonParser parser = JSON.createParser(bytes, offset, length)) {
            return parser.nextToken() == JsonToken.START_OBJECT && readMembers(parser) && parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean readMembers(JsonParser parser) throws IOException {
        int seen = 0;
        boolean valid = true;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int member = MEMBERS.indexOf(parser.currentName());
            JsonToken value = parser.nextToken();
            if (member < 0) {
                parser.skipChildren();
            } else {
                int bit = 1 << member;
                valid &= (seen & bit) == 0 && isValid(parser, member, value);
                seen |= bit;
            }
        }
        return valid && seen == (1 << MEMBERS.size()) - 1;
    }

    private boolean isValid(JsonParser parser, int member, JsonToken value) throws IOException {
        if (member < 2) {
            String wanted = member == 0 ? "trade" : symbol.value();
            return value == JsonToken.VALUE_STRING && parser.getText().equals(wanted);
        }
        if (value != JsonToken.VALUE_NUMBER_INT) {
            return false;
        }
        if (member == 2) {
            id = parser.getLongValue();
        } else {
            tradeTimeMs = parser.getLongValue();
        }
        return parser.getLongValue() >= 0;
    }

    /** Trade id of the last line that was a trade. */
    public long id() {
        return id;
    }

    /** Trade time of the last line that was a trade, ms since 1970 UTC. */
    public long tradeTimeMs() {
        return tradeTimeMs;
    }
}
