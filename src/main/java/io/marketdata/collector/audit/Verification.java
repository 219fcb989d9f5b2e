package io.marketdata.collector.audit;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a symbol and a period from the bucket alone: reads its listings and manifests, or also every part, and judges
 * whether every trade is there. Reads only. Used once, by one thread, which starts others.
 */
public final class Verification {

    /** Indexes in memory at once: each takes some MB while it is read. */
    private static final int MOST_INDEXES = 8;

    private final ObjectStore store;
    private final Symbol symbol;
    private final Period period;
    private final Options options;
    private final Parallel parallel;
    private final Parallel fewer;
    private final List<Problem> problems = Collections.synchronizedList(new ArrayList<>());
    private final List<String> notSeen = new ArrayList<>();
    private final DayListing listing;
    private final DelayHistogram received = new DelayHistogram();

    /**
     * How to look.
     *
     * @param instance the only one to look at; null for all
     * @param isDeep whether every part is read as well
     * @param requests at once, at least 1
     */
    public record Options(@Nullable InstanceId instance, boolean isDeep, int requests) {}

    public Verification(
            ObjectStore store,
            Symbol symbol,
            Period period,
            Options options,
            ThreadFactory threads,
            Progress progress) {
        this.store = store;
        this.symbol = symbol;
        this.period = period;
        this.options = options;
        this.parallel = new Parallel(threads, options.requests(), progress);
        this.fewer = new Parallel(threads, Math.min(options.requests(), MOST_INDEXES), progress);
        this.listing = new DayListing(store, symbol, period, options.instance());
    }

    /** Looks, and judges. What the store does not show is in the report. */
    public DayReport run() throws InterruptedException {
        Neighbour[] neighbours = {new Neighbour(List.of(), "not seen"), new Neighbour(List.of(), "not seen")};
        list(neighbours);
        Indexes indexes = new Indexes(store, symbol, period, options.instance());
        List<Part> parts = notSeen.isEmpty() ? read(indexes) : List.of();
        if (notSeen.isEmpty()) {
            try {
                problems.addAll(new Chains(store, symbol, period, parts).problems(neighbours[1].parts()));
            } catch (StoreException e) {
                notSeen.add(String.valueOf(e.getMessage()));
            }
        }
        List<String> notices = new ArrayList<>(indexes.notices());
        List<String> unknown = listing.unknown();
        if (!unknown.isEmpty()) {
            notices.add(LogText.count(unknown.size(), "object") + " that no collector puts there, the first "
                    + LogText.of(unknown.get(0), 200));
        }
        problems.sort(Comparator.comparing(Problem::key).thenComparing(Problem::kind));
        return new Judgement(symbol, period, parts, problems, neighbours[0], neighbours[1], notSeen, notices)
                .report(received.quantiles());
    }

    private void received(PartContent.TradeRow row) {
        if (row.source.isEmpty() && row.receivedMicros > 0) {
            received.add(row.receivedMicros - 1_000 * row.timeMs);
        }
    }

    private void list(Neighbour[] neighbours) throws InterruptedException {
        List<Long> hours = period.hours();
        Neighbour.Search search = new Neighbour.Search(store, symbol, period, options.instance());
        notSeen.addAll(parallel.run("folders listed", hours.size() + 2, step -> {
            if (step < hours.size()) {
                listing.addHour(hours.get(step));
            } else if (step == hours.size()) {
                neighbours[0] = search.before();
            } else {
                neighbours[1] = search.after();
            }
        }));
    }

    private List<Part> read(Indexes indexes) throws InterruptedException {
        List<String> keys = indexes.keys();
        fewer.run("indexes read", keys.size(), number -> indexes.read(keys.get(number)));
        PartReader reader = new PartReader(
                store, symbol, listing, indexes.manifests(), options.isDeep(), problems::add, this::received);
        List<Part> parts = reader.readAll(parallel, options.isDeep() ? "parts read" : "manifests read", notSeen);
        if (notSeen.isEmpty()) {
            problems.addAll(indexes.lost());
        }
        return parts;
    }
}
