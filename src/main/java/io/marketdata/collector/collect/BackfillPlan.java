package io.marketdata.collector.collect;

import io.marketdata.collector.audit.IdRanges;
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
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which trades a backfill fetches.
 *
 * @param wanted how many it is about
 * @param ids those that are not there yet, ascending
 */
public record BackfillPlan(long wanted, List<IdRange> ids) {

    public BackfillPlan {
        ids = List.copyOf(ids);
    }

    /** How many are there already. */
    public long skipped() {
        return wanted - toFetch();
    }

    /** How many are to be fetched. */
    public long toFetch() {
        return ids.stream().mapToLong(IdRange::count).sum();
    }

    /** What a plan is made for. */
    public interface Order {

        /**
         * Makes the plan; changes nothing.
         *
         * @return null if it was stopped meanwhile
         * @throws NothingToFetchException if the exchange has issued no such trade, or could not be asked
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

    /** Looks at the exchange, the bucket and the spool. One thread. */
    public static final class Planning {
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

        /** A damaged part's trades are fetched even if another instance holds them: only then is the damage repaired. */
        private BackfillPlan of(List<Repair> repairs) throws IOException, InterruptedException {
            StoredIds stored = new StoredIds(store, symbol, true, time, out);
            repairs.forEach(repair -> stored.distrust(repair.damaged()));
            addSpool(stored);
            for (Repair repair : repairs) {
                if (!repair.ids().isEmpty()) {
                    addBucket(stored, repair.period().fromMs(), repair.period().toMs() - 1);
                }
            }
            IdRanges wanted = IdRanges.union(repairs.stream().map(Repair::ids).toList());
            return plan(wanted, stored);
        }

        private BackfillPlan plan(IdRanges wanted, StoredIds stored) {
            BackfillPlan plan =
                    new BackfillPlan(wanted.count(), wanted.minus(stored.held()).ranges());
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
