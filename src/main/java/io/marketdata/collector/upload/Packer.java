package io.marketdata.collector.upload;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Previous;
import io.marketdata.collector.model.Manifest.Quality;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Manifest.Source;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.SequenceTracker;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns sealed parts into the objects that will be stored: checks every line, compresses, computes the digest, and
 * writes the manifest, all in one pass and again after every crash. A line that is not a complete trade record is
 * quarantined.
 *
 * <p>One thread calls {@link #pack}, because manifests of a symbol form a chain; other threads may call {@link #load}
 * and {@link #rename}, for other parts.
 */
final class Packer {

    /**
     * Of the lines of a part, and of a packed one. A part exceeds the rotation size by at most one frame; a file of
     * another size must not fill the memory, in which a part has up to three copies.
     */
    static final int MAX_PART_BYTES =
            (int) Math.min(128 << 20, Runtime.getRuntime().maxMemory() / 4);

    private static final Logger LOG = LoggerFactory.getLogger(Packer.class);

    private final int gzipLevel;
    private final Software software;
    private final Time time;
    private final UploadMetrics metrics;
    private final PartChain chain;

    private volatile BiConsumer<Symbol, IdRange> lost = (symbol, ids) -> {};

    Packer(int gzipLevel, Software software, Time time, UploadMetrics metrics) {
        this.gzipLevel = gzipLevel;
        this.software = software;
        this.time = time;
        this.metrics = metrics;
        this.chain = new PartChain(time);
    }

    /** @param lost takes the ids of recorded trades whose lines turn out to be damaged; before anything is packed */
    void onLost(BiConsumer<Symbol, IdRange> lost) {
        this.lost = lost;
    }

    /**
     * Packs a part that is not packed yet.
     *
     * @return whether there is a part to upload; false if no line was a trade
     */
    boolean pack(SealedPart part) throws IOException {
        Spool spool = part.spool();
        PartName name = part.name();
        if (!spool.has(PartState.SEALED, name)) {
            return spool.has(PartState.PACKED, name);
        }
        SiftedLines sifted = sift(spool, name);
        sifted.tally.lacking(part.written()).forEach(ids -> lost.accept(spool.symbol(), ids));
        if (sifted.tally.records() == 0) {
            spool.discardEmpty(name);
            return false;
        }
        Checkpoint last = spool.checkpoint().orElse(null);
        if (last != null
                && spool.has(PartState.PACKED, name)
                && PartChain.includes(last, spool, name, sifted.tally)
                && packedHoldsAll(spool, name, sifted.tally)) {
            spool.deleteSealed(name);
        } else {
            pack(part, sifted, last);
        }
        return true;
    }

    private void pack(SealedPart part, SiftedLines sifted, @Nullable Checkpoint last) throws IOException {
        Spool spool = part.spool();
        PartName name = part.name();
        try (AppendFile file = spool.createPacking(name)) {
            file.write(sifted.gzip, 0, sifted.gzip.length);
            file.sync();
        }
        long knownBefore = last == null ? beforeUnpacked(spool, name, sifted.tally) : -1;
        PartChain.Step step = chain.step(spool, name.origin(), sifted.tally, last, knownBefore);
        Manifest manifest = manifest(part, sifted.gzip, sifted.tally, step, last);
        spool.finishPacking(name, ManifestJson.write(manifest), chain.after(name, manifest, step, last));
        chain.keep(spool, step);
        String symbol = spool.symbol().value();
        metrics.idsMissing.labelValues(symbol).inc(manifest.quality().missingCount());
    }

    /** The content of a part; at most one byte more than any part of a collector has. */
    private static byte[] read(Spool spool, PartState state, PartName name) throws IOException {
        try (InputStream in = spool.read(state, name)) {
            return in.readNBytes(MAX_PART_BYTES + 1);
        }
    }

    private static byte[] readWhole(Spool spool, PartState state, PartName name) throws IOException {
        byte[] bytes = read(spool, state, name);
        if (bytes.length > MAX_PART_BYTES) {
            throw new IOException(name + " has more than " + MAX_PART_BYTES
                    + " bytes, which do not fit into memory; left unchanged. If it is a part of a collector, start with a"
                    + " larger heap (-Xmx)");
        }
        return bytes;
    }

    private static PartTally tallyOfLines(Spool spool, PartState state, PartName name) throws IOException {
        return new SiftedLines(read(spool, state, name), spool.symbol()).tally;
    }

    private static SiftedLines unpack(Spool spool, byte[] gzip) throws IOException {
        return new SiftedLines(Gzip.decompress(gzip, MAX_PART_BYTES), spool.symbol());
    }

    /** Whether the packed form holds all lines of the sealed one: it may have been damaged since. */
    private static boolean packedHoldsAll(Spool spool, PartName name, PartTally sealed) throws IOException {
        byte[] gzip = readWhole(spool, PartState.PACKED, name);
        try {
            SiftedLines packed = unpack(spool, gzip);
            return packed.rejectedLines() == 0
                    && packed.tally.records() > 0
                    && packed.tally.summary().equals(sealed.summary());
        } catch (IOException e) {
            LOG.warn("{} is damaged, packing it again: {}", PartState.PACKED.fileName(name), e.getMessage());
            return false;
        }
    }

    /**
     * Updates the spool's {@code .checkpoint} from the packed parts, because a power loss may have taken it or its
     * newest content. Called before anything is packed.
     */
    Optional<Checkpoint> catchUp(Spool spool) throws IOException {
        Checkpoint stored = spool.checkpoint().orElse(null);
        Checkpoint last = stored;
        for (PartName name : spool.list(PartState.PACKED)) {
            boolean isIncluded = last != null && name.epochMs() <= last.epochMs();
            if (isIncluded || spool.has(PartState.SEALED, name)) {
                continue;
            }
            try {
                last = afterPacked(spool, name, last);
            } catch (IOException e) {
                // Its upload says the same, again and again. Its trades count as missing until then.
                LOG.warn("{} in {} could not be read: {}", name, spool.directory(), e.getMessage());
            }
        }
        if (last != null && !last.equals(stored)) {
            spool.writeCheckpoint(last);
        }
        return Optional.ofNullable(last);
    }

    private @Nullable Checkpoint afterPacked(Spool spool, PartName name, @Nullable Checkpoint last) throws IOException {
        Optional<PackedPart> part = load(spool, name);
        if (part.isEmpty()) {
            return last;
        }
        PartTally tally = unpack(spool, part.get().gzip).tally;
        PartChain.Step step = chain.step(spool, name.origin(), tally, last, -1);
        Checkpoint next = chain.after(name, part.get().manifest, step, last);
        chain.keep(spool, step);
        return next == null ? last : next;
    }

    /** Passes on all trades of parts that are not packed yet, in the order of their lines. */
    void unpacked(Spool spool, RecordedTrades trades) throws IOException {
        Map<PartState, List<PartName>> names = spool.list(EnumSet.of(PartState.SEALED, PartState.OPEN));
        for (PartState state : List.of(PartState.SEALED, PartState.OPEN)) {
            for (PartName name : names.getOrDefault(state, List.of())) {
                tallyOfLines(spool, state, name)
                        .forEach((id, tradeTimeMs) -> trades.trade(name.origin(), id, tradeTimeMs));
            }
        }
    }

    /** Compresses and counts the trades of a sealed part, and quarantines all other lines. */
    private SiftedLines sift(Spool spool, PartName name) throws IOException {
        SiftedLines sifted = new SiftedLines(readWhole(spool, PartState.SEALED, name), spool.symbol(), gzipLevel);
        if (sifted.rejected.length > 0) {
            spool.quarantine(name, sifted.rejected);
            metrics.linesQuarantined.inc(sifted.rejectedLines());
            String message =
                    "Quarantined {} bytes of {}: not a complete trade record, kept in {}/quarantine; normal for"
                            + " the last line after a crash";
            LOG.warn(message, sifted.rejected.length, PartState.SEALED.fileName(name), spool.directory());
        }
        return sifted;
    }

    /**
     * Reads a packed part back, and rebuilds its manifest if the one beside it is missing or belongs to other bytes.
     *
     * @return empty if the file is damaged; it has then been moved to quarantine
     */
    Optional<PackedPart> load(Spool spool, PartName name) throws IOException {
        byte[] gzip = readWhole(spool, PartState.PACKED, name);
        Optional<Manifest> manifest = manifestOf(spool, name);
        if (manifest.isPresent() && manifest.get().payload().sha256().equals(Sha256.of(gzip))) {
            byte[] json = spool.readManifest(name).orElseThrow();
            return Optional.of(new PackedPart(spool, name, gzip, manifest.get(), json));
        }
        return inspect(spool, name, gzip);
    }

    /** The manifest beside a packed part; empty if it is missing, damaged or another part's. */
    private static Optional<Manifest> manifestOf(Spool spool, PartName name) throws IOException {
        byte[] json = spool.readManifest(name).orElse(new byte[0]);
        // A manifest is not flushed, so a power loss may leave any part of it, even all but its line feed.
        if (json.length > 0 && json[json.length - 1] == '\n') {
            try {
                return Optional.of(ManifestJson.read(json))
                        .filter(manifest -> manifest.payload().s3Key().equals(KeyLayout.part(spool.symbol(), name)));
            } catch (IOException e) {
                LOG.warn("Rebuilding {} in {}: {}", name.manifestFileName(), spool.directory(), e.getMessage());
            }
        }
        return Optional.empty();
    }

    /**
     * For a symbol without a checkpoint: the id before the lowest one in sealed parts that could not be packed yet and
     * begin below this one. The ids between count as missing until those parts are packed; otherwise gaps between them
     * would go unnoticed.
     *
     * @return -1 if there are none
     */
    private static long beforeUnpacked(Spool spool, PartName name, PartTally tally) throws IOException {
        long lowest = tally.summary().idFirst();
        for (PartName other : spool.list(PartState.SEALED)) {
            if (other.origin() == Origin.STREAM && !other.equals(name)) {
                try {
                    PartTally unpacked = tallyOfLines(spool, PartState.SEALED, other);
                    if (unpacked.records() > 0) {
                        lowest = Math.min(lowest, unpacked.summary().idFirst());
                    }
                } catch (IOException e) {
                    LOG.warn("{} in {} could not be read: {}", other, spool.directory(), e.getMessage());
                }
            }
        }
        return lowest < tally.summary().idFirst() ? lowest - 1 : -1;
    }

    private Optional<PackedPart> inspect(Spool spool, PartName name, byte[] gzip) throws IOException {
        SiftedLines sifted;
        try {
            sifted = unpack(spool, gzip);
        } catch (IOException e) {
            return damaged(spool, name, gzip, e.getMessage());
        }
        if (sifted.rejectedLines() > 0 || sifted.tally.records() == 0) {
            return damaged(spool, name, gzip, "it holds lines that are not trades");
        }
        PartChain.Step step = new PartChain(time).step(spool, name.origin(), sifted.tally, null, -1);
        Manifest manifest = manifest(SealedPart.found(spool, name), gzip, sifted.tally, step, null);
        byte[] json = ManifestJson.write(manifest);
        spool.writeManifest(name, json);
        return Optional.of(new PackedPart(spool, name, gzip, manifest, json));
    }

    private Optional<PackedPart> damaged(Spool spool, PartName name, byte[] gzip, @Nullable String reason)
            throws IOException {
        String message = "{} in {} is damaged ({}): moving it to quarantine/, where its trades can be salvaged by hand";
        LOG.error(message, PartState.PACKED.fileName(name), spool.directory(), reason);
        manifestOf(spool, name).map(Manifest::payload).map(Payload::summary).ifPresent(summary -> {
            // The range may hold ids of other parts as well: they are then recorded twice.
            if (summary.idLast() - summary.idFirst() < summary.recordCount() + SequenceTracker.ORDINARY_GAP) {
                lost.accept(spool.symbol(), new IdRange(summary.idFirst(), summary.idLast()));
            }
        });
        spool.quarantinePacked(name, gzip);
        return Optional.empty();
    }

    /** Renames a packed part to the next free name. */
    PartName rename(PackedPart part) throws IOException {
        PartName old = part.name;
        PartName name = part.spool.reserve(old.instance(), old.origin(), old.epochMs());
        Manifest was = part.manifest;
        String key = KeyLayout.part(part.spool.symbol(), name);
        Payload payload = new Payload(
                key,
                was.payload().summary(),
                was.payload().bytesGzip(),
                was.payload().sha256());
        Manifest renamed =
                new Manifest(was.source(), payload, was.createdAtMs(), was.quality(), was.previous(), was.collector());
        part.spool.renamePacked(old, name, ManifestJson.write(renamed));
        return name;
    }

    private Manifest manifest(
            SealedPart part, byte[] gzip, PartTally tally, PartChain.Step step, @Nullable Checkpoint newest) {
        PartName name = part.name();
        Symbol symbol = part.spool().symbol();
        String key = KeyLayout.part(symbol, name);
        Checkpoint last = name.origin() == Origin.STREAM ? newest : null;
        return new Manifest(
                new Source("binance", "trade", symbol, name.instance()),
                new Payload(key, tally.summary(), gzip.length, Sha256.of(gzip)),
                time.epochMillis(),
                new Quality(
                        step.missing(),
                        part.duplicatesDropped(),
                        tally.outOfOrder(),
                        part.rejected(),
                        part.rotatedBy(),
                        name.origin(),
                        step.resetAt()),
                // After a crash the checkpoint may name this very part, which does not follow itself.
                last == null || last.s3Key().equals(key)
                        ? null
                        : new Previous(last.s3Key(), last.sha256(), last.idLast()),
                software);
    }
}
