package io.marketdata.collector.upload;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.trade.LineCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

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

    SiftedLines(byte[] lines, Symbol symbol, int gzipLevel) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(lines.length / 8 + 1_024);
        ByteArrayOutputStream rest = new ByteArrayOutputStream(0);
        try (OutputStream out = Gzip.compressing(compressed, gzipLevel)) {
            sift(lines, symbol, out, rest);
        }
        gzip = compressed.toByteArray();
        rejected = rest.toByteArray();
    }

    /** Only counts; {@link #gzip} and {@link #rejected} stay empty. */
    SiftedLines(byte[] lines, Symbol symbol) throws IOException {
        sift(lines, symbol, OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
        gzip = new byte[0];
        rejected = gzip;
    }

    private void sift(byte[] lines, Symbol symbol, OutputStream trades, OutputStream rest) throws IOException {
        LineCheck check = new LineCheck(symbol);
        for (int from = 0, to; from < lines.length; from = to) {
            to = endOfLine(lines, from);
            boolean isWhole = lines[to - 1] == '\n';
            if (isWhole && check.isTrade(lines, from, to - 1 - from)) {
                trades.write(lines, from, to - from);
                tally.add(check.id(), check.tradeTimeMs(), to - from);
                continue;
            }
            rest.write(lines, from, to - from);
            tornBytes = isWhole ? 0 : to - from;
            if (rejectedLines++ == 0) {
                firstRejected = tally.records() + 1;
            }
        }
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
