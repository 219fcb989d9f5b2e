package io.marketdata.collector.read;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.LineCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Hands over the trades of one symbol: each id once, however many instances stored it, made at a given time or later. What
 * one check finds is sorted by id, up to {@value #MAX_BATCH} bytes of lines at a time. One thread.
 */
public final class NewTrades {

    /** Four times the largest {@code ROT_BYTES}. */
    static final long MAX_PART = 256L << 20;

    static final int MAX_BATCH = 8 << 20;

    private final Symbol symbol;
    private final long sinceMs;
    private final Output output;
    private final LineCheck check;
    private final SeenIds seen = new SeenIds();
    private final byte[] buffer = new byte[1 << 16];
    private List<StoredTrade> batch = new ArrayList<>();
    private int batchBytes;
    private long foreign;

    /** @param sinceMs earlier trades are left out; ms since 1970 UTC */
    public NewTrades(Symbol symbol, long sinceMs, Output output) {
        this.symbol = symbol;
        this.sinceMs = sinceMs;
        this.output = output;
        this.check = new LineCheck(symbol);
    }

    Symbol symbol() {
        return symbol;
    }

    long sinceMs() {
        return sinceMs;
    }

    /** Whether the output takes no more. */
    boolean isUnwanted() {
        return output.isClosed();
    }

    /** Reads a whole part; what cannot be read of it is reported to the output. */
    void readGzip(String name, InputStream gzip) {
        PartLines lines = new PartLines(MAX_PART);
        try (gzip;
                InputStream in = new GZIPInputStream(gzip, 1 << 15)) {
            read(name, lines, in);
            if (lines.isTorn()) {
                output.leftOut(name + ": its last line is torn, not shown", false);
            }
        } catch (IOException e) {
            leaveOut(name, e);
        }
    }

    void readGzip(String name, byte[] gzip) {
        readGzip(name, new ByteArrayInputStream(gzip));
    }

    /** Reads lines as far as they are whole now. */
    void read(String name, PartLines lines, InputStream in) throws IOException {
        try {
            lines.read(in, buffer, this::add);
        } finally {
            if (foreign > 0) {
                String what = LogText.count(foreign, "line") + " skipped, not a trade of " + symbol;
                output.leftOut(name + ": " + what, false);
                foreign = 0;
            }
        }
    }

    void leaveOut(String name, IOException why) {
        leaveOut(name, why.getMessage() == null ? why.toString() : why.getMessage());
    }

    void leaveOut(String name, String why) {
        output.leftOut(name + " is not shown, or not to its end: " + LogText.of(why), true);
    }

    private void add(byte[] line, int length) {
        if (!check.isTrade(line, 0, length)) {
            foreign++;
            return;
        }
        if (check.tradeTimeMs() < sinceMs || !seen.add(check.id())) {
            return;
        }
        batch.add(new StoredTrade(
                symbol,
                check.id(),
                check.tradeTimeMs(),
                check.text(ValueSpans.PRICE),
                check.text(ValueSpans.QUANTITY),
                check.text(ValueSpans.BUYER_IS_MAKER),
                new String(line, 0, length, StandardCharsets.UTF_8)));
        batchBytes += length;
        if (batchBytes > MAX_BATCH) {
            handOver();
        }
    }

    /** Hands over what was read. */
    void handOver() {
        if (!batch.isEmpty()) {
            batch.sort(Comparator.comparingLong(StoredTrade::id));
            output.trades(batch);
        }
        batch = new ArrayList<>();
        batchBytes = 0;
    }
}
