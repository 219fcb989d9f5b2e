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
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeIds;
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
import java.util.function.ObjLongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns sealed parts into the objects that will be stored: checks every line, compresses, digests, and writes the
 * manifest, all in one pass and again after every crash. A line that is no whole trade goes to quarantine.
 *
 * <p>{@link #pack} belongs to one thread, because manifests of a symbol form a chain; {@link #load} and {@link #rename}
 * may come from others, for other parts.
 */
final class Packer {

    /** A part is at most the rotation size and one frame over; this is far above and far below the heap. */
    static final int MAX_PART_BYTES = 128 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Packer.class);

    private final int gzipLevel;
    private final Software software;
    private final Time time;
    private final UploadMetrics metrics;
    private final PartChain chain;

    Packer(int gzipLevel, Software software, Time time, UploadMetrics metrics) {
        this.gzipLevel = gzipLevel;
        this.software = software;
        this.time = time;
        this.metrics = metrics;
        this.chain = new PartChain(time);
    }

    /**
     * Packs a part where that has not been done yet.
     *
     * @return whether there is something to upload; not if no line was a trade
     */
    boolean pack(SealedPart part) throws IOException {
        Spool spool = part.spool();
        PartName name = part.name();
        if (!spool.has(PartState.SEALED, name)) {
            return spool.has(PartState.PACKED, name);
        }
        SiftedLines sifted = sift(spool, name);
        if (sifted.rejected().length > 0) {
            spool.quarantine(name, sifted.rejected());
            metrics.linesQuarantined.inc(sifted.rejectedLines());
            LOG.warn(
                    "{} bytes of {} are no whole trade and were put aside in {}/quarantine; normal for the last line"
                            + " after a crash",
                    sifted.rejected().length,
                    PartState.SEALED.fileName(name),
                    spool.directory());
        }
        if (sifted.tally().records() == 0) {
            spool.discardEmpty(name);
            return false;
        }
        Checkpoint last = spool.last().orElse(null);
        if (last != null
                && spool.has(PartState.PACKED, name)
                && PartChain.tellsOf(last, spool, name, sifted.tally())
                && holdsAll(spool, name, sifted.tally())) {
            spool.deleteSealed(name);
            return true;
        }
        try (AppendFile file = spool.createPacking(name)) {
            file.write(sifted.gzip(), 0, sifted.gzip().length);
            file.sync();
        }
        long knownBefore = last == null ? beforeWhatWaits(spool, name, sifted.tally()) : -1;
        Manifest manifest = manifest(spool, name, sifted.gzip(), sifted.tally(), part, last, knownBefore);
        spool.finishPacking(
                name, ManifestJson.write(manifest), chain.after(name, manifest, sifted.tally(), last, knownBefore));
        metrics.idsMissing
                .labelValues(spool.symbol().value())
                .inc(manifest.quality().missingCount());
        return true;
    }

    private static byte[] readPacked(Spool spool, PartName name) throws IOException {
        try (InputStream in = spool.read(PartState.PACKED, name)) {
            return in.readAllBytes();
        }
    }

    private static SiftedLines unpack(Spool spool, byte[] gzip) throws IOException {
        return new SiftedLines(Gzip.decompress(gzip, MAX_PART_BYTES), spool.symbol());
    }

    /** Whether the packed form has the sealed one's lines: it may have been damaged since. */
    private static boolean holdsAll(Spool spool, PartName name, PartTally sealed) throws IOException {
        byte[] gzip = readPacked(spool, name);
        try {
            SiftedLines packed = unpack(spool, gzip);
            return packed.rejectedLines() == 0
                    && packed.tally().records() > 0
                    && packed.tally().summary().equals(sealed.summary());
        } catch (IOException e) {
            LOG.warn("{} is damaged and made again: {}", PartState.PACKED.fileName(name), e.getMessage());
            return false;
        }
    }

    /**
     * Brings the spool's {@code .checkpoint} up to date with what is packed, where a power loss has taken it, or its newest
     * content. Before anything else is packed.
     */
    Optional<Checkpoint> catchUp(Spool spool) throws IOException {
        Checkpoint told = spool.last().orElse(null);
        Checkpoint last = told;
        for (PartName name : spool.list(PartState.PACKED)) {
            boolean isTold = last != null && name.epochMs() <= last.epochMs();
            if (isTold || spool.has(PartState.SEALED, name)) {
                continue;
            }
            Optional<PackedPart> part = load(spool, name);
            if (part.isPresent()) {
                PartTally tally = unpack(spool, part.get().gzip()).tally();
                Checkpoint next = chain.after(name, part.get().manifest(), tally, last, -1);
                last = next == null ? last : next;
            }
        }
        if (last != null && !last.equals(told)) {
            spool.setLast(last);
        }
        return Optional.ofNullable(last);
    }

    /** Hands on the ids of every trade that is recorded above the highest of {@code .checkpoint}, or not packed yet. */
    void unpackedIds(Spool spool, ObjLongConsumer<Origin> ids) throws IOException {
        spool.last().map(Checkpoint::ahead).orElse(List.of()).stream()
                .flatMapToLong(range -> LongStream.rangeClosed(range.first(), range.last()))
                .forEach(id -> ids.accept(Origin.REST, id));
        Map<PartState, List<PartName>> names = spool.list(EnumSet.of(PartState.SEALED, PartState.OPEN));
        for (PartState state : List.of(PartState.SEALED, PartState.OPEN)) {
            for (PartName name : names.getOrDefault(state, List.of())) {
                byte[] lines;
                try (InputStream in = spool.read(state, name)) {
                    lines = in.readNBytes(MAX_PART_BYTES);
                }
                new SiftedLines(lines, spool.symbol()).tally().forEachId(id -> ids.accept(name.origin(), id));
            }
        }
    }

    private SiftedLines sift(Spool spool, PartName name) throws IOException {
        byte[] lines;
        try (InputStream in = spool.read(PartState.SEALED, name)) {
            lines = in.readNBytes(MAX_PART_BYTES);
            if (in.read() >= 0) {
                throw new IOException(name + " is larger than a collector ever makes a part; it stays as it is");
            }
        }
        return new SiftedLines(lines, spool.symbol(), gzipLevel);
    }

    /**
     * Reads a packed part back, and makes its manifest again if the one beside it is missing or belongs to other bytes.
     *
     * @return empty if the file is damaged; it has then been moved to quarantine
     */
    Optional<PackedPart> load(Spool spool, PartName name) throws IOException {
        byte[] gzip = readPacked(spool, name);
        Sha256 sha256 = Sha256.of(gzip);
        Optional<byte[]> json = spool.readManifest(name);
        if (json.isPresent() && isWhole(json.get())) {
            try {
                Manifest manifest = ManifestJson.read(json.get());
                if (manifest.payload().sha256().equals(sha256)
                        && manifest.payload().s3Key().equals(KeyLayout.part(spool.symbol(), name))) {
                    return Optional.of(new PackedPart(spool, name, gzip, manifest, json.get()));
                }
            } catch (IOException e) {
                LOG.warn("{} in {}: {}; made again", name.manifestFileName(), spool.directory(), e.getMessage());
            }
        }
        return inspect(spool, name, gzip);
    }

    /**
     * Of a symbol without notes: the id before the least one in parts that could not be packed yet and begin below this one.
     * What lies between counts as missing, until they are packed; nothing else would tell of the gaps between.
     *
     * @return -1 if there are none
     */
    private static long beforeWhatWaits(Spool spool, PartName name, PartTally tally) throws IOException {
        long least = tally.summary().idFirst();
        for (PartName other : spool.list(PartState.SEALED)) {
            if (other.origin() == Origin.STREAM && !other.equals(name)) {
                try (InputStream in = spool.read(PartState.SEALED, other)) {
                    PartTally waiting = new SiftedLines(in.readNBytes(MAX_PART_BYTES), spool.symbol()).tally();
                    if (waiting.records() > 0) {
                        least = Math.min(least, waiting.summary().idFirst());
                    }
                } catch (IOException e) {
                    LOG.warn("{} in {} could not be read: {}", other, spool.directory(), e.getMessage());
                }
            }
        }
        return least < tally.summary().idFirst() ? least - 1 : -1;
    }

    /** A manifest is not flushed, so a power loss may leave any piece of it, also all but its line feed. */
    private static boolean isWhole(byte[] manifest) {
        return manifest.length > 0 && manifest[manifest.length - 1] == '\n';
    }

    private Optional<PackedPart> inspect(Spool spool, PartName name, byte[] gzip) throws IOException {
        SiftedLines sifted;
        try {
            sifted = unpack(spool, gzip);
        } catch (IOException e) {
            return damaged(spool, name, gzip, e.getMessage());
        }
        if (sifted.rejectedLines() > 0 || sifted.tally().records() == 0) {
            return damaged(spool, name, gzip, "holds lines that are no trades");
        }
        SealedPart part = new SealedPart(spool, name, RotatedBy.RECOVERY, 0, 0);
        Manifest manifest = manifest(spool, name, gzip, sifted.tally(), part, null, -1);
        byte[] json = ManifestJson.write(manifest);
        spool.writeManifest(name, json);
        return Optional.of(new PackedPart(spool, name, gzip, manifest, json));
    }

    private static Optional<PackedPart> damaged(Spool spool, PartName name, byte[] gzip, @Nullable String reason)
            throws IOException {
        LOG.error(
                "{} in {} is damaged ({}); moved to quarantine/, where its trades can be salvaged by hand",
                PartState.PACKED.fileName(name),
                spool.directory(),
                reason);
        spool.quarantinePacked(name, gzip);
        return Optional.empty();
    }

    /** Gives a packed part the next free name. */
    PartName rename(PackedPart part) throws IOException {
        PartName old = part.name();
        PartName name = part.spool().reserve(old.instance(), old.origin(), old.epochMs());
        Manifest was = part.manifest();
        Payload payload = new Payload(
                KeyLayout.part(part.spool().symbol(), name),
                was.payload().summary(),
                was.payload().bytesGzip(),
                was.payload().sha256());
        Manifest renamed =
                new Manifest(was.source(), payload, was.createdAtMs(), was.quality(), was.previous(), was.collector());
        part.spool().renamePacked(old, name, ManifestJson.write(renamed));
        return name;
    }

    private Manifest manifest(
            Spool spool,
            PartName name,
            byte[] gzip,
            PartTally tally,
            SealedPart part,
            @Nullable Checkpoint newest,
            long knownBefore) {
        String key = KeyLayout.part(spool.symbol(), name);
        Checkpoint last = name.origin() == Origin.STREAM ? newest : null;
        boolean countedAnew = last != null
                && TradeIds.isReset(last.highestId(), tally.summary().idLast());
        List<IdRange> missing = name.origin() == Origin.STREAM
                ? PartChain.missing(tally, countedAnew ? null : last, last == null ? knownBefore : -1)
                : List.of();
        return new Manifest(
                new Source("binance", "trade", spool.symbol(), name.instance()),
                new Payload(key, tally.summary(), gzip.length, Sha256.of(gzip)),
                time.epochMillis(),
                new Quality(
                        missing,
                        part.duplicatesDropped(),
                        tally.outOfOrder(),
                        part.rejected(),
                        part.rotatedBy(),
                        name.origin()),
                // After a crash the note may tell of this very part, which does not follow itself.
                last == null || last.s3Key().equals(key)
                        ? null
                        : new Previous(last.s3Key(), last.sha256(), last.idLast()),
                software);
    }
}
