package io.marketdata.collector.spool;

import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which exchange and which bucket a spool belongs to, as {@code LOCAL_DIR/.spool} says: a few lines of text that people
 * can read and write. Lines that this version does not know are skipped.
 *
 * <p>Writing: create {@code .spool.tmp}, fsync, rename, fsync the directory. A crash before the rename leaves the earlier
 * marker, or none; after it the new one. A half-written marker is never read.
 *
 * @param network the exchange: {@code main network}, {@code test network}, {@code simulator}, or the name of a host
 * @param bucket {@code s3://NAME}, {@code s3://NAME at HOST} or {@code file:/DIRECTORY}
 */
public record SpoolMarker(String network, String bucket) {

    static final String FILE = ".spool";

    private static final String VERSION = "1";
    private static final int MOST_BYTES = 16_384;

    /** A line break in the name of a directory must not end the line. */
    public SpoolMarker {
        network = network.replaceAll("\\p{Cntrl}", "?");
        bucket = bucket.replaceAll("\\p{Cntrl}", "?");
    }

    /** Where the marker of a spool is. */
    public static Path file(Path localDir) {
        return localDir.resolve(FILE);
    }

    /**
     * Reads the marker of a spool; empty if there is none.
     *
     * @throws SpoolRefusedException if there is one that cannot be understood: which spool this is has to be decided by a
     *     person
     */
    public static Optional<SpoolMarker> read(FileOps disk, Path localDir) throws IOException {
        byte[] bytes;
        try (InputStream in = disk.read(file(localDir))) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Map<String, String> lines = lines(new String(bytes, StandardCharsets.UTF_8));
        String network = lines.getOrDefault("exchange", "");
        String bucket = lines.getOrDefault("bucket", "");
        boolean isWhole = bytes.length <= MOST_BYTES && bytes.length > 0 && bytes[bytes.length - 1] == '\n';
        if (!isWhole || !VERSION.equals(lines.get("version")) || network.isBlank() || bucket.isBlank()) {
            throw new SpoolRefusedException(file(localDir)
                    + " is damaged, or another version wrote it, so the exchange and the bucket of this spool are unknown."
                    + " Find out which bucket it belongs to, set RAW_BUCKET and WS_URL accordingly and delete this file;"
                    + " the next start writes it again from the settings. Or set another LOCAL_DIR");
        }
        return Optional.of(new SpoolMarker(network, bucket));
    }

    private static Map<String, String> lines(String text) {
        Map<String, String> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.startsWith("#")) {
                values.put(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
        return values;
    }

    /** Writes the marker of a spool durably, replacing an earlier one as a whole. The directory exists. */
    public void write(FileOps disk, Path localDir) throws IOException {
        String text = "# The exchange and the bucket that this spool belongs to. The collector refuses others.\n"
                + "version=" + VERSION + "\nexchange=" + network + "\nbucket=" + bucket + "\n";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Path temporary = localDir.resolve(FILE + Spool.TEMPORARY);
        disk.delete(temporary);
        try (AppendFile out = disk.create(temporary)) {
            out.write(bytes, 0, bytes.length);
            out.sync();
        }
        disk.rename(temporary, file(localDir));
        disk.syncDirectory(localDir);
    }
}
