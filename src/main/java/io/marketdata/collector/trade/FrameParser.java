package io.marketdata.collector.trade;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.StrictJson.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Parses a frame without building a tree: finds the event object, and in it {@code e}, {@code s}, {@code t}, {@code T}
 * and {@code E} (Binance web-socket-streams.md, 2026-06-09, "Trade Streams"). Other members may come and go; their
 * order is irrelevant.
 *
 * <p>A recorded event is always one valid JSON object on one line: any other frame is {@link Kind#UNKNOWN}.
 *
 * <p>A cursor for one thread: each {@link #parse} overwrites the results of the one before.
 */
public final class FrameParser {

    /** What a frame is. */
    public enum Kind {
        /** A trade of one of the requested symbols. */
        TRADE,
        /** The answer to a request, for example {@code {"result":null,"id":1}}. */
        REPLY,
        /** A rejected request: {@code {"error":{"code":2,"msg":"…"},"id":1}}, or as documented without {@code error}. */
        ERROR,
        /** The server is about to shut down; raw or combined form (CHANGELOG 2026-05-06). */
        SHUTDOWN_NOTICE,
        /** Anything else. */
        UNKNOWN
    }

    // Trade times of this century's clocks in milliseconds have 13 digits; microseconds would name folders of the year
    // 50,000.
    private static final long MIN_TIME_MS = 1_000_000_000_000L;
    private static final long MAX_TIME_MS = 9_999_999_999_999L;
    private static final int NOT_THERE = -1;
    private static final int FREE = -1;

    private final StrictJson json = new StrictJson(this::member);
    private final Symbol[] symbols;
    private final byte[][] symbolBytes;
    private final ValueSpans spans = new ValueSpans();

    /** Hash table of symbol indexes: comparing with each of 200 would take longer than everything else. */
    private final int[] slots;

    private int symbolIndex;
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

    /** @param symbols the requested symbols, at least one */
    public FrameParser(List<Symbol> symbols) {
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

    public Kind parse(byte[] bytes, int offset, int length) {
        json.begin(bytes, offset, length);
        isWrapped = false;
        hasResult = false;
        hasError = false;
        problem = "";
        clearEvent();
        eventFrom = offset;
        try {
            json.skipSpaces();
            eventFrom = json.at;
            json.object(0, true);
            if (!isWrapped) {
                eventTo = json.at;
            }
            json.checkEnd();
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
        throw new Malformed("neither a trade nor a reply");
    }

    private boolean is(String type) {
        return typeFrom != NOT_THERE && json.named(type, typeFrom, typeTo);
    }

    private int knownSymbol() throws Malformed {
        if (symbolFrom != NOT_THERE) {
            int slot = slot(json.in, symbolFrom, symbolTo);
            for (; slots[slot] != FREE; slot = (slot + 1) % slots.length) {
                byte[] name = symbolBytes[slots[slot]];
                if (Arrays.equals(name, 0, name.length, json.in, symbolFrom, symbolTo)) {
                    return slots[slot];
                }
            }
        }
        throw new Malformed("a trade of a symbol that was not requested");
    }

    private int slot(byte[] name, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + name[i];
        }
        return Math.floorMod(hash, slots.length);
    }

    // All results up to problem() are valid after Kind.TRADE.

    /** First byte of the event object. */
    public int eventFrom() {
        return eventFrom;
    }

    /** First byte after the event object. */
    public int eventTo() {
        return eventTo;
    }

    public Symbol symbol() {
        return symbols[symbolIndex];
    }

    /** The index of the trade's symbol in the constructor's list. */
    public int symbolIndex() {
        return symbolIndex;
    }

    public long id() {
        return id;
    }

    /** The trade's time {@code T}, ms since 1970 UTC. */
    public long tradeTimeMs() {
        return tradeTimeMs;
    }

    /** When the exchange sent it, {@code E}, ms since 1970 UTC; -1 if it is missing. */
    public long eventTimeMs() {
        return eventTimeMs;
    }

    /** Where the event's values are; valid until the next frame. */
    public ValueSpans spans() {
        return spans;
    }

    /** Why the frame was {@link Kind#UNKNOWN}. */
    public String problem() {
        return problem;
    }

    private void clearEvent() {
        typeFrom = NOT_THERE;
        symbolFrom = NOT_THERE;
        id = NOT_THERE;
        tradeTimeMs = NOT_THERE;
        eventTimeMs = NOT_THERE;
        spans.clear();
    }

    private void member(int nameFrom, int nameTo, boolean outer) throws Malformed {
        if (nameTo - nameFrom == 1) {
            eventMember(json.in[nameFrom], outer);
            return;
        }
        if (outer && json.peek() == '{' && json.named("data", nameFrom, nameTo)) {
            if (isWrapped) {
                throw new Malformed("two data members");
            }
            isWrapped = true;
            clearEvent();
            eventFrom = json.at;
            json.object(0, false);
            eventTo = json.at;
            return;
        }
        if (outer) {
            hasResult |= json.named("result", nameFrom, nameTo);
            hasError |= json.named("error", nameFrom, nameTo) || json.named("code", nameFrom, nameTo);
        }
        json.value(0);
    }

    private void eventMember(byte name, boolean outer) throws Malformed {
        if (outer && isWrapped) {
            json.value(0); // a member of the wrapper, not of the event
            return;
        }
        switch (name) {
            case 'e' -> {
                once(typeFrom);
                typeFrom = json.at + 1;
                json.text();
                typeTo = json.at - 1;
            }
            case 's' -> {
                once(symbolFrom);
                symbolFrom = json.at + 1;
                json.text();
                symbolTo = json.at - 1;
            }
            case 't' -> {
                once(id);
                id = json.wholeNumber();
            }
            case 'T' -> {
                once(tradeTimeMs);
                tradeTimeMs = json.wholeNumber();
            }
            case 'E' -> {
                int from = json.at;
                note(ValueSpans.EVENT_TIME);
                eventTimeMs = timeBetween(from, json.at);
            }
            case 'p' -> note(ValueSpans.PRICE);
            case 'q' -> note(ValueSpans.QUANTITY);
            case 'm' -> note(ValueSpans.BUYER_IS_MAKER);
            default -> json.value(0);
        }
    }

    private void note(int value) throws Malformed {
        int from = json.at;
        json.value(0);
        spans.set(value, from - eventFrom, json.at - eventFrom);
    }

    /** For the optional {@code E}: anything but a time gives -1, not a rejected frame. */
    private long timeBetween(int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            if (!StrictJson.isDigit(json.in[i])) {
                return NOT_THERE;
            }
            value = value * 10 + (json.in[i] - '0');
        }
        return value >= MIN_TIME_MS && value <= MAX_TIME_MS ? value : NOT_THERE;
    }

    private static void once(long member) throws Malformed {
        if (member != NOT_THERE) {
            throw new Malformed("a duplicate member");
        }
    }
}
