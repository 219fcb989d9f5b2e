package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a frame without building a tree: finds the event object, and in it {@code e}, {@code s}, {@code t}, {@code T}
 * and {@code E} (Binance web-socket-streams.md, 2026-06-09, "Trade Streams"). Other members may come and go; their order
 * does not matter.
 *
 * <p>Strict about JSON, so that what is recorded is always one valid JSON object on one line: a frame with anything
 * else, with control characters or with bytes that are not UTF-8 is {@link Kind#UNKNOWN}.
 *
 * <p>A cursor for one thread: each {@link #parse} forgets the frame before.
 */
final class FrameParser {

    /** What a frame is. */
    enum Kind {
        /** A trade of one of our symbols. */
        TRADE,
        /** The answer to a request, for example {@code {"result":null,"id":1}}. */
        REPLY,
        /** A refusal: {@code {"error":{"code":2,"msg":"…"},"id":1}}, or as documented without the {@code error}. */
        ERROR,
        /** The server is about to shut down; raw or combined form (CHANGELOG 2026-05-06). */
        SHUTDOWN_NOTICE,
        /** Anything else. */
        UNKNOWN
    }

    private static final int MAX_DEPTH = 32;
    // Trade times of this century's clocks in milliseconds have 13 digits; microseconds would name folders of the year
    // 50,000.
    private static final long MIN_TIME_MS = 1_000_000_000_000L;
    private static final long MAX_TIME_MS = 9_999_999_999_999L;
    private static final int NOT_THERE = -1;
    private static final int FREE = -1;

    private final Symbol[] symbols;
    private final byte[][] symbolBytes;

    /** Hash table with the places of symbols: a look at each of 200 would take longer than the whole rest. */
    private final int[] slots;

    private int symbolIndex;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    private byte[] in = new byte[0];
    private int at;
    private int end;
    private boolean ascii;

    private boolean isWrapped;
    private boolean hasResult;
    private boolean hasError;
    private int eventFrom;
    private int eventTo;
    private int typeFrom;
    private int typeTo;
    private int symbolFrom;
    private int symbolTo;
    private long id;
    private long tradeTimeMs;
    private long eventTimeMs;
    private String problem = "";

    /** @param symbols those whose trades were asked for, at least one */
    FrameParser(List<Symbol> symbols) {
        this.symbols = symbols.toArray(Symbol[]::new);
        this.symbolBytes = symbols.stream()
                .map(s -> s.value().getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        this.slots = new int[4 * symbols.size() + 1];
        Arrays.fill(slots, FREE);
        for (int i = 0; i < symbolBytes.length; i++) {
            int slot = slot(symbolBytes[i], 0, symbolBytes[i].length);
            while (slots[slot] != FREE) {
                slot = (slot + 1) % slots.length;
            }
            slots[slot] = i;
        }
    }

    /** Reads the text of one frame. */
    Kind parse(byte[] bytes, int offset, int length) {
        in = bytes;
        at = offset;
        end = offset + length;
        ascii = true;
        isWrapped = false;
        hasResult = false;
        hasError = false;
        problem = "";
        clearEvent();
        eventFrom = offset;
        try {
            skipSpaces();
            eventFrom = at;
            object(0, true);
            if (!isWrapped) {
                eventTo = at;
            }
            skipSpaces();
            if (at != end) {
                throw new Malformed("text after the end of the object");
            }
            if (!ascii) {
                checkUtf8(bytes, offset, length);
            }
            return classify();
        } catch (Malformed e) {
            problem = e.getMessage();
            return Kind.UNKNOWN;
        }
    }

    private Kind classify() throws Malformed {
        if (is("trade")) {
            symbolIndex = knownSymbol();
            if (id < 0) {
                throw new Malformed("a trade without an id t");
            }
            if (tradeTimeMs < MIN_TIME_MS || tradeTimeMs > MAX_TIME_MS) {
                throw new Malformed("a trade without a time T in milliseconds");
            }
            return Kind.TRADE;
        }
        if (is("serverShutdown")) {
            return Kind.SHUTDOWN_NOTICE;
        }
        if (hasError) {
            return Kind.ERROR;
        }
        if (hasResult) {
            return Kind.REPLY;
        }
        throw new Malformed("neither a trade nor an answer");
    }

    private boolean is(String type) {
        if (typeFrom == NOT_THERE || typeTo - typeFrom != type.length()) {
            return false;
        }
        for (int i = 0; i < type.length(); i++) {
            if (in[typeFrom + i] != type.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int knownSymbol() throws Malformed {
        if (symbolFrom != NOT_THERE) {
            for (int slot = slot(in, symbolFrom, symbolTo); slots[slot] != FREE; slot = (slot + 1) % slots.length) {
                int candidate = slots[slot];
                byte[] name = symbolBytes[candidate];
                if (Arrays.equals(name, 0, name.length, in, symbolFrom, symbolTo)) {
                    return candidate;
                }
            }
        }
        throw new Malformed("a trade of a symbol that was not asked for");
    }

    private int slot(byte[] name, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + name[i];
        }
        return Math.floorMod(hash, slots.length);
    }

    /** Where the event object begins. Valid after {@link Kind#TRADE}. */
    int eventFrom() {
        return eventFrom;
    }

    /** First byte after the event object. Valid after {@link Kind#TRADE}. */
    int eventTo() {
        return eventTo;
    }

    /** The trade's symbol. Valid after {@link Kind#TRADE}. */
    Symbol symbol() {
        return symbols[symbolIndex];
    }

    /** The place of the trade's symbol among those that were asked for. Valid after {@link Kind#TRADE}. */
    int symbolIndex() {
        return symbolIndex;
    }

    /** The trade's id {@code t}. Valid after {@link Kind#TRADE}. */
    long id() {
        return id;
    }

    /** The trade's time {@code T}, ms since 1970 UTC. Valid after {@link Kind#TRADE}. */
    long tradeTimeMs() {
        return tradeTimeMs;
    }

    /** When the exchange sent it, {@code E}, ms since 1970 UTC; -1 if it does not say. Valid after {@link Kind#TRADE}. */
    long eventTimeMs() {
        return eventTimeMs;
    }

    /** Why the frame was {@link Kind#UNKNOWN}. */
    String problem() {
        return problem;
    }

    private void clearEvent() {
        typeFrom = NOT_THERE;
        symbolFrom = NOT_THERE;
        id = NOT_THERE;
        tradeTimeMs = NOT_THERE;
        eventTimeMs = NOT_THERE;
    }

    /** @param outer whether this is the whole frame, in which {@code data} may hold the event */
    private void object(int depth, boolean outer) throws Malformed {
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
                member(nameFrom, nameTo, outer);
            } else {
                value(depth);
            }
            skipSpaces();
        } while (more('}'));
    }

    private void member(int nameFrom, int nameTo, boolean outer) throws Malformed {
        if (nameTo - nameFrom == 1) {
            eventMember(in[nameFrom], outer);
            return;
        }
        if (outer && peek() == '{' && named("data", nameFrom, nameTo)) {
            if (isWrapped) {
                throw new Malformed("two data members");
            }
            isWrapped = true;
            clearEvent();
            eventFrom = at;
            object(0, false);
            eventTo = at;
            return;
        }
        if (outer) {
            hasResult |= named("result", nameFrom, nameTo);
            hasError |= named("error", nameFrom, nameTo) || named("code", nameFrom, nameTo);
        }
        value(0);
    }

    private void eventMember(byte name, boolean outer) throws Malformed {
        if (outer && isWrapped) {
            value(0); // a wrapper's own members say nothing about the event in it
            return;
        }
        switch (name) {
            case 'e' -> {
                once(typeFrom);
                typeFrom = at + 1;
                text();
                typeTo = at - 1;
            }
            case 's' -> {
                once(symbolFrom);
                symbolFrom = at + 1;
                text();
                symbolTo = at - 1;
            }
            case 't' -> {
                once(id);
                id = wholeNumber();
            }
            case 'T' -> {
                once(tradeTimeMs);
                tradeTimeMs = wholeNumber();
            }
            case 'E' -> {
                int from = at;
                value(0);
                eventTimeMs = timeBetween(from, at);
            }
            default -> value(0);
        }
    }

    /** For what is good to know and not needed: anything but a time gives -1, not a rejected frame. */
    private long timeBetween(int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            if (!isDigit(in[i])) {
                return NOT_THERE;
            }
            value = value * 10 + (in[i] - '0');
        }
        return value >= MIN_TIME_MS && value <= MAX_TIME_MS ? value : NOT_THERE;
    }

    private static void once(long member) throws Malformed {
        if (member != NOT_THERE) {
            throw new Malformed("a member that stands twice");
        }
    }

    private boolean named(String name, int from, int to) {
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

    private void value(int depth) throws Malformed {
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

    /** A string without escapes: those that are compared. */
    private void text() throws Malformed {
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
        while (at < end) {
            byte c = in[at++];
            if (c == '"') {
                return;
            }
            if (c == '\\') {
                escape();
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

    private long wholeNumber() throws Malformed {
        int from = at;
        long value = 0;
        while (at < end && isDigit(in[at])) {
            value = value * 10 + (in[at++] - '0');
        }
        int digits = at - from;
        if (digits == 0 || digits > 18 || (digits > 1 && in[from] == '0')) {
            throw new Malformed("not a whole number where one is needed");
        }
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

    private int peek() throws Malformed {
        if (at >= end) {
            throw new Malformed("cut off");
        }
        return in[at];
    }

    private void skipSpaces() {
        // Only the space: any other white space would break the line that is written.
        while (at < end && in[at] == ' ') {
            at++;
        }
    }

    private void checkUtf8(byte[] bytes, int offset, int length) throws Malformed {
        try {
            utf8.decode(ByteBuffer.wrap(bytes, offset, length));
        } catch (CharacterCodingException e) {
            throw new Malformed("not UTF-8");
        }
    }

    /** The frame is not what it should be. Without a stack trace: hostile input must stay cheap. */
    private static final class Malformed extends Exception {
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
