package io.marketdata.collector.upload;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.trade.LineCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Separates the lines of a part: trades are compressed and counted, all others are kept apart. */
final class SiftedLines {

    /** Tally of the trades. */
    final PartTally tally = new PartTally();

    /** The trades, compressed; not to be changed. */
    final byte[] gzip;

    /** The bytes of all rejected lines; not to be changed. */
    final byte[] rejected;

    private int rejectedLines;
    private int firstRejected;
    private int tornBytes;

    /** @param lines overwritten by those that are rejected, because there may be no memory for a copy of them all */
    SiftedLines(byte[] lines, Symbol symbol, int gzipLevel) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(lines.length / 8 + 1_024);
        int rest;
        try (OutputStream out = Gzip.compressing(compressed, gzipLevel)) {
            rest = sift(lines, symbol, out, true);
        }
        gzip = compressed.toByteArray();
        rejected = Arrays.copyOf(lines, rest);
    }

    /** Only counts; {@link #gzip} and {@link #rejected} stay empty. */
    SiftedLines(byte[] lines, Symbol symbol) throws IOException {
        sift(lines, symbol, OutputStream.nullOutputStream(), false);
        gzip = new byte[0];
        rejected = gzip;
    }

    /**
     * Returns the length of the rejected lines.
     *
     * @param collect whether they are moved to the start of the array
     */
    private int sift(byte[] lines, Symbol symbol, OutputStream trades, boolean collect) throws IOException {
        LineCheck check = new LineCheck(symbol);
        int rest = 0;
        for (int from = 0, to; from < lines.length; from = to) {
            to = endOfLine(lines, from);
            boolean isWhole = lines[to - 1] == '\n';
            if (isWhole && check.isTrade(lines, from, to - 1 - from)) {
                trades.write(lines, from, to - from);
                tally.add(check.id(), check.tradeTimeMs(), to - from);
                continue;
            }
            if (collect) {
                System.arraycopy(lines, from, lines, rest, to - from);
            }
            rest += to - from;
            tornBytes = isWhole ? 0 : to - from;
            if (rejectedLines++ == 0) {
                firstRejected = tally.records() + 1;
            }
        }
        return rest;
    }

    /** End of the line that begins at {@code from}, after its line feed if it has one. */
    private static int endOfLine(byte[] lines, int from) {
        int i = from;
        while (i < lines.length && lines[i] != '\n') {
            i++;
        }
        return Math.min(i + 1, lines.length);
    }

    /** Number of lines that are not a complete trade record. */
    int rejectedLines() {
        return rejectedLines;
    }

    /** Number of the first of them, counted from 1. */
    int firstRejected() {
        return firstRejected;
    }

    /** Length of the last line if it has no line feed, otherwise 0. */
    int tornBytes() {
        return tornBytes;
    }
}
