package io.marketdata.collector.audit;

import io.marketdata.collector.audit.ArchiveFile.Row;
import io.marketdata.collector.audit.PartContent.TradeRow;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Compares what a bucket holds of a day with the exchange's own file: the ids, and of each trade its price, quantity, time
 * and side. Neither is believed blindly: those files have had missing rows and were issued again
 * (github.com/binance/binance-public-data, issues 28 and 354). Holds one or two parts in memory. One thread; used once.
 */
public final class ArchiveComparison {

    private static final int MOST = 1_000;

    private final ObjectStore store;
    private final DayReport report;
    private final Progress progress;
    private final List<Part> parts;
    private final NavigableMap<Long, Row> held = new TreeMap<>();
    private final List<IdRange> onlyArchive = new ArrayList<>();
    private final List<IdRange> onlyBucket = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private IdRanges read = IdRanges.NONE;
    private int next;
    private long rows;
    private long differing;
    private long lastId = -1;

    public ArchiveComparison(ObjectStore store, DayReport report, Progress progress) {
        this.store = store;
        this.report = report;
        this.progress = progress;
        this.parts = report.parts().stream()
                .filter(part -> part.isSound() && part.summary() != null)
                .sorted(Comparator.comparingLong(part -> part.ids().first()))
                .toList();
    }

    /**
     * Compares.
     *
     * @return the report with what differs; what the archive alone has counts as missing
     * @throws IOException if the archive cannot be read
     * @throws StoreException if a part cannot be read
     */
    public DayReport run(ArchiveFile archive) throws IOException, StoreException {
        archive.check();
        try (ArchiveFile.Rows all = archive.open()) {
            for (Row row = all.next(); row != null; row = all.next()) {
                compare(row);
            }
        }
        if (lastId >= 0) {
            onlyBucket(lastId + 1, Long.MAX_VALUE - 1);
        }
        List<String> notices = new ArrayList<>();
        notices.add(archive + ": " + LogText.count(rows, "row") + " compared; " + count(onlyArchive)
                + " not in the bucket, " + count(onlyBucket) + " not in the archive, " + differing + " different");
        IdRanges lacking = IdRanges.of(onlyArchive);
        if (!lacking.isEmpty()) {
            problems.add(new Problem(
                    Problem.Kind.ARCHIVE_DIFFERS,
                    archive.toString(),
                    "the archive has " + LogText.count(lacking.count(), "trade") + " that the bucket lacks",
                    lacking));
        }
        if (!onlyBucket.isEmpty()) {
            notices.add(
                    "the archive lacks ids " + onlyBucket.get(0).first() + " to "
                            + onlyBucket.get(onlyBucket.size() - 1).last() + " in "
                            + LogText.count(IdRanges.of(onlyBucket).ranges().size(), "range")
                            + ", which the bucket holds: the fault is likelier the archive's; download it again after some days");
        }
        return report.with(problems, notices);
    }

    private static long count(List<IdRange> ranges) {
        return ranges.stream().mapToLong(IdRange::count).sum();
    }

    private void compare(Row row) throws IOException, StoreException {
        if (row.id() <= lastId) {
            throw new IOException("its rows are not in the order of their ids: " + row.id() + " after " + lastId);
        }
        rows++;
        if (rows % 10_000 == 0) {
            progress.at("rows compared", rows, Math.max(rows, report.ids().count()));
        }
        load(row.id());
        // Before the first row as well.
        onlyBucket(lastId + 1, row.id() - 1);
        held.headMap(row.id(), false).clear();
        Row ours = held.get(row.id());
        if (ours == null) {
            onlyArchive.add(new IdRange(row.id(), row.id()));
            joinLast();
        } else if (!isSame(ours, row)) {
            differ(ours, row);
        }
        lastId = row.id();
    }

    private void joinLast() {
        int size = onlyArchive.size();
        if (size > 1
                && onlyArchive.get(size - 2).last() + 1
                        == onlyArchive.get(size - 1).first()) {
            IdRange last = onlyArchive.remove(size - 1);
            onlyArchive.set(size - 2, new IdRange(onlyArchive.get(size - 2).first(), last.last()));
        }
    }

    private void onlyBucket(long first, long last) {
        onlyBucket.addAll(report.ids().and(IdRanges.of(first, last)).ranges());
    }

    /** Reads the parts that begin up to this id and add anything. */
    private void load(long id) throws StoreException, IOException {
        while (next < parts.size() && parts.get(next).ids().first() <= id) {
            Part part = parts.get(next++);
            if (!part.ids().minus(read).isEmpty()) {
                byte[] gzip = store.get(part.key(), PartContent.MAX_BYTES).orElse(new byte[0]);
                new PartContent(report.symbol(), part.name().origin(), this::hold).read(gzip, PartContent.MAX_BYTES);
                read = IdRanges.union(List.of(read, part.ids()));
            }
        }
    }

    private void hold(TradeRow trade) {
        if (trade.id > lastId) {
            held.put(trade.id, new Row(trade.id, trade.price, trade.quantity, trade.timeMs, trade.buyerIsMaker, true));
        }
    }

    private static boolean isSame(Row ours, Row theirs) {
        return isSame(ours.price(), theirs.price())
                && isSame(ours.quantity(), theirs.quantity())
                && ours.timeMs() == theirs.timeMs()
                && ours.buyerIsMaker() == theirs.buyerIsMaker();
    }

    private static boolean isSame(String ours, String theirs) {
        try {
            return ours.equals(theirs) || new BigDecimal(ours).compareTo(new BigDecimal(theirs)) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private void differ(Row ours, Row theirs) {
        differing++;
        if (problems.size() < MOST) {
            problems.add(new Problem(
                    Problem.Kind.ARCHIVE_DIFFERS,
                    "trade " + ours.id(),
                    "the bucket has " + LogText.of(ours.toString()) + ", the archive " + LogText.of(theirs.toString())
                            + "; ask the exchange's REST which is right",
                    IdRanges.NONE));
        }
    }
}
