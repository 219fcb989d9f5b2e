package io.marketdata.collector.read;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a part into lines while it is read, in one step or in several while it grows. Bounded in the length of a line
 * and of the whole part. One thread.
 */
final class PartLines {

    /** Bytes; a frame has at most 1 MiB by default. Of a longer line nothing is kept. */
    static final int MAX_LINE = 2 << 20;

    /** Takes a line without its line feed; {@code length} is 0 for one that is too long. */
    interface Taker {
        void line(byte[] bytes, int length);
    }

    private final long maxBytes;
    private byte[] line = new byte[512];
    private int length;
    private boolean tooLong;
    private long bytes;

    /** @param maxBytes more than this, decompressed, is an error */
    PartLines(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Reads to the present end.
     *
     * @param buffer overwritten
     * @throws IOException if it cannot be read, or is too large; the lines before that were taken
     */
    void read(InputStream in, byte[] buffer, Taker taker) throws IOException {
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
            bytes += n;
            if (bytes > maxBytes) {
                throw new IOException("has more than " + (maxBytes >> 20) + " MiB when decompressed");
            }
            split(buffer, n, taker);
        }
    }

    private void split(byte[] buffer, int n, Taker taker) {
        int from = 0;
        for (int i = 0; i < n; i++) {
            if (buffer[i] == '\n') {
                append(buffer, from, i - from);
                taker.line(line, tooLong ? 0 : length);
                length = 0;
                tooLong = false;
                from = i + 1;
            }
        }
        append(buffer, from, n - from);
    }

    private void append(byte[] buffer, int from, int count) {
        tooLong |= length + count > MAX_LINE;
        if (tooLong) {
            length = 0;
            return;
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.max(length + count, 2 * line.length));
        }
        System.arraycopy(buffer, from, line, length, count);
        length += count;
    }

    /** Whether the last line that was read has no line feed. */
    boolean isTorn() {
        return length > 0 || tooLong;
    }
}
