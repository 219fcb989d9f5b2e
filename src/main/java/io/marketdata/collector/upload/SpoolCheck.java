package io.marketdata.collector.upload;

import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a spool as the packer and the uploader will, says what is wrong with each file, and what will happen with it.
 * Changes nothing and takes no lock, so it may be used beside a collector; what it writes meanwhile is no fault.
 *
 * <p>Lines carry no digest: a bit that flipped inside a value of a line that is not packed yet is not found.
 *
 * <p>One thread. Memory holds one part at a time.
 */
public final class SpoolCheck {

    private static final String REST_IS_KEPT = "put aside in quarantine/ when the part is packed; ";
    private static final String DELETED = "deleted by the next start";
    private static final String MADE_AGAIN = "it is made again from the part before the upload";

    private final Consumer<Finding> findings;
    private long files;
    private long trades;
    private long notes;
    private long damaged;

    /**
     * Something that a person should know of a file.
     *
     * @param isDamage whether something is not as the collector has left it; otherwise it is only told
     * @param what is found
     * @param next what will happen with the file
     */
    public record Finding(SpoolFolder folder, SpoolFile file, boolean isDamage, String what, String next) {}

    /** @param findings told of each when it is found */
    public SpoolCheck(Consumer<Finding> findings) {
        this.findings = findings;
    }

    /** Reads every file of a directory, in the order of their names. */
    public void run(SpoolFolder folder) throws IOException {
        List<SpoolFile> all = new ArrayList<>();
        folder.forEach(all::add);
        all.sort(java.util.Comparator.comparing(SpoolFile::name));
        for (SpoolFile file : all) {
            files++;
            check(folder, file);
        }
    }

    /** Files looked at. */
    public long files() {
        return files;
    }

    /** Whole trades in them; those of a part that lies there twice, twice. */
    public long trades() {
        return trades;
    }

    /** Findings that are no damage. */
    public long notes() {
        return notes;
    }

    /** Findings that are damage. */
    public long damaged() {
        return damaged;
    }

    private void check(SpoolFolder folder, SpoolFile file) throws IOException {
        PartName part = file.part();
        switch (file.kind()) {
            case OPEN, SEALED -> checkLines(folder, file);
            case PACKED -> checkPacked(folder, file, java.util.Objects.requireNonNull(part));
            case PACKING -> {
                boolean sealed = part != null && folder.has(PartState.SEALED, part);
                note(folder, file, "half-packed", sealed ? "packed again" : DELETED);
            }
            case MANIFEST -> {
                if (part != null && !folder.has(PartState.PACKED, part) && !folder.has(PartState.SEALED, part)) {
                    note(folder, file, "the manifest of a part that is not here", DELETED);
                }
            }
            case LAST -> checkLast(folder, file);
            case HALF_WRITTEN -> note(folder, file, "a small file that was being replaced", DELETED);
            case QUARANTINED -> checkQuarantined(folder, file);
            case UNKNOWN -> note(folder, file, "not a name that the collector gives", "nothing; it is left alone");
            case LOCK -> {
                // opening it could drop somebody's lock
            }
        }
    }

    private void checkLines(SpoolFolder folder, SpoolFile file) throws IOException {
        Optional<byte[]> lines = read(folder, file);
        if (lines.isEmpty()) {
            return;
        }
        Lines found = new Lines(folder, lines.get());
        trades += found.tally.records();
        String kept = found.tally.records() == 0
                ? "then nothing is left of the part and it is deleted"
                : "its " + found.tally.records() + " whole trades are uploaded";
        if (file.kind() == SpoolFile.Kind.SEALED && lines.get().length == 0) {
            note(folder, file, "empty", "deleted when it is packed");
        }
        if (found.bad > 0) {
            damage(folder, file, found.describe(), REST_IS_KEPT + kept);
        }
        if (found.tornBytes > 0) {
            // A crash leaves such a line in an open file; it is renamed as it is at the next start.
            String what = "the last line is torn, " + found.tornBytes + " bytes without a line feed";
            if (file.kind() == SpoolFile.Kind.OPEN) {
                note(folder, file, what + "; normal while it is written, and after a crash", REST_IS_KEPT + kept);
            } else {
                damage(folder, file, what + "; normal only after a crash", REST_IS_KEPT + kept);
            }
        }
    }

    private Optional<byte[]> read(SpoolFolder folder, SpoolFile file) throws IOException {
        if (file.bytes() > Packer.MAX_PART_BYTES) {
            damage(
                    folder,
                    file,
                    "larger than any part, " + file.bytes() + " bytes",
                    "only its beginning is uploaded; move it away before the next start");
            return Optional.empty();
        }
        return folder.read(file.name(), Packer.MAX_PART_BYTES);
    }

    private void checkPacked(SpoolFolder folder, SpoolFile file, PartName part) throws IOException {
        Optional<byte[]> read = read(folder, file);
        if (read.isEmpty()) {
            return;
        }
        byte[] gzip = read.get();
        Optional<Manifest> manifest = manifest(folder, file, part);
        boolean told = manifest.isPresent()
                && manifest.get().payload().sha256().equals(Sha256.of(gzip))
                && manifest.get().payload().s3Key().equals(KeyLayout.part(folder.symbol(), part));
        Lines found;
        try {
            found = new Lines(folder, Gzip.decompress(gzip, Packer.MAX_PART_BYTES));
        } catch (IOException e) {
            damage(folder, file, "no whole gzip file: " + e.getMessage(), ofDamaged(folder, part, told));
            return;
        }
        trades += found.tally.records();
        int whole = Gzip.wholeBytes(gzip);
        if (whole < gzip.length) {
            damage(
                    folder,
                    file,
                    (gzip.length - whole) + " bytes follow the end of the gzip file",
                    "uploaded as it is, with a manifest made again; its trades can be read");
        } else if (found.bad > 0 || found.tornBytes > 0 || found.tally.records() == 0) {
            damage(folder, file, found.describe(), ofDamaged(folder, part, told));
        } else if (manifest.isPresent()) {
            checkManifest(folder, file, manifest.get(), told, found);
        }
    }

    /** What becomes of a packed part that is not whole. */
    private static String ofDamaged(SpoolFolder folder, PartName part, boolean told) {
        if (folder.has(PartState.SEALED, part)) {
            return "packed again from " + PartState.SEALED.fileName(part);
        }
        return told
                ? "uploaded as it is, because its manifest tells of these very bytes"
                : "moved to quarantine/ instead of being uploaded; salvage its trades by hand, or fetch them with"
                        + " backfill";
    }

    private void checkManifest(SpoolFolder folder, SpoolFile file, Manifest manifest, boolean told, Lines found) {
        if (!told) {
            damage(folder, file, "the manifest beside it tells of other bytes or another name", MADE_AGAIN);
        } else if (!manifest.payload().summary().equals(found.tally.summary())) {
            damage(
                    folder,
                    file,
                    "holds " + found.tally.summary() + ", but its manifest says "
                            + manifest.payload().summary(),
                    "uploaded as it is");
        }
    }

    /** The manifest beside a packed part, if it can be read; if not, that is told of. */
    private Optional<Manifest> manifest(SpoolFolder folder, SpoolFile file, PartName part) throws IOException {
        Optional<byte[]> json = folder.read(part.manifestFileName(), Packer.MAX_PART_BYTES);
        if (json.isEmpty()) {
            if (folder.has(PartState.PACKED, part)) {
                note(folder, file, "has no manifest beside it", MADE_AGAIN);
            }
            return Optional.empty();
        }
        try {
            return Optional.of(ManifestJson.read(json.get()));
        } catch (IOException e) {
            damage(folder, file, "its manifest cannot be read: " + e.getMessage(), MADE_AGAIN);
            return Optional.empty();
        }
    }

    private void checkLast(SpoolFolder folder, SpoolFile file) throws IOException {
        Optional<byte[]> bytes = folder.read(file.name(), Packer.MAX_PART_BYTES);
        if (bytes.isEmpty()) {
            return;
        }
        Optional<Checkpoint> last = Checkpoint.parse(bytes.get());
        if (last.isEmpty()) {
            damage(
                    folder,
                    file,
                    "cannot be read",
                    "ignored; the next start does not know what is missing before it, and one manifest has no"
                            + " previous");
        } else if (!last.get().missing().isEmpty()) {
            long missing = last.get().missing().stream()
                    .mapToLong(gap -> gap.ids().count())
                    .sum();
            note(folder, file, missing + " trades are known to be missing", "fetched by the collector's next start");
        }
    }

    private void checkQuarantined(SpoolFolder folder, SpoolFile file) {
        if (file.isDamagedPart()) {
            damage(
                    folder,
                    file,
                    "a whole part, put aside because it was damaged",
                    "nothing; salvage its trades by hand, or fetch them with backfill, then delete it");
        } else {
            note(folder, file, "bytes that were no whole trade, " + file.bytes(), "nothing; delete it when you like");
        }
    }

    private void note(SpoolFolder folder, SpoolFile file, String what, String next) {
        notes++;
        findings.accept(new Finding(folder, file, false, what, next));
    }

    private void damage(SpoolFolder folder, SpoolFile file, String what, String next) {
        damaged++;
        findings.accept(new Finding(folder, file, true, what, next));
    }

    /** The lines of a part, judged as the packer does. */
    private static final class Lines {
        final PartTally tally = new PartTally();
        int bad;
        int firstBad;
        int tornBytes;

        Lines(SpoolFolder folder, byte[] lines) {
            LineCheck check = new LineCheck(folder.symbol());
            int number = 0;
            for (int from = 0, to; from < lines.length; from = to) {
                to = SiftedLines.endOfLine(lines, from);
                number++;
                if (lines[to - 1] != '\n') {
                    tornBytes = to - from;
                } else if (check.isTrade(lines, from, to - 1 - from)) {
                    tally.add(check.id(), check.tradeTimeMs(), to - from);
                } else if (bad++ == 0) {
                    firstBad = number;
                }
            }
        }

        String describe() {
            if (bad == 0) {
                return tornBytes > 0 ? "its last line is torn" : "holds no trade";
            }
            return (bad == 1 ? "line " + firstBad + " is" : bad + " lines, the first is line " + firstBad + ", are")
                    + " no trade of this symbol";
        }
    }
}
