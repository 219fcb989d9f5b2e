package io.marketdata.collector.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/**
 * What waits in a spool: totals of everything, and the oldest files one by one. Reads names and sizes only. Memory holds
 * no more than the files asked for, however many there are.
 *
 * <p>One thread.
 */
public final class SpoolListing {

    private static final Comparator<Row> OLDEST_FIRST = Comparator.<Row>comparingLong(row -> row.file.sinceMs())
            .thenComparing(row -> row.folder.label())
            .thenComparing(row -> row.file.name());

    private final int limit;
    private final List<Totals> totals = new ArrayList<>();

    /** The newest of the oldest first. */
    private final PriorityQueue<Row> oldest = new PriorityQueue<>(OLDEST_FIRST.reversed());

    private long listed;

    /** A file that is worth a line. */
    public record Row(SpoolFolder folder, SpoolFile file) {}

    /** What one directory holds. */
    public static final class Totals {
        private final SpoolFolder folder;
        private final OptionalLong holder;
        private final Map<SpoolFile.Kind, Long> files = new EnumMap<>(SpoolFile.Kind.class);
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

        /** The process that holds the lock, if that is known. */
        public OptionalLong holder() {
            return holder;
        }

        /** Files of that kind. */
        public long files(SpoolFile.Kind kind) {
            return files.getOrDefault(kind, 0L);
        }

        /** Parts that the bucket has not confirmed; one that lies there both sealed and packed counts once. */
        public long parts() {
            return parts;
        }

        /** Size of all files but the collector's own notes, those in quarantine too. */
        public long bytes() {
            return bytes;
        }

        /** Trade time of the first trade of the oldest part, ms since 1970 UTC; {@link Long#MAX_VALUE} if none waits. */
        public long oldestMs() {
            return oldestMs;
        }

        /** The same of the oldest packed part. */
        public long oldestPackedMs() {
            return oldestPackedMs;
        }

        private void count(SpoolFile file) {
            files.merge(file.kind(), 1L, Long::sum);
            bytes += file.kind() == SpoolFile.Kind.LAST || file.kind() == SpoolFile.Kind.LOCK ? 0 : file.bytes();
            if (!file.isWaiting() || file.part() == null) {
                return;
            }
            oldestMs = Math.min(oldestMs, file.sinceMs());
            if (file.kind() == SpoolFile.Kind.PACKED) {
                oldestPackedMs = Math.min(oldestPackedMs, file.sinceMs());
                parts += folder.has(PartState.SEALED, file.part()) ? 0 : 1;
            } else {
                parts++;
            }
        }
    }

    /** @param limit so many of the oldest files are kept */
    public SpoolListing(int limit) {
        this.limit = limit;
    }

    /** Looks through one directory. */
    public void add(SpoolFolder folder, LockTable locks) throws IOException {
        Totals sum = new Totals(folder, locks.holder(folder.lockFile()));
        folder.forEach(file -> {
            sum.count(file);
            if (file.isWaiting()
                    || file.kind() == SpoolFile.Kind.PACKING
                    || file.kind() == SpoolFile.Kind.QUARANTINED) {
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

    /** How many files are worth a line, those that are not among {@link #rows} too. */
    public long listed() {
        return listed;
    }

    /** One for each directory, in the order they were added. */
    public List<Totals> totals() {
        return List.copyOf(totals);
    }
}
