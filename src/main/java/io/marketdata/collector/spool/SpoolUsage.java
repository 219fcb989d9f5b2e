package io.marketdata.collector.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the files below {@code LOCAL_DIR} take, by kind. Only parts drain when uploads work, so only they count against the
 * limit of the spool; the limit would otherwise stay exceeded however well uploads work.
 */
public final class SpoolUsage {

    /** Why a file is there. */
    public enum Kind {
        /** Trades on their way to the bucket, with what belongs to them. */
        PARTS,
        /** Manifests that the bucket has and that are in no index yet; bounded, see {@link ManifestLog}. */
        INDEX,
        /** What was in a part and is no trade. */
        QUARANTINE,
        /** Frames that were not understood; they have a budget of their own. */
        UNPARSED,
        /** Not written by the collector. */
        OTHER;

        /** The kinds that do not count against the limit. */
        public static final List<Kind> UNCOUNTED = List.of(INDEX, QUARANTINE, UNPARSED, OTHER);

        /** Its word in messages and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final SpoolUsage NOTHING = new SpoolUsage();

    private final Map<Kind, Long> bytes = new EnumMap<>(Kind.class);
    private long parts;

    private SpoolUsage() {}

    /** Measures every file below {@code localDir}; takes a second for 100,000 files. */
    public static SpoolUsage measure(FileOps disk, Path localDir) throws IOException {
        SpoolUsage usage = new SpoolUsage();
        disk.forEachFile(localDir, (file, size) -> usage.add(kind(localDir.relativize(file)), size));
        return usage;
    }

    private void add(Kind kind, long size) {
        bytes.merge(kind, size, Long::sum);
        parts += kind == Kind.PARTS ? 1 : 0;
    }

    private static Kind kind(Path file) {
        String top = file.getName(0).toString();
        if (top.equals(UnparsedFolder.NAME) || top.equals(UnparsedFolder.FORMER_NAME)) {
            return Kind.UNPARSED;
        }
        int from = top.equals(Spool.BACKFILL) || top.equals(Spool.REPARSE) ? 1 : 0;
        int names = file.getNameCount() - from;
        if (names < 4
                || !file.startsWith(Spool.streamDirectory(file.getFileSystem().getPath(from == 0 ? "" : top)))) {
            return Kind.OTHER;
        }
        String name = String.valueOf(file.getFileName());
        if (names == 4) {
            return switch (SpoolFile.of(name, 0, 0).kind()) {
                case UNKNOWN -> Kind.OTHER;
                case INDEX -> Kind.INDEX;
                default -> Kind.PARTS;
            };
        }
        return file.getName(from + 3).toString().equals(Spool.QUARANTINE) ? Kind.QUARANTINE : Kind.OTHER;
    }

    /** Size of all files of a kind. */
    public long bytes(Kind kind) {
        return bytes.getOrDefault(kind, 0L);
    }

    /** Number of files that belong to parts. */
    long parts() {
        return parts;
    }
}
