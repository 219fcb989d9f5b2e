package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of a symbol's directory as seen from outside.
 *
 * @param part the part it belongs to; null if it belongs to none
 * @param name relative to the symbol's directory; {@code quarantine/…} for quarantined files
 * @param bytes its size
 * @param modifiedMs when it was last written, ms since 1970 UTC
 */
public record SpoolFile(Kind kind, @Nullable PartName part, String name, long bytes, long modifiedMs) {

    /** The number is there if a file of that name was in quarantine before. */
    private static final Pattern DAMAGED_PART = Pattern.compile(".*\\.jsonl\\.gz(?:\\.\\d+)?\\.bad");

    /** What a file is, recognised by its name. */
    public enum Kind {
        /** The first four: a part, see {@link PartState}. */
        OPEN,
        SEALED,
        PACKING,
        PACKED,
        /** The manifest of a part. */
        MANIFEST,
        /** Manifests that the bucket has confirmed and that are in no index yet, see {@link IndexFile}. */
        INDEX,
        /** What has been packed so far, see {@link Checkpoint}. */
        CHECKPOINT,
        /** Locked by the process that writes here; no other may ever open it. */
        LOCK,
        /** Interrupted replacement of a small file; worthless. */
        HALF_WRITTEN,
        /** Not a complete trade record, or a damaged part. */
        QUARANTINED,
        /** Not a file of the collector. */
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
        if (name.equals(Spool.CHECKPOINT)) {
            return Kind.CHECKPOINT;
        }
        if (name.equals(Spool.LOCK)) {
            return Kind.LOCK;
        }
        if (IndexFile.parse(name).isPresent()) {
            return Kind.INDEX;
        }
        if (name.endsWith(Spool.TEMPORARY)) {
            String wanted = name.substring(0, name.length() - Spool.TEMPORARY.length());
            if (wanted.equals(Spool.CHECKPOINT) || partOfManifest(wanted).isPresent()) {
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

    /** Whether it belongs to the backlog: a part that the bucket has not confirmed. */
    public boolean isBacklog() {
        return kind == Kind.OPEN || kind == Kind.SEALED || kind == Kind.PACKED;
    }

    /** Whether it is a packed part quarantined as damaged; it may hold the only copy of its trades. */
    public boolean isDamagedPart() {
        return kind == Kind.QUARANTINED && DAMAGED_PART.matcher(name).matches();
    }

    /**
     * Trade time of its part's first trade, for manifests the beginning of their hour, or the time of the last write if it
     * has neither; ms since 1970 UTC.
     */
    public long sinceMs() {
        if (kind == Kind.INDEX) {
            return IndexFile.parse(name).map(IndexFile::hourMs).orElse(modifiedMs);
        }
        return part == null ? modifiedMs : part.epochMs();
    }
}
