package io.marketdata.collector.spool;

import io.marketdata.collector.spool.SpoolFile.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Lists the backlog of a spool: totals, and the oldest files one by one. Reads names and sizes only. Keeps no more
 * files in memory than the limit, however many there are.
 *
 * <p>One thread.
 */
public final class SpoolListing {

    private static final Comparator<Row> OLDEST_FIRST = Comparator.<Row>comparingLong(row -> row.file.sinceMs())
            .thenComparing(row -> row.folder.label())
            .thenComparing(row -> row.file.name());

    private static final Set<Kind> NO_TRADES = EnumSet.of(Kind.CHECKPOINT, Kind.LOCK, Kind.INDEX);

    private final int limit;
    private final List<Totals> totals = new ArrayList<>();

    /** The oldest files, the newest of them at the head. */
    private final PriorityQueue<Row> oldest = new PriorityQueue<>(OLDEST_FIRST.reversed());

    private long listed;

    /** A listed file. */
    public record Row(SpoolFolder folder, SpoolFile file) {}

    /** Totals of one directory. */
    public static final class Totals {
        private final SpoolFolder folder;
        private final OptionalLong holder;
        private final Map<Kind, Long> files = new EnumMap<>(Kind.class);
        private long parts;
        private long bytes;
        private long oldestMs = Long.MAX_VALUE;
        private long oldestPackedMs = Long.MAX_VALUE;

        Totals(SpoolFolder folder, OptionalLong holder) {
            this.folder = folder;
            this.holder = holder;
        }

        public SpoolFolder folder() {
            return folder;
        }

        /** Id of the process that holds the lock, if known. */
        public OptionalLong holder() {
            return holder;
        }

        /** Number of files of a kind. */
        public long files(Kind kind) {
            return files.getOrDefault(kind, 0L);
        }

        /** Parts that the bucket has not confirmed; a part that is both sealed and packed counts once. */
        public long parts() {
            return parts;
        }

        /** Size of all files, including quarantine, without checkpoint, lock file and manifests for an index. */
        public long bytes() {
            return bytes;
        }

        /**
         * Trade time of the first trade of the oldest part, ms since 1970 UTC; {@link Long#MAX_VALUE} without backlog.
         */
        public long oldestMs() {
            return oldestMs;
        }

        /** The same for the oldest packed part. */
        public long oldestPackedMs() {
            return oldestPackedMs;
        }

        private void count(SpoolFile file) {
            files.merge(file.kind(), 1L, Long::sum);
            bytes += NO_TRADES.contains(file.kind()) ? 0 : file.bytes();
            if (!file.isBacklog() || file.part() == null) {
                return;
            }
            oldestMs = Math.min(oldestMs, file.sinceMs());
            if (file.kind() == Kind.PACKED) {
                oldestPackedMs = Math.min(oldestPackedMs, file.sinceMs());
                parts += folder.has(PartState.SEALED, file.part()) ? 0 : 1;
            } else {
                parts++;
            }
        }
    }

    /** @param limit number of files to keep, the oldest */
    public SpoolListing(int limit) {
        this.limit = limit;
    }

    /** Adds the files of one directory. */
    public void add(SpoolFolder folder, LockTable locks) throws IOException {
        Totals sum = new Totals(folder, locks.holder(folder.lockFile()));
        folder.forEach(file -> {
            sum.count(file);
            if (file.isBacklog() || file.kind() == Kind.PACKING || file.kind() == Kind.QUARANTINED) {
                listed++;
                oldest.add(new Row(folder, file));
                if (oldest.size() > limit) {
                    oldest.remove();
                }
            }
        });
        totals.add(sum);
    }

    /** The oldest files, oldest first. */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>(oldest);
        rows.sort(OLDEST_FIRST);
        return rows;
    }

    /** Number of files to list, including those beyond the limit of {@link #rows}. */
    public long listed() {
        return listed;
    }

    /** Totals of each directory, in the order they were added. */
    public List<Totals> totals() {
        return List.copyOf(totals);
    }
}
