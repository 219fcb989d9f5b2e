package io.marketdata.collector.certificate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.TreeMap;

/**
 * The only bytes of a JSON value: RFC 8785 (JSON Canonicalization Scheme), for values whose numbers are integers that
 * every reader of JSON keeps exactly and whose member names are ASCII. Pure.
 */
final class CanonicalJson {

    /** 2^53 - 1; RFC 7493 (I-JSON), section 2.2. */
    static final long MAX_INTEGER = (1L << 53) - 1;

    private static final String ESCAPED = "\b\t\n\f\r\"\\";
    private static final String ESCAPES = "btnfr\"\\";

    private final StringBuilder text = new StringBuilder();

    private CanonicalJson() {}

    /**
     * Its bytes.
     *
     * @throws IllegalArgumentException if it has other numbers or names, or text that is not Unicode
     */
    static byte[] of(JsonNode value) {
        CanonicalJson json = new CanonicalJson();
        json.value(value);
        try {
            // Unlike getBytes, an encoder refuses half a surrogate pair.
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json.text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("text that is not Unicode", e);
        }
    }

    private void value(JsonNode value) {
        if (value.isObject()) {
            object(value);
        } else if (value.isArray()) {
            array(value);
        } else if (value.isTextual()) {
            string(value.textValue());
        } else if (value.isNumber()) {
            integer(value);
        } else {
            text.append(value); // true, false, null
        }
    }

    private void object(JsonNode object) {
        TreeMap<String, JsonNode> members = new TreeMap<>();
        object.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        char before = '{';
        for (var member : members.entrySet()) {
            if (!member.getKey().chars().allMatch(c -> c < 128)) {
                throw new IllegalArgumentException("a member name that is not ASCII");
            }
            text.append(before);
            string(member.getKey());
            text.append(':');
            value(member.getValue());
            before = ',';
        }
        text.append(members.isEmpty() ? "{}" : "}");
    }

    private void array(JsonNode array) {
        char before = '[';
        for (JsonNode each : array) {
            text.append(before);
            value(each);
            before = ',';
        }
        text.append(array.isEmpty() ? "[]" : "]");
    }

    private void integer(JsonNode number) {
        if (!number.isIntegralNumber() || !number.canConvertToLong() || Math.abs(number.longValue()) > MAX_INTEGER) {
            throw new IllegalArgumentException("a number that is not an integer below 2^53");
        }
        text.append(number.longValue());
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            int escaped = ESCAPED.indexOf(c);
            if (escaped >= 0) {
                text.append('\\').append(ESCAPES.charAt(escaped));
            } else if (c < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
