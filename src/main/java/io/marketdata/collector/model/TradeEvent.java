package io.marketdata.collector.model;

import java.nio.charset.StandardCharsets;

/**
 * One trade as the exchange sent it: its identity, its trade time, and the event object byte for byte.
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

    /**
     * @param id the exchange's trade id {@code t}: consecutive per symbol, 64 bits
     * @param tradeTimeMs the exchange's trade time {@code T}, ms since 1970 UTC
     * @param receivedMicros wall clock when the frame was read, µs since 1970 UTC
     * @param buffer holds the event object, from <code>{</code> to <code>}</code>, without line feeds
     */
    public TradeEvent(
            Symbol symbol, long id, long tradeTimeMs, long receivedMicros, byte[] buffer, int offset, int length) {
        this.symbol = symbol;
        this.id = id;
        this.tradeTimeMs = tradeTimeMs;
        this.receivedMicros = receivedMicros;
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
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

    /** Length of the event object, bytes. */
    public int length() {
        return length;
    }

    /** Copies the event object to {@code target} at {@code position}. */
    public void copyTo(byte[] target, int position) {
        System.arraycopy(buffer, offset, target, position, length);
    }

    /** The event object as text, for tests and messages. */
    public String json() {
        return new String(buffer, offset, length, StandardCharsets.UTF_8);
    }
}
