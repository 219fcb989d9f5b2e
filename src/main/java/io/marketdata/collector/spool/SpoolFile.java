package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of a symbol's directory as it is seen from outside.
 *
 * @param part the part it belongs to; null if it belongs to none
 * @param name below the symbol's directory; {@code quarantine/…} for what was put aside
 * @param bytes its size
 * @param modifiedMs when it was last written, ms since 1970 UTC
 */
public record SpoolFile(Kind kind, @Nullable PartName part, String name, long bytes, long modifiedMs) {

    /** A number stands there where one of that name had been put aside before. */
    private static final Pattern DAMAGED_PART = Pattern.compile(".*\\.jsonl\\.gz(?:\\.\\d+)?\\.bad");

    /** What a file is, told by its name. */
    public enum Kind {
        /** {@link PartState#OPEN}. */
        OPEN,
        /** {@link PartState#SEALED}. */
        SEALED,
        /** {@link PartState#PACKING}. */
        PACKING,
        /** {@link PartState#PACKED}. */
        PACKED,
        /** Waits beside a packed part. */
        MANIFEST,
        /** The note of what has been packed so far. */
        LAST,
        /** Held by the process that records; never opened by anybody else. */
        LOCK,
        /** Half of a replacement of a small file; worth nothing. */
        HALF_WRITTEN,
        /** Put aside because it is no whole trade, or no whole part. */
        QUARANTINED,
        /** Not the collector's. */
        UNKNOWN
    }

    static SpoolFile of(String name, long bytes, long modifiedMs) {
        for (PartState state : PartState.values()) {
            Optional<PartName> part = state.part(name);
            if (part.isPresent()) {
                return new SpoolFile(Kind.valueOf(state.name()), part.get(), name, bytes, modifiedMs);
            }
        }
        Optional<PartName> described = partOfManifest(name);
        if (described.isPresent()) {
            return new SpoolFile(Kind.MANIFEST, described.get(), name, bytes, modifiedMs);
        }
        return new SpoolFile(kindOfOthers(name), null, name, bytes, modifiedMs);
    }

    private static Kind kindOfOthers(String name) {
        if (name.equals(Spool.LAST)) {
            return Kind.LAST;
        }
        if (name.equals(Spool.LOCK)) {
            return Kind.LOCK;
        }
        if (name.endsWith(Spool.TEMPORARY)) {
            String wanted = name.substring(0, name.length() - Spool.TEMPORARY.length());
            if (wanted.equals(Spool.LAST) || partOfManifest(wanted).isPresent()) {
                return Kind.HALF_WRITTEN;
            }
        }
        return Kind.UNKNOWN;
    }

    private static Optional<PartName> partOfManifest(String fileName) {
        if (!fileName.startsWith("manifest-") || !fileName.endsWith(".json")) {
            return Optional.empty();
        }
        String rest = fileName.substring("manifest-".length(), fileName.length() - ".json".length());
        return PartName.parse("part-" + rest);
    }

    /** Whether it is a part that the bucket has not confirmed. */
    public boolean isWaiting() {
        return kind == Kind.OPEN || kind == Kind.SEALED || kind == Kind.PACKED;
    }

    /** Whether it is a whole part that was put aside because it was damaged; trades may be only there. */
    public boolean isDamagedPart() {
        return kind == Kind.QUARANTINED && DAMAGED_PART.matcher(name).matches();
    }

    /** The trade time of its part's first trade, or when it was last written; ms since 1970 UTC. */
    public long sinceMs() {
        return part == null ? modifiedMs : part.epochMs();
    }
}
