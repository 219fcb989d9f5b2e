package io.marketdata.collector.trade;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Scans JSON without building a tree. Strict (RFC 8259), and stricter so that the text stays one valid line: no white
 * space except the space, no control characters, only UTF-8.
 *
 * <p>A cursor for one thread; {@link #begin} sets it to a text.
 */
final class StrictJson {

    /** Receives the members of an object that is not nested. */
    @FunctionalInterface
    interface Members {
        /**
         * Called with the cursor at a member's value, and must move it behind the value.
         *
         * @param nameFrom first byte of its name
         * @param nameTo first byte after its name
         * @param outer as passed to {@link StrictJson#object}
         */
        void member(int nameFrom, int nameTo, boolean outer) throws Malformed;
    }

    private static final int MAX_DEPTH = 32;

    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    private final Members members;

    byte[] in = new byte[0];

    /** Position of the next byte. */
    int at;

    private int start;
    private int end;
    private boolean ascii;

    StrictJson(Members members) {
        this.members = members;
    }

    /** Sets the cursor to the first byte of a text. */
    void begin(byte[] bytes, int offset, int length) {
        in = bytes;
        start = offset;
        at = offset;
        end = offset + length;
        ascii = true;
    }

    /** Checks that only spaces follow, and that the whole text is UTF-8. */
    void checkEnd() throws Malformed {
        skipSpaces();
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

    /**
     * Scans an object.
     *
     * @param outer whether this is the whole text; passed to {@link Members#member}
     */
    void object(int depth, boolean outer) throws Malformed {
        expect('{');
        skipSpaces();
        if (peek() == '}') {
            at++;
            return;
        }
        do {
            skipSpaces();
            int nameFrom = at + 1;
            string();
            int nameTo = at - 1;
            skipSpaces();
            expect(':');
            skipSpaces();
            if (depth == 0) {
                members.member(nameFrom, nameTo, outer);
            } else {
                value(depth);
            }
            skipSpaces();
        } while (more('}'));
    }

    /** Whether the bytes from {@code from} to {@code to} are this ASCII text. */
    boolean named(String name, int from, int to) {
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (in[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Scans any value. */
    void value(int depth) throws Malformed {
        switch (peek()) {
            case '"' -> string();
            case '{' -> object(deeper(depth), false);
            case '[' -> array(deeper(depth));
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private static int deeper(int depth) throws Malformed {
        if (depth >= MAX_DEPTH) {
            throw new Malformed("nested too deeply");
        }
        return depth + 1;
    }

    private void array(int depth) throws Malformed {
        expect('[');
        skipSpaces();
        if (peek() == ']') {
            at++;
            return;
        }
        do {
            skipSpaces();
            value(depth);
            skipSpaces();
        } while (more(']'));
    }

    private boolean more(char close) throws Malformed {
        int c = peek();
        at++;
        if (c == ',') {
            return true;
        }
        if (c == close) {
            return false;
        }
        throw new Malformed("not JSON");
    }

    /** Scans a string that will be compared, so without escapes. */
    void text() throws Malformed {
        int from = at;
        string();
        for (int i = from; i < at; i++) {
            if (in[i] == '\\') {
                throw new Malformed("an escaped name");
            }
        }
    }

    private void string() throws Malformed {
        expect('"');
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

    /** Scans an integer: not negative, at most 18 digits. */
    long wholeNumber() throws Malformed {
        byte[] bytes = in;
        int to = end;
        int i = at;
        long value = 0;
        while (i < to && isDigit(bytes[i])) {
            value = value * 10 + (bytes[i++] - '0');
        }
        int digits = i - at;
        if (digits == 0 || digits > 18 || (digits > 1 && bytes[at] == '0')) {
            throw new Malformed("not a whole number where one is needed");
        }
        at = i;
        return value;
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
        if (at - from > 99) {
            throw new Malformed("a number of more than 99 characters");
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

    static boolean isDigit(byte c) {
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

    void skipSpaces() {
        // Only the space: any other white space would break the line that is written.
        while (at < end && in[at] == ' ') {
            at++;
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
