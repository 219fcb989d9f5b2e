package io.marketdata.collector.spool;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.PartName;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file of manifests for an index: the instance that wrote the parts, and the UTC hour of their names. The
 * suffix is the state: {@code .jsonl.open} (appended to), {@code .jsonl} (sealed, no longer changed).
 *
 * @param hourMs when the hour begins, ms since 1970 UTC
 */
public record IndexFile(InstanceId instance, long hourMs) implements Comparable<IndexFile> {

    /** Length of an hour, ms. */
    public static final long HOUR_MS = 3_600_000;

    static final String OPEN = ".jsonl.open";
    static final String SEALED = ".jsonl";

    private static final Pattern SHAPE = Pattern.compile("index-(.+)-(\\d{1,15})(?:\\.jsonl|\\.jsonl\\.open)");
    private static final Comparator<IndexFile> OLDEST_FIRST =
            Comparator.comparingLong(IndexFile::hourMs).thenComparing(IndexFile::instance);

    /** The file for the manifest of a part. */
    static IndexFile of(PartName part) {
        return new IndexFile(part.instance(), part.epochMs() - part.epochMs() % HOUR_MS);
    }

    /** Reads a file name in either state; empty for anything else. */
    static Optional<IndexFile> parse(String fileName) {
        Matcher matcher = SHAPE.matcher(fileName);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            IndexFile file = new IndexFile(new InstanceId(matcher.group(1)), Long.parseLong(matcher.group(2)));
            boolean isOurs = file.hourMs % HOUR_MS == 0 && fileName.startsWith(file + SEALED);
            return isOurs ? Optional.of(file) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** {@code index-<instance>-<hour_ms>}, without a suffix. */
    @Override
    public String toString() {
        return "index-" + instance + "-" + hourMs;
    }

    @Override
    public int compareTo(IndexFile other) {
        return OLDEST_FIRST.compare(this, other);
    }
}
