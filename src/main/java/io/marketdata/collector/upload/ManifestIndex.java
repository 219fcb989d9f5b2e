package io.marketdata.collector.upload;

import io.marketdata.collector.model.Manifest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;

/**
 * The content of an index object: manifests of one instance, symbol and UTC hour, each as the line that it is in the
 * bucket, sorted by key, gzipped. With it a reader needs one request for an hour, where the manifests themselves are 720.
 * The manifests stay the truth: a manifest that no index holds is as valid, and one that differs from its line in an index
 * counts. Pure.
 */
public final class ManifestIndex {

    /** Longest content that is read, bytes when decompressed; about 90,000 manifests. The object itself is smaller. */
    public static final int MAX_BYTES = 64 << 20;

    private ManifestIndex() {}

    /** A manifest as it is in an index. */
    public static final class Entry {
        private final byte[] bytes;
        private final Manifest manifest;

        private Entry(byte[] bytes, Manifest manifest) {
            this.bytes = bytes;
            this.manifest = manifest;
        }

        /** Key of the manifest in the bucket. */
        public String key() {
            return KeyLayout.manifestOf(manifest.payload().s3Key());
        }

        /** The object of that key, with its line feed; not to be changed. */
        public byte[] bytes() {
            return bytes;
        }

        public Manifest manifest() {
            return manifest;
        }
    }

    /**
     * Reads an index object. Takes at most about three times {@link #MAX_BYTES} of memory, however hostile the object is.
     *
     * @param object as stored; at most {@link #MAX_BYTES} need to be fetched, a longer object is not an index
     * @return its manifests in the order of the lines, at least one; a manifest may be in several objects of an hour, and
     *     after a crash twice in different ones
     * @throws IOException if it is damaged, too large, or holds anything but manifests of this version; the message gives
     *     the reason
     */
    public static List<Entry> read(byte[] object) throws IOException {
        byte[] content = Gzip.decompress(object, MAX_BYTES);
        if (Gzip.completeBytes(object) != object.length) {
            throw new IOException("bytes follow the end of the gzip data");
        }
        List<Entry> entries = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n') {
                entries.add(entry(Arrays.copyOfRange(content, from, i + 1), entries.size() + 1));
                from = i + 1;
            }
        }
        if (from < content.length || entries.isEmpty()) {
            throw new IOException(entries.isEmpty() ? "it holds no manifest" : "the last line has no line feed");
        }
        return entries;
    }

    private static Entry entry(byte[] line, int number) throws IOException {
        try {
            return new Entry(line, ManifestJson.read(line));
        } catch (IOException e) {
            throw new IOException("line " + number + ": " + e.getMessage(), e);
        }
    }

    /**
     * The object with these manifests.
     *
     * @param lines by key; each with its line feed
     * @param gzipLevel 1 (fast) to 9 (small)
     */
    public static byte[] write(NavigableMap<String, byte[]> lines, int gzipLevel) throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (OutputStream out = Gzip.compressing(gzip, gzipLevel)) {
            for (byte[] line : lines.values()) {
                out.write(line);
            }
        }
        return gzip.toByteArray();
    }
}
