package io.marketdata.collector.audit;

import io.marketdata.collector.audit.DayListing.Entry;
import io.marketdata.collector.audit.DayListing.Stored;
import io.marketdata.collector.audit.Indexes.Indexed;
import io.marketdata.collector.audit.PartContent.TradeRow;
import io.marketdata.collector.audit.Problem.Kind;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the bucket holds under the name of one part, and reports what is wrong with it. The part itself is read only
 * if its ids cannot be known from the manifest, or if everything is. Several threads.
 */
final class PartReader {

    /** A line has the member names alone in 40 bytes. */
    private static final int LEAST_LINE_BYTES = 40;

    /** Deflate cannot do better (zlib, "Technical Details": 1032 to 1). */
    private static final int MOST_COMPRESSION = 1_032;

    private final ObjectStore store;
    private final Symbol symbol;
    private final DayListing listing;
    private final ConcurrentMap<PartName, Indexed> index;
    private final boolean isDeep;
    private final Consumer<Problem> problems;
    private final Consumer<TradeRow> trades;

    /**
     * @param index the manifests that need not be read, by the names of their parts; those that are listed are taken out
     * @param isDeep whether every part is read
     * @param trades gets every trade that is read of a sound part; called by several threads
     */
    PartReader(
            ObjectStore store,
            Symbol symbol,
            DayListing listing,
            ConcurrentMap<PartName, Indexed> index,
            boolean isDeep,
            Consumer<Problem> problems,
            Consumer<TradeRow> trades) {
        this.store = store;
        this.symbol = symbol;
        this.listing = listing;
        this.index = index;
        this.isDeep = isDeep;
        this.problems = problems;
        this.trades = trades;
    }

    /**
     * Reads and reports everything that is listed.
     *
     * @param what it is, for the progress
     * @param notSeen gets why the store did not let it look; then parts are missing from the result
     * @return by folder, then by time
     */
    List<Part> readAll(Parallel parallel, String what, List<String> notSeen) throws InterruptedException {
        List<Entry> entries = listing.entries();
        @Nullable Part[] parts = new @Nullable Part[entries.size()];
        notSeen.addAll(parallel.run(what, parts.length, number -> parts[number] = read(entries.get(number))));
        return Arrays.stream(parts).filter(Objects::nonNull).toList();
    }

    /**
     * Reads and reports.
     *
     * @throws StoreException if the store does not let it look
     */
    Part read(Entry entry) throws StoreException {
        if (entry.manifest() == null) {
            indexed(entry);
            IdRanges ids = idsOf(entry);
            report(Kind.PART_WITHOUT_MANIFEST, entry.partKey(), "readers may not trust it", ids);
            return part(entry, null, ids, false);
        }
        Manifest manifest;
        try {
            manifest = manifest(entry, entry.manifest());
        } catch (IOException e) {
            IdRanges ids = idsOf(entry);
            report(Kind.MANIFEST_UNREADABLE, entry.manifestKey(), LogText.of(String.valueOf(e.getMessage())), ids);
            return part(entry, null, ids, false);
        }
        IdRanges claimed = IdRanges.heldBy(manifest);
        @Nullable Problem problem = misplaced(entry, manifest, claimed);
        if (problem == null) {
            problem = mismatch(entry, manifest, claimed);
        }
        if (problem != null) {
            problems.accept(problem);
            return part(entry, manifest, problem.ids(), false);
        }
        return isDeep || claimed.isEmpty()
                ? withContent(entry, manifest, claimed)
                : part(entry, manifest, claimed, true);
    }

    private Manifest manifest(Entry entry, Stored object) throws StoreException, IOException {
        Indexed indexed = indexed(entry);
        if (indexed != null && indexed.length() == object.bytes() && !isDeep) {
            return indexed.manifest();
        }
        byte[] stored =
                store.get(entry.manifestKey(), ManifestJson.MAX_BYTES + 1).orElse(new byte[0]);
        @Nullable Manifest manifest = null;
        try {
            manifest = ManifestJson.read(stored);
            return manifest;
        } finally {
            if (indexed != null
                    && (stored.length != indexed.length() || !indexed.manifest().equals(manifest))) {
                IdRanges ids = IdRanges.heldBy(indexed.manifest());
                report(Kind.INDEX_DIFFERS, entry.manifestKey(), "it is not as the index holds it", ids);
            }
        }
    }

    private @Nullable Indexed indexed(Entry entry) {
        return listing.isOwnFolder(entry.folder(), entry.name()) ? index.remove(entry.name()) : null;
    }

    private @Nullable Problem misplaced(Entry entry, Manifest manifest, IdRanges ids) {
        if (!listing.isOwnFolder(entry.folder(), entry.name())) {
            return new Problem(
                    Kind.WRONG_FOLDER, entry.partKey(), "its name belongs to another minute than the folder", ids);
        }
        Manifest.Source source = manifest.source();
        boolean isItsOwn = manifest.payload().s3Key().equals(entry.partKey())
                && source.symbol().equals(symbol)
                && source.instanceId().equals(entry.name().instance())
                && manifest.quality().origin() == entry.name().origin();
        return isItsOwn
                ? null
                : new Problem(
                        Kind.MANIFEST_OF_ANOTHER_PART,
                        entry.manifestKey(),
                        "it is the manifest of " + LogText.of(manifest.payload().s3Key(), 200) + ", a part of "
                                + source.symbol() + " by instance " + source.instanceId(),
                        ids);
    }

    private @Nullable Problem mismatch(Entry entry, Manifest manifest, IdRanges ids) throws StoreException {
        @Nullable String impossible = impossible(entry, manifest);
        if (impossible != null) {
            return new Problem(Kind.IMPOSSIBLE_NUMBERS, entry.manifestKey(), impossible, idsOf(entry));
        }
        if (entry.part() == null) {
            return new Problem(Kind.MANIFEST_WITHOUT_PART, entry.manifestKey(), "there is no " + entry.partKey(), ids);
        }
        long said = manifest.payload().bytesGzip();
        return entry.part().bytes() == said
                ? null
                : new Problem(
                        Kind.SIZE_DIFFERS,
                        entry.partKey(),
                        "it has " + entry.part().bytes() + " bytes, its manifest says " + said,
                        ids);
    }

    private static @Nullable String impossible(Entry entry, Manifest manifest) {
        PartSummary part = manifest.payload().summary();
        long gzip = manifest.payload().bytesGzip();
        long epochMs = entry.name().epochMs();
        if (part.idFirst() < 0 || part.idLast() == Long.MAX_VALUE) {
            return "ids " + part.idFirst() + " to " + part.idLast();
        }
        if (part.recordCount() > part.bytesUncompressed() / LEAST_LINE_BYTES
                || part.bytesUncompressed() > PartContent.MAX_BYTES
                || part.bytesUncompressed() / MOST_COMPRESSION > gzip) {
            return part.recordCount() + " trades in " + part.bytesUncompressed() + " bytes, compressed " + gzip;
        }
        // The name is the time of the first trade, moved by a few ms if it was taken.
        if (part.timeMinMs() > epochMs || part.timeMaxMs() + Period.MINUTE_MS < epochMs) {
            return "trade times " + part.timeMinMs() + " to " + part.timeMaxMs() + " in a part of " + epochMs;
        }
        return null;
    }

    private Part withContent(Entry entry, Manifest manifest, IdRanges claimed) throws StoreException {
        byte[] gzip = bytes(entry);
        if (!Sha256.of(gzip).equals(manifest.payload().sha256())) {
            report(Kind.DIGEST_DIFFERS, entry.partKey(), "its SHA-256 is not the one of its manifest", claimed);
            return part(entry, manifest, claimed, false);
        }
        PartContent content = new PartContent(symbol, entry.name().origin(), trades);
        PartSummary said = manifest.payload().summary();
        @Nullable String difference;
        IdRanges ids = claimed;
        try {
            content.read(gzip, said.bytesUncompressed());
            ids = content.ids();
            difference = difference(content, manifest);
        } catch (IOException e) {
            difference = LogText.of(String.valueOf(e.getMessage()));
        }
        if (difference != null) {
            report(Kind.CONTENT_DIFFERS, entry.partKey(), difference, IdRanges.union(List.of(ids, claimed)));
        }
        return part(entry, manifest, ids, difference == null);
    }

    private static @Nullable String difference(PartContent content, Manifest manifest) {
        PartSummary said = manifest.payload().summary();
        if (!content.summary().equals(said)) {
            return "it holds " + content.summary() + ", its manifest says " + said;
        }
        IdRanges held = content.ids().and(IdRanges.of(manifest.quality().missingIds()));
        if (!held.isEmpty()) {
            return "it holds " + held.first() + ", which its manifest calls missing";
        }
        return content.outOfOrder() == manifest.quality().outOfOrder()
                ? null
                : content.outOfOrder() + " lines are out of order, its manifest says "
                        + manifest.quality().outOfOrder();
    }

    private byte[] bytes(Entry entry) throws StoreException {
        long size = Objects.requireNonNull(entry.part()).bytes();
        // One byte more than listed, so that an object that has grown does not seem whole.
        return store.get(entry.partKey(), (int) Math.min(size + 1, PartContent.MAX_BYTES))
                .orElse(new byte[0]);
    }

    /** Without a manifest: what the part itself holds, as far as it can be read. */
    private IdRanges idsOf(Entry entry) throws StoreException {
        if (entry.part() == null) {
            return IdRanges.NONE;
        }
        PartContent content = new PartContent(symbol, entry.name().origin(), row -> {});
        try {
            content.read(bytes(entry), PartContent.MAX_BYTES);
        } catch (IOException e) {
            // The ids up to here are as good as known.
        }
        return content.ids();
    }

    private static Part part(Entry entry, @Nullable Manifest manifest, IdRanges ids, boolean isSound) {
        Stored object = entry.part() == null ? Objects.requireNonNull(entry.manifest()) : entry.part();
        return new Part(
                entry.name(),
                entry.folder(),
                object.bytes(),
                object.modifiedMs(),
                manifest == null ? null : manifest.payload().sha256(),
                manifest == null ? null : manifest.payload().summary(),
                manifest == null ? null : manifest.previous(),
                manifest == null ? null : manifest.quality().sequenceResetAt(),
                ids,
                isSound);
    }

    private void report(Kind kind, String key, String detail, IdRanges ids) {
        problems.accept(new Problem(kind, key, detail, ids));
    }
}
