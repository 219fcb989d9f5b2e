package io.marketdata.collector.collect;

import io.marketdata.collector.audit.ArchiveFile;
import io.marketdata.collector.audit.ArchiveFiles;
import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.audit.Repair;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which trades a backfill writes.
 *
 * @param wanted how many it is about
 * @param ids those that are not there yet and can be had, ascending
 * @param lacking those that are not there yet and that the exchange's own files lack, ascending; none without such files
 * @param archive the files that they are in, ascending by day; none if they are fetched over REST
 */
public record BackfillPlan(long wanted, List<IdRange> ids, List<IdRange> lacking, List<ArchiveFile> archive) {

    public BackfillPlan {
        ids = List.copyOf(ids);
        lacking = List.copyOf(lacking);
        archive = List.copyOf(archive);
    }

    /** How many are there already. */
    public long skipped() {
        return wanted - toFetch() - count(lacking);
    }

    /** How many are to be written. */
    public long toFetch() {
        return count(ids);
    }

    private static long count(List<IdRange> ranges) {
        return ranges.stream().mapToLong(IdRange::count).sum();
    }

    /** What a plan is made for. */
    public interface Order {

        /**
         * Makes the plan; changes nothing.
         *
         * @return null if it was stopped meanwhile
         * @throws NothingToFetchException if the exchange has issued no such trade, or could not be asked, or its files
         *     hold none
         * @throws ArchiveFile.UnusableException if such a file cannot be used
         */
        @Nullable
        BackfillPlan plan(Planning planning) throws IOException, InterruptedException, NothingToFetchException;
    }

    /** Everything between two ends. */
    public static Order between(RangeEnd from, RangeEnd to) {
        return planning -> planning.between(from, to);
    }

    /** What reports of {@code verify} name, all of one symbol. */
    public static Order of(List<Repair> repairs) {
        return planning -> planning.of(repairs);
    }

    /** Everything between two ends, from the exchange's own file, or a directory of such files. */
    public static Order between(RangeEnd from, RangeEnd to, Path archive) {
        return planning -> planning.between(from, to, archive);
    }

    /** What reports of {@code verify} name, all of one symbol, from the exchange's own file or files. */
    public static Order of(List<Repair> repairs, Path archive) {
        return planning -> planning.of(repairs, archive);
    }

    /** Looks at the exchange or its files, the bucket and the spool. One thread. */
    public static final class Planning {
        private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);
        private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);

        private final Settings settings;
        private final Symbol symbol;
        private final ObjectStore store;
        private final Time time;
        private final Consumer<String> out;
        private final SpoolUpload.Stop stop;
        private final BinanceRest rest;

        /** @param out takes lines for a person */
        public Planning(
                Settings settings,
                Symbol symbol,
                ObjectStore store,
                Time time,
                Consumer<String> out,
                SpoolUpload.Stop stop) {
            this(settings, symbol, store, time, out, stop, rest(settings, time));
        }

        Planning(
                Settings settings,
                Symbol symbol,
                ObjectStore store,
                Time time,
                Consumer<String> out,
                SpoolUpload.Stop stop,
                BinanceRest rest) {
            this.settings = settings;
            this.symbol = symbol;
            this.store = store;
            this.time = time;
            this.out = out;
            this.stop = stop;
            this.rest = rest;
        }

        private static BinanceRest rest(Settings settings, Time time) {
            Wiring wiring = new Wiring(settings, time);
            HttpTransport http = new HttpTransport(
                    Threads.daemonPool("rest"), settings.routes().proxies());
            return wiring.rest(http, wiring.requestBudget(), BinanceRest.TIMEOUT);
        }

        private @Nullable BackfillPlan between(RangeEnd from, RangeEnd to)
                throws IOException, InterruptedException, NothingToFetchException {
            BackfillRange range = new BackfillRange(rest, symbol, time, out, stop);
            IdRange ids = range.find(from, to);
            if (ids == null) {
                return null;
            }
            out.accept("Range: ids " + ids.first() + " to " + ids.last() + ", " + LogText.count(ids.count(), "trade"));
            StoredIds stored = new StoredIds(store, symbol, false, time, out);
            addSpool(stored);
            OptionalLong fromMs = range.timeOf(ids.first());
            OptionalLong toMs = range.timeOf(ids.last());
            if (fromMs.isPresent() && toMs.isPresent()) {
                addBucket(stored, fromMs.getAsLong(), toMs.getAsLong());
            }
            return plan(IdRanges.of(ids.first(), ids.last()), stored);
        }

        private @Nullable BackfillPlan between(RangeEnd from, RangeEnd to, Path archive)
                throws IOException, InterruptedException, NothingToFetchException {
            // Only the file of its day shows which ids a time means.
            if (from.isTime()) {
                ArchiveFile.of(archive, symbol, dayOf(from.value()));
            }
            if (to.isTime()) {
                ArchiveFile.of(archive, symbol, dayOf(to.value() - 1));
            }
            IdRanges all = IdRanges.of(from.isTime() ? 0 : from.value(), to.isTime() ? Long.MAX_VALUE - 1 : to.value());
            long fromMs = from.isTime() ? from.value() : 0;
            long toMs = to.isTime() ? to.value() : Long.MAX_VALUE;
            ArchiveFiles files = ArchiveFiles.of(archive, symbol, new ArchiveFiles.Wanted(fromMs, toMs, all));
            if (!read(files)) {
                return null;
            }
            IdRange span = files.span();
            if (span == null) {
                throw new NothingToFetchException(
                        archive + " holds no trade of " + symbol + " from " + from + " to " + to);
            }
            StoredIds stored = new StoredIds(store, symbol, false, time, out);
            addSpool(stored);
            addBucket(stored, files.firstMs(), files.lastMs());
            long first = from.isTime() ? span.first() : from.value();
            long last = to.isTime() ? span.last() : to.value();
            return fromArchive(IdRanges.of(first, last), stored, files);
        }

        /** A damaged part's trades are fetched even if another instance holds them: only then is the damage repaired. */
        private BackfillPlan of(List<Repair> repairs) throws IOException, InterruptedException {
            return plan(wanted(repairs), stored(repairs));
        }

        /** A gap at midnight may belong to the day beside. */
        private @Nullable BackfillPlan of(List<Repair> repairs, Path archive) throws IOException, InterruptedException {
            StoredIds stored = stored(repairs);
            IdRanges wanted = wanted(repairs);
            IdRanges needed = wanted.minus(stored.held());
            if (needed.isEmpty()) {
                return plan(wanted, stored);
            }
            List<Period> periods = repairs.stream()
                    .filter(repair -> !repair.ids().isEmpty())
                    .map(Repair::period)
                    .toList();
            long fromMs = periods.stream().mapToLong(Period::fromMs).min().orElseThrow() - DAY_MS;
            long toMs = periods.stream().mapToLong(Period::toMs).max().orElseThrow() + DAY_MS;
            ArchiveFiles files = ArchiveFiles.of(archive, symbol, new ArchiveFiles.Wanted(fromMs, toMs, needed));
            return read(files) ? fromArchive(wanted, stored, files) : null;
        }

        private static Period dayOf(long ms) {
            return Period.days(ms, ms + 1).get(0);
        }

        private boolean read(ArchiveFiles files) throws IOException, InterruptedException {
            long[] reported = {time.nanoTime()};
            return files.read(out, (file, rows) -> {
                if (time.nanoTime() - reported[0] >= REPORT_NANOS) {
                    reported[0] = time.nanoTime();
                    out.accept("Reading " + file + ": " + LogText.count(rows, "trade") + " so far");
                }
                return !stop.await(Duration.ZERO);
            });
        }

        private static IdRanges wanted(List<Repair> repairs) {
            return IdRanges.union(repairs.stream().map(Repair::ids).toList());
        }

        private StoredIds stored(List<Repair> repairs) throws IOException, InterruptedException {
            StoredIds stored = new StoredIds(store, symbol, true, time, out);
            repairs.forEach(repair -> stored.distrust(repair.damaged()));
            addSpool(stored);
            for (Repair repair : repairs) {
                if (!repair.ids().isEmpty()) {
                    addBucket(stored, repair.period().fromMs(), repair.period().toMs() - 1);
                }
            }
            return stored;
        }

        private BackfillPlan plan(IdRanges wanted, StoredIds stored) {
            IdRanges needed = wanted.minus(stored.held());
            return announced(new BackfillPlan(wanted.count(), needed.ranges(), List.of(), List.of()));
        }

        private BackfillPlan fromArchive(IdRanges wanted, StoredIds stored, ArchiveFiles files) {
            IdRanges needed = wanted.minus(stored.held());
            IdRanges found = needed.and(files.ids());
            return announced(new BackfillPlan(
                    wanted.count(), found.ranges(), needed.minus(found).ranges(), files.files()));
        }

        private BackfillPlan announced(BackfillPlan plan) {
            if (plan.skipped() > 0) {
                out.accept("Skipping " + LogText.count(plan.skipped(), "trade")
                        + " that the bucket or the spool already holds");
            }
            return plan;
        }

        private void addSpool(StoredIds stored) throws IOException {
            for (SpoolFolder folder : SpoolFolder.below(settings.spool().directory())) {
                if (folder.run().equals(Spool.BACKFILL) && folder.symbol().equals(symbol)) {
                    stored.addSpool(folder);
                }
            }
        }

        private void addBucket(StoredIds stored, long fromMs, long toMs) throws InterruptedException {
            try {
                long longest = settings.spool().rotateAge().toMillis();
                stored.addBucket(fromMs - longest, toMs, stop);
            } catch (StoreException e) {
                out.accept("What the bucket already holds is not known and is fetched again: " + e.getMessage());
            }
        }
    }
}
