package io.marketdata.collector.trade;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Scans JSON (RFC 8259: all of it, and nothing else) without building a tree and without recursion.
 *
 * <p>A cursor for one thread; {@link #begin} sets it to a text. Every method but {@link #skipSpace} expects the cursor at
 * its first byte and leaves it after its last one.
 */
final class StrictJson {

    /** What {@link #wholeNumber} returns for any other value. */
    static final long NOT_WHOLE = -1;

    private static final int MAX_DIGITS = 19; // of 2^63 - 1

    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    byte[] in = new byte[0];

    /** Position of the next byte. */
    int at;

    /** Number of line feeds and carriage returns before the cursor; JSON allows them only between tokens. */
    int lineBreaks;

    /** How many arrays and objects were open at most, one in the other, in the values since this was last set to 0. */
    int deepest;

    /** Whether the string that was scanned last has an escape. */
    boolean escaped;

    /** First byte of the name that was scanned last. */
    int nameFrom;

    /** First byte after that name. */
    int nameTo;

    private int start;
    private int end;
    private boolean ascii;

    /** For each open array or object of a value, whether it is an object. */
    private boolean[] objects = new boolean[64];

    /** Sets the cursor to the first byte of a text. */
    void begin(byte[] bytes, int offset, int length) {
        in = bytes;
        start = offset;
        at = offset;
        end = offset + length;
        lineBreaks = 0;
        deepest = 0;
        ascii = true;
    }

    /** Checks that only white space follows, and that the whole text is UTF-8. */
    void checkEnd() throws Malformed {
        skipSpace();
        if (at != end) {
            throw new Malformed("text after the end of the object");
        }
        if (!ascii) {
            try {
                utf8.decode(ByteBuffer.wrap(in, start, end - start));
            } catch (CharacterCodingException e) {
                throw new Malformed("not UTF-8");
            }
        }
    }

    /** Scans the beginning of an object, and returns whether it has a member. */
    boolean open() throws Malformed {
        expect('{');
        return !isEmpty('}');
    }

    /** Scans a member's name and the colon after it, up to its value. */
    void name() throws Malformed {
        nameFrom = at + 1;
        string();
        nameTo = at - 1;
        skipSpace();
        expect(':');
        skipSpace();
    }

    /** Scans what follows a value: a comma, and returns true, or this end of the array or object. */
    boolean more(char close) throws Malformed {
        skipSpace();
        int c = peek();
        at++;
        if (c == ',') {
            skipSpace();
            return true;
        }
        if (c == close) {
            return false;
        }
        throw new Malformed("not JSON");
    }

    /** Scans any value. */
    void value() throws Malformed {
        int depth = 0;
        do {
            int c = peek();
            if (c == '{' || c == '[') {
                depth = open(c == '{', depth);
            } else {
                scalar(c);
                depth = close(depth);
            }
        } while (depth > 0);
    }

    /** Scans up to the first value of an array or object, or after it if it is empty. */
    private int open(boolean isObject, int depth) throws Malformed {
        at++;
        deepest = Math.max(deepest, depth + 1);
        if (isEmpty(isObject ? '}' : ']')) {
            return close(depth);
        }
        if (depth == objects.length) {
            objects = Arrays.copyOf(objects, 2 * depth);
        }
        objects[depth] = isObject;
        if (isObject) {
            name();
        }
        return depth + 1;
    }

    /** Scans the ends of arrays and objects up to the next value. */
    private int close(int depth) throws Malformed {
        int left = depth;
        while (left > 0) {
            boolean isObject = objects[left - 1];
            if (more(isObject ? '}' : ']')) {
                if (isObject) {
                    name();
                }
                return left;
            }
            left--;
        }
        return left;
    }

    private boolean isEmpty(char close) throws Malformed {
        skipSpace();
        if (peek() != close) {
            return false;
        }
        at++;
        return true;
    }

    private void scalar(int first) throws Malformed {
        switch (first) {
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void string() throws Malformed {
        expect('"');
        escaped = false;
        // The cursor is a local variable because most bytes of a frame are read here.
        byte[] bytes = in;
        int to = end;
        int i = at;
        while (i < to) {
            byte c = bytes[i++];
            if (c == '"') {
                at = i;
                return;
            }
            if (c == '\\') {
                at = i;
                escape();
                i = at;
            } else if (c < ' ') {
                if (c >= 0) {
                    throw new Malformed("a control character");
                }
                ascii = false;
            }
        }
        throw new Malformed("cut off");
    }

    private void escape() throws Malformed {
        escaped = true;
        int c = peek();
        at++;
        if (c == 'u') {
            for (int i = 0; i < 4; i++) {
                if (Character.digit(peek(), 16) < 0) {
                    throw new Malformed("a broken escape");
                }
                at++;
            }
        } else if ("\"\\/bfnrt".indexOf(c) < 0) {
            throw new Malformed("a broken escape");
        }
    }

    /** The text of a scanned string, from after its first quotation mark to its last one. */
    String text(int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        int i = from;
        while (i < to) {
            int run = i;
            while (i < to && in[i] != '\\') {
                i++;
            }
            text.append(new String(in, run, i - run, StandardCharsets.UTF_8));
            if (i < to) {
                boolean isCode = in[i + 1] == 'u';
                text.append(isCode ? code(i + 2) : unescaped(in[i + 1]));
                i += isCode ? 6 : 2;
            }
        }
        return text.toString();
    }

    private char code(int from) {
        int code = 0;
        for (int i = from; i < from + 4; i++) {
            code = 16 * code + Character.digit(in[i], 16);
        }
        return (char) code;
    }

    private static char unescaped(byte letter) {
        int control = "bfnrt".indexOf(letter);
        return control < 0 ? (char) letter : "\b\f\n\r\t".charAt(control);
    }

    /** Scans any value, and returns it if it is an integer from 0 to 2^63 - 1 without sign, fraction and exponent. */
    long wholeNumber() throws Malformed {
        byte[] bytes = in;
        int to = Math.min(end, at + MAX_DIGITS);
        int i = at;
        long value = 0;
        while (i < to && isDigit(bytes[i])) {
            value = value * 10 + (bytes[i++] - '0');
        }
        int digits = i - at;
        boolean leadingZero = digits > 1 && bytes[at] == '0';
        // 19 digits beyond 2^63 - 1 are negative as a long.
        if (digits == 0 || leadingZero || value < 0 || i == end || continuesNumber(bytes[i])) {
            value();
            return NOT_WHOLE;
        }
        at = i;
        return value;
    }

    private static boolean continuesNumber(byte c) {
        return isDigit(c) || c == '.' || c == 'e' || c == 'E';
    }

    private void number() throws Malformed {
        if (peek() == '-') {
            at++;
        }
        int from = at;
        digits();
        if (at - from > 1 && in[from] == '0') {
            throw new Malformed("a number with a leading zero");
        }
        if (at < end && in[at] == '.') {
            at++;
            digits();
        }
        if (at < end && (in[at] == 'e' || in[at] == 'E')) {
            at++;
            if (at < end && (in[at] == '+' || in[at] == '-')) {
                at++;
            }
            digits();
        }
    }

    private void digits() throws Malformed {
        int from = at;
        while (at < end && isDigit(in[at])) {
            at++;
        }
        if (at == from) {
            throw new Malformed("not JSON");
        }
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private void word(String word) throws Malformed {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
    }

    private void expect(char c) throws Malformed {
        if (peek() != c) {
            throw new Malformed("not JSON");
        }
        at++;
    }

    int peek() throws Malformed {
        if (at >= end) {
            throw new Malformed("cut off");
        }
        return in[at];
    }

    void skipSpace() {
        for (; at < end && in[at] <= ' '; at++) {
            byte c = in[at];
            if (c == '\n' || c == '\r') {
                lineBreaks++;
            } else if (c != ' ' && c != '\t') {
                return;
            }
        }
    }

    /** Thrown for text that is not valid. Without a stack trace, so that hostile input stays cheap. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }

        @Override
        public String getMessage() {
            @Nullable String message = super.getMessage();
            return message == null ? "" : message;
        }
    }
}
