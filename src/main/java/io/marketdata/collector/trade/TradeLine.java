package io.marketdata.collector.trade;

import io.marketdata.collector.model.TradeEvent;
import java.nio.charset.StandardCharsets;

/**
 * The line that is written for a trade: the exchange's event object byte for byte, without line breaks between its
 * tokens, with {@code ,"recv_us":<µs>} before
 * its closing brace, and a line feed. One instance is reused by one thread, without allocating.
 */
public final class TradeLine {

    private static final byte[] RECEIVED = ",\"recv_us\":".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_DIGITS = 19;

    private byte[] bytes = new byte[512];
    private int length;

    public void set(TradeEvent trade) {
        int needed = trade.length() + RECEIVED.length + MAX_DIGITS + 2;
        if (bytes.length < needed) {
            bytes = new byte[needed];
        }
        trade.copyTo(bytes, 0);
        int end = trade.length() - 1;
        System.arraycopy(RECEIVED, 0, bytes, end, RECEIVED.length);
        end = putDecimal(trade.receivedMicros(), end + RECEIVED.length);
        bytes[end++] = '}';
        bytes[end++] = '\n';
        length = end;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    private int putDecimal(long value, int at) {
        int end = at;
        for (long rest = value; rest >= 10; rest /= 10) {
            end++;
        }
        long rest = value;
        for (int i = end; i >= at; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return end + 1;
    }
}
