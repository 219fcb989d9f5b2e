package io.marketdata.collector.audit;

import io.marketdata.collector.audit.ArchiveFile.Row;
import io.marketdata.collector.audit.ArchiveFile.UnusableException;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The exchange's own files from which trades are backfilled. They are read to their ends before one row is used, so that
 * nothing of a file that is damaged, of another day or out of order comes into a bucket. One thread.
 */
public final class ArchiveFiles {

    private static final int MAX_RANGES = 200_000;
    private static final int WATCHED_ROWS = 10_000;

    private final List<ArchiveFile> files;
    private final Wanted wanted;
    private final List<IdRange> found = new ArrayList<>();
    private long runFirst = -1;
    private long runLast = -1;
    private long firstId = Long.MAX_VALUE;
    private long lastId = -1;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs = -1;

    private ArchiveFiles(List<ArchiveFile> files, Wanted wanted) {
        this.files = List.copyOf(files);
        this.wanted = wanted;
    }

    /**
     * Which trades are looked for.
     *
     * @param fromMs made then or later, ms since 1970 UTC
     * @param toMs made before
     * @param ids with these ids
     */
    public record Wanted(long fromMs, long toMs, IdRanges ids) {
        public static final IdRanges ANY_ID = IdRanges.of(0, Long.MAX_VALUE - 1);
    }

    /** Gets the progress every {@value #WATCHED_ROWS} rows. */
    public interface Watch {
        /** Whether to continue. */
        boolean isToContinue(ArchiveFile file, long rows) throws InterruptedException;
    }

    /**
     * Those files that may hold wanted trades. Reads the first row of each.
     *
     * @param path a file, or a directory of files, under the exchange's names
     * @throws UnusableException if there is none of the symbol, or one is unreadable
     */
    public static ArchiveFiles of(Path path, Symbol symbol, Wanted wanted) throws UnusableException {
        List<ArchiveFile> all = new ArrayList<>();
        NavigableSet<LocalDate> days = days(path, symbol);
        for (LocalDate day : days) {
            Period period = Period.day(day);
            if (period.fromMs() < wanted.toMs && period.toMs() > wanted.fromMs) {
                all.add(ArchiveFile.of(path, symbol, period));
            }
        }
        List<ArchiveFile> files = new ArrayList<>();
        long end = Long.MAX_VALUE;
        for (int i = all.size() - 1; i >= 0; i--) {
            long first = firstId(all.get(i));
            if (first >= end) {
                throw new UnusableException(all.get(i) + " begins with id " + first + ", which is not before id " + end
                        + " of " + all.get(i + 1) + "; download both again");
            }
            if (!wanted.ids.and(IdRanges.of(first, end - 1)).isEmpty()) {
                files.add(0, all.get(i));
            }
            end = first;
        }
        return new ArchiveFiles(files, wanted);
    }

    /** The days of a symbol's files. */
    private static NavigableSet<LocalDate> days(Path path, Symbol symbol) throws UnusableException {
        Pattern name = Pattern.compile(Pattern.quote(symbol + "-trades-") + "([0-9]{4}-[0-9]{2}-[0-9]{2})\\.(zip|csv)");
        NavigableSet<LocalDate> days = new TreeSet<>();
        try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Matcher matcher = name.matcher(String.valueOf(file.getFileName()));
                if (matcher.matches()) {
                    days.add(LocalDate.parse(matcher.group(1)));
                }
            }
        } catch (IOException | DateTimeException e) {
            throw new UnusableException(path + " cannot be used: " + e);
        }
        if (days.isEmpty()) {
            throw new UnusableException(
                    path + " is no file " + symbol + "-trades-DAY.zip or .csv, and no directory of such"
                            + " files; only the name says which symbol and day a file holds. The exchange has them at"
                            + " data.binance.vision, below data/spot/daily/trades/" + symbol);
        }
        return days;
    }

    private static long firstId(ArchiveFile file) throws UnusableException {
        try (ArchiveFile.Rows rows = file.open()) {
            Row first = rows.next();
            if (first == null) {
                throw new UnusableException(file + " has no trade in it; download it again");
            }
            return first.id();
        } catch (UnusableException e) {
            throw e;
        } catch (IOException e) {
            throw new UnusableException(file + " cannot be closed: " + e);
        }
    }

    /**
     * Reads every row, and says of each file what it holds.
     *
     * @param out takes lines for a person
     * @return false if it was stopped
     * @throws UnusableException if a file is damaged, or holds something else than its name says; the message names it
     */
    public boolean read(Consumer<String> out, Watch watch) throws UnusableException, InterruptedException {
        for (ArchiveFile file : files) {
            boolean isChecked = file.check();
            int before = found.size();
            long count = 0;
            try (ArchiveFile.Rows rows = file.open()) {
                for (Row row = rows.next(); row != null; row = rows.next()) {
                    add(file, row, rows.number());
                    count++;
                    if (count % WATCHED_ROWS == 0 && !watch.isToContinue(file, count)) {
                        return false;
                    }
                }
            } catch (UnusableException e) {
                throw e;
            } catch (IOException e) {
                throw new UnusableException(file + " cannot be closed: " + e);
            }
            endRun(file);
            describe(file, isChecked, count, found.subList(before, found.size()), out);
        }
        return true;
    }

    private void add(ArchiveFile file, Row row, long line) throws UnusableException {
        if (!file.day().contains(row.timeMs())) {
            throw new UnusableException(file + ", line " + line + " is a trade of " + Instant.ofEpochMilli(row.timeMs())
                    + ", another day than the name says");
        }
        if (row.id() <= runLast) {
            throw new UnusableException(file + ", line " + line + " has id " + row.id() + " after " + runLast
                    + ": its rows are not in the order of their ids; download it again");
        }
        if (row.id() != runLast + 1 || runFirst < 0) {
            endRun(file);
            runFirst = row.id();
        }
        runLast = row.id();
        if (row.timeMs() >= wanted.fromMs
                && row.timeMs() < wanted.toMs
                && row.id() >= wanted.ids.first()
                && row.id() <= wanted.ids.last()) {
            firstId = Math.min(firstId, row.id());
            lastId = row.id();
            firstMs = Math.min(firstMs, row.timeMs());
            lastMs = Math.max(lastMs, row.timeMs());
        }
    }

    /** {@link #runLast} stays: ids only ascend. */
    private void endRun(ArchiveFile file) throws UnusableException {
        if (runFirst >= 0) {
            found.add(new IdRange(runFirst, runLast));
            runFirst = -1;
        }
        if (found.size() > MAX_RANGES) {
            throw new UnusableException(file + " holds ids in more than " + MAX_RANGES + " pieces; download it again");
        }
    }

    private static void describe(
            ArchiveFile file, boolean isChecked, long count, List<IdRange> runs, Consumer<String> out) {
        String checked = isChecked
                ? ", SHA-256 as in its CHECKSUM"
                : "; no CHECKSUM is beside it, so that it is the exchange's own is not shown";
        IdRanges ids = IdRanges.of(runs);
        out.accept(
                file + ": " + LogText.count(count, "trade") + ", ids " + ids.first() + " to " + ids.last() + checked);
        IdRanges gaps = ids.gaps();
        if (!gaps.isEmpty()) {
            out.accept(file + " itself lacks " + LogText.count(gaps.count(), "trade") + " in "
                    + LogText.count(gaps.ranges().size(), "gap") + ", the first: ids " + gaps.first() + " to "
                    + gaps.ranges().get(0).last() + "; download it again after some days, or fetch them over REST");
        }
    }

    /** Ascending by day. */
    public List<ArchiveFile> files() {
        return files;
    }

    /** Every id in them, once they are read. */
    public IdRanges ids() {
        return IdRanges.of(found);
    }

    /** From the first to the last trade of the wanted time and ids, once they are read; null if there is none. */
    public @Nullable IdRange span() {
        return lastId < 0 ? null : new IdRange(firstId, lastId);
    }

    /** When the first trade of {@link #span()} was made, ms since 1970 UTC. */
    public long firstMs() {
        return firstMs;
    }

    /** When the last one was made, ms since 1970 UTC. */
    public long lastMs() {
        return lastMs;
    }
}
