package io.marketdata.collector.ship;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Gzip to and from memory. */
final class Gzip {

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
     * @throws IOException if the bytes are no whole gzip object, or hold more
     */
    static byte[] decompress(byte[] gzip, int maxBytes) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream(gzip.length * 8);
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip), 1 << 15)) {
            byte[] buffer = new byte[1 << 15];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (content.size() + n > maxBytes) {
                    throw new IOException("more than " + maxBytes + " bytes when decompressed");
                }
                content.write(buffer, 0, n);
            }
        }
        return content.toByteArray();
    }
}
