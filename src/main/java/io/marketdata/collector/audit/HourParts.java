package io.marketdata.collector.audit;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a symbol's UTC hour as listings, indexes and manifests describe them, for a reader that makes something else
 * of them.
 *
 * @param parts by folder, then by time, those with problems as well
 * @param problems what is not as it was written
 * @param unknown keys of objects that no collector puts there
 * @param idBefore the last trade id that is recorded before the hour; null if that is not known
 * @param idAfter the first trade id that is recorded after the hour; null if that is not known
 * @param notSeen what the store did not let it see; if there is anything, the rest is incomplete
 */
public record HourParts(
        List<Part> parts,
        List<Problem> problems,
        List<String> unknown,
        @Nullable Long idBefore,
        @Nullable Long idAfter,
        List<String> notSeen) {

    public HourParts {
        parts = List.copyOf(parts);
        problems = List.copyOf(problems);
        unknown = List.copyOf(unknown);
        notSeen = List.copyOf(notSeen);
    }

    /**
     * Reads listings and manifests.
     *
     * @param hourMs the first moment of the hour, ms since 1970 UTC
     */
    public static HourParts read(ObjectStore store, Symbol symbol, long hourMs, Parallel parallel)
            throws InterruptedException {
        Period hour = new Period(hourMs, hourMs + Period.HOUR_MS);
        DayListing listing = new DayListing(store, symbol, hour, null);
        Neighbour.Search search = new Neighbour.Search(store, symbol, hour, null);
        Indexes indexes = new Indexes(store, symbol, hour, null);
        Neighbour[] neighbours = new Neighbour[2];
        List<String> notSeen = new ArrayList<>(parallel.run("folders listed", 4, step -> {
            switch (step) {
                case 0 -> listing.addHour(hourMs);
                case 1 -> neighbours[0] = search.before();
                case 2 -> neighbours[1] = search.after();
                default -> indexes.keys().forEach(indexes::read);
            }
        }));
        if (!notSeen.isEmpty()) {
            return new HourParts(List.of(), List.of(), List.of(), null, null, notSeen);
        }
        List<Problem> problems = Collections.synchronizedList(new ArrayList<>());
        PartReader reader =
                new PartReader(store, symbol, listing, indexes.manifests(), false, problems::add, row -> {});
        List<Part> parts = reader.readAll(parallel, "manifests read", notSeen);
        problems.addAll(indexes.lost());
        IdRanges before = neighbours[0].ids();
        IdRanges after = neighbours[1].ids();
        return new HourParts(
                parts,
                problems,
                listing.unknown(),
                before.isEmpty() ? null : before.last(),
                after.isEmpty() ? null : after.first(),
                notSeen);
    }

    /**
     * Reads every line of a part and checks it strictly.
     *
     * @throws IOException with the reason, if it is not gzip or has a line that is not a trade of the symbol
     */
    public static PartSummary content(Symbol symbol, PartName name, byte[] gzip) throws IOException {
        PartContent content = new PartContent(symbol, name.origin(), row -> {});
        content.read(gzip, PartContent.MAX_BYTES);
        return content.summary();
    }
}
