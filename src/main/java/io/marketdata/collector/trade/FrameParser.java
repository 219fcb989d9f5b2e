package io.marketdata.collector.trade;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.StrictJson.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Parses a frame without building a tree. Accepts every JSON spelling of a trade (RFC 8259): white space, escapes, any
 * order of the members, any other members.
 *
 * <p>A trade is an object with, once each, {@code e} "trade", {@code s} a requested symbol, {@code t} an integer from 0
 * to 2^63 - 1, and {@code T} a time of the years 2001 to 2286 in ms or µs. It is the frame itself, or the only object
 * {@code data} of a frame without {@code e} (the wrapper of combined streams). Anything else is {@link Kind#UNKNOWN}: also
 * an event in which more than {@value #MAX_DEPTH} arrays and objects are open, one in the other, and bytes that are not
 * UTF-8. A byte order mark before the frame is skipped, as RFC 8259 section 8.1 allows; it is no part of the event.
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

    /** Half of what Jackson (StreamReadConstraints) and Python (sys.getrecursionlimit) read by default. */
    static final int MAX_DEPTH = 500;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final int FREE = -1;

    private final StrictJson json = new StrictJson();
    private final Symbol[] symbols;
    private final byte[][] symbolBytes;

    /** Hash table of symbol indexes: comparing with each of 200 would take longer than everything else. */
    private final int[] slots;

    private final ScannedEvent outer = new ScannedEvent();
    private final ScannedEvent inner = new ScannedEvent();
    private ScannedEvent event = outer;
    private int innerEvents;
    private int symbolIndex;
    private boolean hasResult;
    private boolean hasError;
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

    /** Parses a frame; the bytes must not change as long as the results are used. */
    public Kind parse(byte[] bytes, int offset, int length) {
        int mark = startsWithMark(bytes, offset, length) ? BYTE_ORDER_MARK.length : 0;
        json.begin(bytes, offset + mark, length - mark);
        innerEvents = 0;
        hasResult = false;
        hasError = false;
        problem = "";
        try {
            json.skipSpace();
            object(outer);
            json.checkEnd();
            event = innerEvents > 0 && !outer.hasType ? inner : outer;
            return classify();
        } catch (Malformed e) {
            problem = e.getMessage();
            return Kind.UNKNOWN;
        }
    }

    private static boolean startsWithMark(byte[] bytes, int offset, int length) {
        return length > 0
                && bytes[offset] == BYTE_ORDER_MARK[0]
                && Arrays.equals(
                        bytes, offset, offset + Math.min(length, BYTE_ORDER_MARK.length), BYTE_ORDER_MARK, 0, 3);
    }

    private Kind classify() throws Malformed {
        if (event.hasDuplicate) {
            throw new Malformed("a duplicate member");
        }
        if (event == inner && innerEvents > 1) {
            throw new Malformed("two data members");
        }
        if (is("trade")) {
            checkTrade();
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

    private void checkTrade() throws Malformed {
        symbolIndex = knownSymbol();
        if (event.id < 0) {
            throw new Malformed("a trade without an id t");
        }
        if (event.tradeTimeMs < 0) {
            throw new Malformed("a trade without a time T in milliseconds or microseconds");
        }
        if (event.depth > MAX_DEPTH) {
            throw new Malformed("nested too deeply");
        }
    }

    private boolean is(String type) {
        return event.hasType && isText(type, event.type.from, event.type.to, event.type.escaped);
    }

    private boolean isText(String text, int from, int to, boolean escaped) {
        if (escaped) {
            return json.text(from, to).equals(text);
        }
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (json.in[from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int knownSymbol() throws Malformed {
        ScannedEvent.Text symbol = event.symbol;
        int index = -1;
        if (event.hasSymbol && symbol.escaped) {
            byte[] name = json.text(symbol.from, symbol.to).getBytes(StandardCharsets.UTF_8);
            index = indexOf(name, 0, name.length);
        } else if (event.hasSymbol) {
            index = indexOf(json.in, symbol.from, symbol.to);
        }
        if (index < 0) {
            throw new Malformed("a trade of a symbol that was not requested");
        }
        return index;
    }

    private int indexOf(byte[] bytes, int from, int to) {
        int slot = slot(bytes, from, to);
        for (; slots[slot] != FREE; slot = (slot + 1) % slots.length) {
            byte[] name = symbolBytes[slots[slot]];
            if (Arrays.equals(name, 0, name.length, bytes, from, to)) {
                return slots[slot];
            }
        }
        return -1;
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
        return event.from;
    }

    /** First byte after the event object. */
    public int eventTo() {
        return event.to;
    }

    public Symbol symbol() {
        return symbols[symbolIndex];
    }

    /** The index of the trade's symbol in the constructor's list. */
    public int symbolIndex() {
        return symbolIndex;
    }

    public long id() {
        return event.id;
    }

    /** The trade's time {@code T}, ms since 1970 UTC. */
    public long tradeTimeMs() {
        return event.tradeTimeMs;
    }

    /** When the exchange sent it, {@code E}, ms since 1970 UTC; -1 if it is missing or no time. */
    public long eventTimeMs() {
        return event.eventTimeMs;
    }

    /** The trade, in the bytes of the frame. */
    public TradeEvent trade(long receivedMicros) {
        return new TradeEvent(
                symbol(), id(), tradeTimeMs(), receivedMicros, json.in, event.from, event.to - event.from, event.spans);
    }

    /** Where the event's values are; valid until the next frame. */
    public ValueSpans spans() {
        return event.spans;
    }

    /** Why the frame was {@link Kind#UNKNOWN}. */
    public String problem() {
        return problem;
    }

    private void object(ScannedEvent found) throws Malformed {
        int deepestOutside = json.deepest;
        int breaksOutside = json.lineBreaks;
        json.deepest = 0;
        found.begin(json.at);
        if (json.open()) {
            do {
                json.name();
                member(found);
            } while (json.more('}'));
        }
        found.end(json.at, json.lineBreaks - breaksOutside, json.deepest + 1);
        json.deepest = Math.max(deepestOutside, found.depth);
    }

    private void member(ScannedEvent found) throws Malformed {
        if (json.escaped) {
            String name = json.text(json.nameFrom, json.nameTo);
            if (name.length() == 1) {
                found.member(name.charAt(0), json);
                return;
            }
        } else if (json.nameTo - json.nameFrom == 1) {
            found.member((char) json.in[json.nameFrom], json);
            return;
        }
        if (found == outer) {
            outerMember();
        } else {
            json.value();
        }
    }

    private void outerMember() throws Malformed {
        if (isNamed("data") && json.peek() == '{') {
            innerEvents++;
            object(inner);
            return;
        }
        hasResult |= isNamed("result");
        hasError |= isNamed("error") || isNamed("code");
        json.value();
    }

    private boolean isNamed(String name) {
        return isText(name, json.nameFrom, json.nameTo, json.escaped);
    }
}
