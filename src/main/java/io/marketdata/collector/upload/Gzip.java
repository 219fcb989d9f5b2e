package io.marketdata.collector.upload;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;

/** Compresses to and decompresses from memory. */
final class Gzip {

    private static final int HEADER = 10;
    private static final int TRAILER = 8;

    private Gzip() {}

    /** A stream that compresses at the given level (1 fast to 9 small) into {@code target}. */
    static OutputStream compressing(OutputStream target, int level) throws IOException {
        return new GZIPOutputStream(target, 1 << 15) {
            {
                def.setLevel(level);
            }
        };
    }

    /**
     * The content of a gzip object.
     *
     * @param maxBytes more than this is an error: a damaged or hostile file must not fill the memory
     * @throws IOException if the bytes are not a complete gzip object, or hold more
     */
    static byte[] decompress(byte[] gzip, int maxBytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip), 1 << 15)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw new IOException("more than " + maxBytes + " bytes when decompressed");
            }
            return content;
        }
    }

    /**
     * Number of bytes at the beginning that are complete gzip members; {@link #decompress} skips what follows them, as
     * {@link GZIPInputStream} does. Only for bytes that can be decompressed.
     */
    static int completeBytes(byte[] gzip) {
        int end = 0;
        for (int next = endOfMember(gzip, end); next > 0; next = endOfMember(gzip, end)) {
            end = next;
        }
        return end;
    }

    /** Where the member that begins at {@code from} ends; 0 if none begins there. Header flags: RFC 1952, 2.3.1. */
    private static int endOfMember(byte[] gzip, int from) {
        if (gzip.length - from < HEADER + TRAILER
                || (gzip[from] & 0xff) != 0x1f
                || (gzip[from + 1] & 0xff) != 0x8b
                || gzip[from + 3] != 0) {
            return 0; // the packer writes headers without optional fields
        }
        int end = from + HEADER + deflatedBytes(gzip, from + HEADER) + TRAILER;
        return end > from + HEADER + TRAILER && end <= gzip.length ? end : 0;
    }

    /** Length of the deflate stream that begins at {@code from}; 0 if it is incomplete or damaged. */
    private static int deflatedBytes(byte[] gzip, int from) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(gzip, from, gzip.length - from);
            byte[] buffer = new byte[1 << 15];
            while (!inflater.finished()) {
                if (inflater.inflate(buffer) == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    return 0;
                }
            }
            return Math.toIntExact(inflater.getBytesRead());
        } catch (DataFormatException e) {
            return 0;
        } finally {
            inflater.end();
        }
    }
}
