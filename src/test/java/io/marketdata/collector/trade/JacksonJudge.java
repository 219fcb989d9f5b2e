package io.marketdata.collector.trade;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a frame is, read by Jackson and shared with nothing in the collector. */
final class JacksonJudge {

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final int MAX_DEPTH = 500;
    private static final BigInteger MAX_ID = BigInteger.valueOf(Long.MAX_VALUE);

    private final Set<String> symbols;

    /**
     * A trade.
     *
     * @param line its event without line breaks
     * @param wrapped whether it came in the combined form
     */
    record Trade(String symbol, long id, long timeMs, String line, boolean wrapped) {}

    /**
     * What a text is.
     *
     * @param isJson whether it is one JSON text in UTF-8
     */
    record Verdict(boolean isJson, @Nullable Trade trade) {}

    JacksonJudge(Set<String> symbols) {
        this.symbols = symbols;
    }

    private static final class Found {
        final Map<String, String> values = new HashMap<>();
        boolean duplicates;
        int depth = 1;
        int from;
        int to;

        @Nullable
        Found data;

        int dataObjects;
    }

    Verdict judge(byte[] frame) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(frame))
                    .toString();
        } catch (CharacterCodingException e) {
            return new Verdict(false, null);
        }
        String json = text.startsWith("\ufeff") ? text.substring(1) : text;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return new Verdict(false, null);
            }
            Found outer = object(parser, true);
            return parser.nextToken() == null ? new Verdict(true, trade(outer, json)) : new Verdict(false, null);
        } catch (IOException e) {
            return new Verdict(false, null);
        }
    }

    private static Found object(JsonParser parser, boolean isOuter) throws IOException {
        Found found = new Found();
        found.from = (int) parser.currentTokenLocation().getCharOffset();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (isOuter && name.equals("data") && value == JsonToken.START_OBJECT) {
                found.dataObjects++;
                found.data = object(parser, false);
                found.depth = Math.max(found.depth, 1 + found.data.depth);
                continue;
            }
            String text = value.isScalarValue() ? value.name() + ' ' + parser.getText() : "";
            boolean isTwice = found.values.put(name, text) != null;
            found.duplicates |= isTwice && Set.of("e", "s", "t", "T").contains(name);
            skip(parser, found);
        }
        found.to = (int) parser.currentTokenLocation().getCharOffset() + 1;
        return found;
    }

    private static void skip(JsonParser parser, Found found) throws IOException {
        int open = 0;
        for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
            open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            found.depth = Math.max(found.depth, 1 + open);
            if (open == 0) {
                return;
            }
        }
    }

    private @Nullable Trade trade(Found outer, String json) {
        Found inner = outer.data;
        boolean wrapped = !outer.values.containsKey("e") && inner != null;
        Found event = wrapped && inner != null ? inner : outer;
        String symbol = event.values.getOrDefault("s", "").replaceFirst("^VALUE_STRING ", "");
        if (event.duplicates
                || event.depth > MAX_DEPTH
                || (wrapped && outer.dataObjects > 1)
                || !"VALUE_STRING trade".equals(event.values.get("e"))
                || !symbols.contains(symbol)
                || !event.values.getOrDefault("s", "").startsWith("VALUE_STRING ")) {
            return null;
        }
        BigInteger id = integer(event, "t");
        BigInteger time = integer(event, "T");
        if (id == null || time == null || id.compareTo(MAX_ID) > 0) {
            return null;
        }
        int digits = time.toString().length();
        if (digits != 13 && digits != 16) {
            return null;
        }
        long timeMs = digits == 13 ? time.longValueExact() : time.longValueExact() / 1_000;
        String line = json.substring(event.from, event.to).replace("\n", "").replace("\r", "");
        return new Trade(symbol, id.longValueExact(), timeMs, line, wrapped);
    }

    private static @Nullable BigInteger integer(Found event, String name) {
        String value = event.values.getOrDefault(name, "");
        return value.matches("VALUE_NUMBER_INT (0|[1-9][0-9]*)")
                ? new BigInteger(value.substring("VALUE_NUMBER_INT ".length()))
                : null;
    }
}
