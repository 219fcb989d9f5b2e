package io.marketdata.collector.ship;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Previous;
import io.marketdata.collector.model.Manifest.Quality;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Manifest.Source;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeIds;
import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.LastPart;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.zip.Deflater;
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
    private static final int MAX_PART_BYTES = 128 << 20;

    /** An hour more than missing trades are looked for. */
    private static final long MISSING_KEPT_MS = TimeUnit.HOURS.toMillis(25);

    private static final Logger LOG = LoggerFactory.getLogger(Packer.class);

    private final int gzipLevel;
    private final Software software;
    private final Time time;
    private final Metrics metrics;

    Packer(int gzipLevel, Software software, Time time, Metrics metrics) {
        this.gzipLevel = gzipLevel;
        this.software = software;
        this.time = time;
        this.metrics = metrics;
    }

    /**
     * Packs a part where that has not been done yet.
     *
     * @return whether there is something to ship; not if no line was a trade
     */
    boolean pack(SealedPart part) throws IOException {
        Spool spool = part.spool();
        PartName name = part.name();
        if (!spool.has(PartState.SEALED, name)) {
            return spool.has(PartState.PACKED, name);
        }
        Sifted sifted = sift(spool, name);
        if (sifted.rejected.length > 0) {
            spool.quarantine(name, sifted.rejected);
            metrics.linesQuarantined.inc(sifted.rejectedLines);
            LOG.warn(
                    "{} bytes of {} are no whole trade and were put aside in {}/quarantine; normal for the last line"
                            + " after a crash",
                    sifted.rejected.length,
                    PartState.SEALED.fileName(name),
                    spool.directory());
        }
        if (sifted.tally.records() == 0) {
            spool.discardEmpty(name);
            return false;
        }
        try (AppendFile file = spool.createPacking(name)) {
            file.write(sifted.gzip, 0, sifted.gzip.length);
            file.sync();
        }
        Optional<LastPart> last = spool.last();
        Manifest manifest = manifest(spool, name, sifted.gzip, sifted.tally, part, last.orElse(null));
        spool.finishPacking(name, ManifestJson.write(manifest));
        noteRecorded(spool, name, manifest, sifted.tally, last);
        metrics.idsMissing
                .labelValues(spool.symbol().value())
                .inc(manifest.quality().missingCount());
        return true;
    }

    /**
     * Brings the spool's {@code .last} up to date with what is packed, where a crash fell between the two. Before anything
     * else is packed.
     */
    Optional<LastPart> catchUp(Spool spool) throws IOException {
        Optional<LastPart> last = spool.last();
        for (PartName name : spool.list(PartState.PACKED)) {
            boolean told = last.isPresent() && name.epochMs() <= last.get().epochMs();
            if (told || spool.has(PartState.SEALED, name)) {
                continue;
            }
            Optional<PackedPart> part = load(spool, name);
            if (part.isPresent()) {
                Sifted sifted = new Sifted(
                        Gzip.decompress(part.get().gzip(), MAX_PART_BYTES), spool.symbol(), Deflater.NO_COMPRESSION);
                noteRecorded(spool, name, part.get().manifest(), sifted.tally, last);
                last = spool.last();
            }
        }
        return last;
    }

    /** Hands on the ids of every whole trade in parts that are not packed yet. */
    void unpackedIds(Spool spool, LongConsumer ids) throws IOException {
        for (PartState state : List.of(PartState.SEALED, PartState.OPEN)) {
            for (PartName name : spool.list(state)) {
                byte[] lines;
                try (InputStream in = spool.read(state, name)) {
                    lines = in.readNBytes(MAX_PART_BYTES);
                }
                new Sifted(lines, spool.symbol(), Deflater.NO_COMPRESSION).tally.forEachId(ids);
            }
        }
    }

    private void noteRecorded(Spool spool, PartName name, Manifest manifest, PartTally tally, Optional<LastPart> before)
            throws IOException {
        if (name.origin() == Origin.REST) {
            if (before.isPresent()) {
                MissingIds missing = missing(before);
                tally.removeFrom(missing);
                spool.setLast(before.get().withMissing(missing.holes()));
            }
            return;
        }
        long idLast = manifest.payload().summary().idLast();
        long highest = before.map(LastPart::highestId).orElse(-1L);
        boolean counted = TradeIds.isReset(highest, idLast);
        MissingIds missing = missing(counted ? Optional.empty() : before);
        tally.removeFrom(missing);
        manifest.quality().missingIds().forEach(ids -> missing.add(ids, manifest.createdAtMs()));
        spool.setLast(new LastPart(
                name.epochMs(),
                manifest.payload().s3Key(),
                manifest.payload().sha256(),
                idLast,
                counted ? idLast : Math.max(idLast, highest),
                missing.holes()));
    }

    /** What was missing before, without what nobody looks for any more. */
    private MissingIds missing(Optional<LastPart> last) {
        MissingIds missing = new MissingIds(LastPart.MAX_HOLES);
        long oldest = time.epochMillis() - MISSING_KEPT_MS;
        last.map(LastPart::missing).orElse(List.of()).stream()
                .filter(hole -> hole.since() >= oldest)
                .forEach(missing::add);
        return missing;
    }

    private Sifted sift(Spool spool, PartName name) throws IOException {
        byte[] lines;
        try (InputStream in = spool.read(PartState.SEALED, name)) {
            lines = in.readNBytes(MAX_PART_BYTES);
        }
        return new Sifted(lines, spool.symbol(), gzipLevel);
    }

    /**
     * Reads a packed part back, and makes its manifest anew if the one beside it is missing or belongs to other bytes.
     *
     * @return empty if the file is damaged; it has then been moved to quarantine
     */
    Optional<PackedPart> load(Spool spool, PartName name) throws IOException {
        byte[] gzip;
        try (InputStream in = spool.read(PartState.PACKED, name)) {
            gzip = in.readAllBytes();
        }
        Sha256 sha256 = Sha256.of(gzip);
        Optional<byte[]> json = spool.readManifest(name);
        if (json.isPresent()) {
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

    private Optional<PackedPart> inspect(Spool spool, PartName name, byte[] gzip) throws IOException {
        Sifted sifted;
        try {
            sifted = new Sifted(Gzip.decompress(gzip, MAX_PART_BYTES), spool.symbol(), gzipLevel);
        } catch (IOException e) {
            return damaged(spool, name, e.getMessage());
        }
        if (sifted.rejectedLines > 0 || sifted.tally.records() == 0) {
            return damaged(spool, name, "holds lines that are no trades");
        }
        SealedPart part = new SealedPart(spool, name, RotatedBy.RECOVERY, 0, 0);
        Manifest manifest = manifest(spool, name, gzip, sifted.tally, part, null);
        byte[] json = ManifestJson.write(manifest);
        spool.writeManifest(name, json);
        return Optional.of(new PackedPart(spool, name, gzip, manifest, json));
    }

    private static Optional<PackedPart> damaged(Spool spool, PartName name, @Nullable String reason)
            throws IOException {
        LOG.error(
                "{} in {} is damaged ({}); moved to quarantine/, where its trades can be salvaged by hand",
                PartState.PACKED.fileName(name),
                spool.directory(),
                reason);
        spool.quarantinePacked(name);
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
            Spool spool, PartName name, byte[] gzip, PartTally tally, SealedPart part, @Nullable LastPart newest) {
        LastPart last = name.origin() == Origin.STREAM ? newest : null;
        long highest = last == null
                        || TradeIds.isReset(last.highestId(), tally.summary().idLast())
                ? -1
                : last.highestId();
        List<IdRange> missing = name.origin() == Origin.STREAM ? tally.missing(highest) : List.of();
        return new Manifest(
                new Source("binance", "trade", spool.symbol(), name.instance()),
                new Payload(KeyLayout.part(spool.symbol(), name), tally.summary(), gzip.length, Sha256.of(gzip)),
                time.epochMillis(),
                new Quality(
                        missing,
                        part.duplicatesDropped(),
                        tally.outOfOrder(),
                        part.rejected(),
                        part.rotatedBy(),
                        name.origin()),
                last == null ? null : new Previous(last.s3Key(), last.sha256(), last.idLast()),
                software);
    }

    /** The lines of a part, the trades compressed and counted, the rest kept apart. */
    private static final class Sifted {
        final PartTally tally = new PartTally();
        final byte[] gzip;
        final byte[] rejected;
        int rejectedLines;

        Sifted(byte[] lines, Symbol symbol, int gzipLevel) throws IOException {
            LineCheck check = new LineCheck(symbol);
            ByteArrayOutputStream compressed = new ByteArrayOutputStream(lines.length / 8 + 1_024);
            ByteArrayOutputStream bad = new ByteArrayOutputStream(0);
            try (OutputStream out = Gzip.compressing(compressed, gzipLevel)) {
                for (int from = 0, to; from < lines.length; from = to) {
                    to = endOfLine(lines, from);
                    if (lines[to - 1] == '\n' && check.isTrade(lines, from, to - 1 - from)) {
                        out.write(lines, from, to - from);
                        tally.add(check.id(), check.tradeTimeMs(), to - from);
                    } else {
                        bad.write(lines, from, to - from);
                        rejectedLines++;
                    }
                }
            }
            gzip = compressed.toByteArray();
            rejected = bad.toByteArray();
        }

        private static int endOfLine(byte[] lines, int from) {
            int i = from;
            while (i < lines.length && lines[i] != '\n') {
                i++;
            }
            return Math.min(i + 1, lines.length);
        }
    }
}
