package io.marketdata.collector.model;

import java.nio.charset.StandardCharsets;

/**
 * One trade as the exchange sent it: its identity, its trade time, and the event object byte for byte, without line
 * breaks between its tokens.
 *
 * <p>The bytes are a view into the buffer that the frame was read into. They are valid until the call that received this
 * event returns; a caller that keeps them must copy them.
 */
public final class TradeEvent {

    private final Symbol symbol;
    private final long id;
    private final long tradeTimeMs;
    private final long receivedMicros;
    private final byte[] buffer;
    private final int offset;
    private final int length;
    private final ValueSpans spans;

    /**
     * @param id the exchange's trade id {@code t}: consecutive per symbol, 64 bits
     * @param tradeTimeMs the exchange's trade time {@code T}, ms since 1970 UTC
     * @param receivedMicros wall clock when the frame was read, µs since 1970 UTC
     * @param buffer holds the event object, from <code>{</code> to <code>}</code>
     * @param spans where the event's values are
     */
    public TradeEvent(
            Symbol symbol,
            long id,
            long tradeTimeMs,
            long receivedMicros,
            byte[] buffer,
            int offset,
            int length,
            ValueSpans spans) {
        this.symbol = symbol;
        this.id = id;
        this.tradeTimeMs = tradeTimeMs;
        this.receivedMicros = receivedMicros;
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        this.spans = spans;
    }

    public Symbol symbol() {
        return symbol;
    }

    public long id() {
        return id;
    }

    public long tradeTimeMs() {
        return tradeTimeMs;
    }

    public long receivedMicros() {
        return receivedMicros;
    }

    /** Length of the event object without line breaks, bytes. */
    public int length() {
        return length - spans.lineBreaks();
    }

    /** Copies the event object without line breaks, so that it fits on one line, to {@code target} at {@code position}. */
    public void copyTo(byte[] target, int position) {
        if (spans.lineBreaks() == 0) {
            System.arraycopy(buffer, offset, target, position, length);
            return;
        }
        int at = position;
        for (int i = offset; i < offset + length; i++) {
            if (buffer[i] != '\n' && buffer[i] != '\r') {
                target[at++] = buffer[i];
            }
        }
    }

    /** First byte of the value of {@code E}, after the event's first byte; -1 without {@code E}. */
    public int eventTimeFrom() {
        return spans.from(ValueSpans.EVENT_TIME);
    }

    /** First byte after the value of {@code E}, after the event's first byte; -1 without {@code E}. */
    public int eventTimeTo() {
        return spans.to(ValueSpans.EVENT_TIME);
    }

    /**
     * A hash of the event's bytes without the value of {@code E}, in which redundant connections may differ. Another
     * spelling of the same trade has another hash.
     */
    public long payloadHash() {
        int from = spans.from(ValueSpans.EVENT_TIME);
        if (from < 0) {
            return ByteHash.add(0, buffer, offset, offset + length);
        }
        long before = ByteHash.add(0, buffer, offset, offset + from);
        return ByteHash.add(before, buffer, offset + spans.to(ValueSpans.EVENT_TIME), offset + length);
    }

    /**
     * A hash of what the stream and REST both report: the trade's time in ms and the values of {@code p}, {@code q} and
     * {@code m} as they are spelled.
     */
    public int fieldHash() {
        long hash = ByteHash.add(0, tradeTimeMs);
        hash = addValue(hash, ValueSpans.PRICE);
        hash = addValue(hash, ValueSpans.QUANTITY);
        return Long.hashCode(addValue(hash, ValueSpans.BUYER_IS_MAKER));
    }

    private long addValue(long hash, int value) {
        int from = spans.from(value);
        return from < 0
                ? ByteHash.add(hash, from)
                : ByteHash.add(hash, buffer, offset + from, offset + spans.to(value));
    }

    /** The event object without line breaks as text, for tests and messages. */
    public String json() {
        byte[] json = new byte[length()];
        copyTo(json, 0);
        return new String(json, StandardCharsets.UTF_8);
    }
}
