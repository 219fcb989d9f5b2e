package io.marketdata.collector.upload;

import io.marketdata.collector.model.Symbol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** The lines of a part: the trades compressed and counted, the rest kept apart. */
final class SiftedLines {

    private final PartTally tally = new PartTally();
    private final byte[] gzip;
    private final byte[] rejected;
    private int rejectedLines;

    SiftedLines(byte[] lines, Symbol symbol, int gzipLevel) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(lines.length / 8 + 1_024);
        try (OutputStream out = Gzip.compressing(compressed, gzipLevel)) {
            rejected = sift(lines, symbol, out);
        }
        gzip = compressed.toByteArray();
    }

    /** Only counts; {@link #gzip()} stays empty. */
    SiftedLines(byte[] lines, Symbol symbol) throws IOException {
        rejected = sift(lines, symbol, OutputStream.nullOutputStream());
        gzip = new byte[0];
    }

    private byte[] sift(byte[] lines, Symbol symbol, OutputStream trades) throws IOException {
        LineCheck check = new LineCheck(symbol);
        ByteArrayOutputStream bad = new ByteArrayOutputStream(0);
        for (int from = 0, to; from < lines.length; from = to) {
            to = endOfLine(lines, from);
            if (lines[to - 1] == '\n' && check.isTrade(lines, from, to - 1 - from)) {
                trades.write(lines, from, to - from);
                tally.add(check.id(), check.tradeTimeMs(), to - from);
            } else {
                bad.write(lines, from, to - from);
                rejectedLines++;
            }
        }
        return bad.toByteArray();
    }

    /** Where the line that begins at {@code from} ends, behind its line feed if it has one. */
    static int endOfLine(byte[] lines, int from) {
        int i = from;
        while (i < lines.length && lines[i] != '\n') {
            i++;
        }
        return Math.min(i + 1, lines.length);
    }

    /** Of the trades. */
    PartTally tally() {
        return tally;
    }

    /** The trades, compressed; nobody changes it. */
    byte[] gzip() {
        return gzip;
    }

    /** What is no whole trade; nobody changes it. */
    byte[] rejected() {
        return rejected;
    }

    int rejectedLines() {
        return rejectedLines;
    }
}
