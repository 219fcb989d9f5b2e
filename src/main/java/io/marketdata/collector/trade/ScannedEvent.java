package io.marketdata.collector.trade;

import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.StrictJson.Malformed;

/**
 * What was found in one event object: {@code e}, {@code s}, {@code t}, {@code T} and {@code E} (Binance
 * web-socket-streams.md, 2026-06-09, "Trade Streams"). Reused for one object after the other, by one thread.
 */
final class ScannedEvent {

    private static final long MISSING = -1;

    // Times of this century's clocks have 13 digits in milliseconds and 16 in microseconds.
    private static final long MIN_TIME_MS = 1_000_000_000_000L;
    private static final long MAX_TIME_MS = 9_999_999_999_999L;

    /** A value that is a string: its bytes without the quotation marks. Empty for every other value. */
    static final class Text {
        int from;
        int to;
        boolean escaped;

        private void scan(StrictJson json) throws Malformed {
            boolean isText = json.peek() == '"';
            from = json.at + 1;
            json.value();
            to = isText ? json.at - 1 : from;
            escaped = isText && json.escaped;
        }
    }

    final Text type = new Text();
    final Text symbol = new Text();
    final ValueSpans spans = new ValueSpans();
    int from;
    int to;

    /** How many arrays and objects are open at most, one in the other, itself included. */
    int depth;

    /** -1 if it is missing or no id. */
    long id;

    /** {@code T}, ms since 1970 UTC; -1 if it is missing or no time. */
    long tradeTimeMs;

    /** {@code E}, ms since 1970 UTC; -1 if it is missing or no time. */
    long eventTimeMs;

    boolean hasType;
    boolean hasSymbol;

    /** Whether {@code e}, {@code s}, {@code t} or {@code T} occurs twice: readers would differ in which one counts. */
    boolean hasDuplicate;

    private boolean hasId;
    private boolean hasTime;

    void begin(int at) {
        from = at;
        id = MISSING;
        tradeTimeMs = MISSING;
        eventTimeMs = MISSING;
        hasType = false;
        hasSymbol = false;
        hasId = false;
        hasTime = false;
        hasDuplicate = false;
        spans.clear();
    }

    void end(int at, int lineBreaks, int levels) {
        to = at;
        depth = levels;
        spans.setLineBreaks(lineBreaks);
    }

    /** Scans the value of a member whose name is one letter. */
    void member(char name, StrictJson json) throws Malformed {
        switch (name) {
            case 'e' -> {
                hasDuplicate |= hasType;
                hasType = true;
                type.scan(json);
            }
            case 's' -> {
                hasDuplicate |= hasSymbol;
                hasSymbol = true;
                symbol.scan(json);
            }
            case 't' -> {
                hasDuplicate |= hasId;
                hasId = true;
                id = json.wholeNumber();
            }
            case 'T' -> {
                hasDuplicate |= hasTime;
                hasTime = true;
                tradeTimeMs = millis(json.wholeNumber());
            }
            default -> compared(name, json);
        }
    }

    private void compared(char name, StrictJson json) throws Malformed {
        int at = json.at;
        switch (name) {
            case 'E' -> {
                eventTimeMs = millis(json.wholeNumber());
                spans.set(ValueSpans.EVENT_TIME, at - from, json.at - from);
            }
            case 'p' -> note(ValueSpans.PRICE, json);
            case 'q' -> note(ValueSpans.QUANTITY, json);
            case 'm' -> note(ValueSpans.BUYER_IS_MAKER, json);
            default -> json.value();
        }
    }

    private void note(int value, StrictJson json) throws Malformed {
        int at = json.at;
        json.value();
        spans.set(value, at - from, json.at - from);
    }

    /** A time in milliseconds or microseconds, distinguished by its magnitude (web-socket-streams.md, "timeUnit"). */
    private static long millis(long time) {
        long ms = time > MAX_TIME_MS ? time / 1_000 : time;
        return ms >= MIN_TIME_MS && ms <= MAX_TIME_MS ? ms : MISSING;
    }
}
