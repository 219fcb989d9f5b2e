package io.marketdata.collector.upload;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Checks the files of a spool as the packer and the uploader will read them: reports what is wrong with each, and what
 * will happen to it. Changes nothing and takes no lock, so it may be used beside a collector; files that the collector
 * writes meanwhile are no damage.
 *
 * <p>Lines carry no digest: a bit that flipped inside a value of a line that is not packed yet is not found.
 *
 * <p>One thread. Memory holds one part at a time.
 */
public final class SpoolCheck {

    private static final String QUARANTINED = "quarantined when the part is packed; ";
    private static final String DELETED = "deleted by the next start";
    private static final String REBUILT = "rebuilt from the part before the upload";

    private final Consumer<Finding> findings;
    private long files;
    private long trades;
    private long notes;
    private long damaged;

    /**
     * A fact about a file that the operator should know.
     *
     * @param isDamage whether the file is not as the collector left it; otherwise the finding is a note
     * @param what was found
     * @param next what will happen to the file
     */
    public record Finding(SpoolFolder folder, SpoolFile file, boolean isDamage, String what, String next) {}

    /** @param findings receives each finding immediately */
    public SpoolCheck(Consumer<Finding> findings) {
        this.findings = findings;
    }

    /** Checks every file of a directory, in the order of their names. */
    public void run(SpoolFolder folder) throws IOException {
        List<SpoolFile> all = new ArrayList<>();
        folder.forEach(all::add);
        all.sort(Comparator.comparing(SpoolFile::name));
        for (SpoolFile file : all) {
            files++;
            check(folder, file);
        }
    }

    /** Number of files checked. */
    public long files() {
        return files;
    }

    /** Number of complete trade records in them; a part that is both sealed and packed counts twice. */
    public long trades() {
        return trades;
    }

    /** Number of findings that are no damage. */
    public long notes() {
        return notes;
    }

    /** Number of findings that are damage. */
    public long damaged() {
        return damaged;
    }

    private void check(SpoolFolder folder, SpoolFile file) throws IOException {
        PartName part = file.part();
        switch (file.kind()) {
            case OPEN, SEALED -> checkLines(folder, file);
            case PACKED -> checkPacked(folder, file, Objects.requireNonNull(part));
            case PACKING -> {
                boolean sealed = part != null && folder.has(PartState.SEALED, part);
                note(folder, file, "half-packed", sealed ? "packed again" : DELETED);
            }
            case MANIFEST -> {
                if (part != null && !folder.has(PartState.PACKED, part) && !folder.has(PartState.SEALED, part)) {
                    note(folder, file, "manifest without a part", DELETED);
                }
            }
            case CHECKPOINT -> checkCheckpoint(folder, file);
            case HALF_WRITTEN -> note(folder, file, "interrupted replacement of a small file", DELETED);
            case QUARANTINED -> checkQuarantined(folder, file);
            case UNKNOWN -> note(folder, file, "not a file of the collector", "left unchanged");
            case LOCK, INDEX -> {
                // Opening the lock file could drop the collector's lock. An index only repeats what the bucket has.
            }
        }
    }

    private void checkLines(SpoolFolder folder, SpoolFile file) throws IOException {
        Optional<byte[]> lines = read(folder, file);
        if (lines.isEmpty()) {
            return;
        }
        SiftedLines found = new SiftedLines(lines.get(), folder.symbol());
        int records = found.tally.records();
        trades += records;
        String next = QUARANTINED
                + switch (records) {
                    case 0 -> "then the part is empty and is deleted";
                    case 1 -> "its 1 complete trade is uploaded";
                    default -> "its " + records + " complete trades are uploaded";
                };
        if (file.kind() == SpoolFile.Kind.SEALED && lines.get().length == 0) {
            note(folder, file, "empty", "deleted when it is packed");
        }
        if (badLines(found) > 0) {
            damage(folder, file, describe(found), next);
        }
        if (found.tornBytes() > 0) {
            checkTorn(folder, file, found.tornBytes(), next);
        }
    }

    /** A crash leaves a torn line in an open file; it is renamed as it is at the next start. */
    private void checkTorn(SpoolFolder folder, SpoolFile file, int bytes, String next) {
        String what = "the last line is torn, " + LogText.count(bytes, "byte") + " without a line feed";
        if (file.kind() == SpoolFile.Kind.OPEN) {
            note(folder, file, what + "; normal while it is written, and after a crash", next);
        } else {
            damage(folder, file, what + "; normal only after a crash", next);
        }
    }

    /** Number of rejected lines that end with a line feed. */
    private static int badLines(SiftedLines lines) {
        return lines.rejectedLines() - (lines.tornBytes() > 0 ? 1 : 0);
    }

    private static String describe(SiftedLines lines) {
        int bad = badLines(lines);
        return switch (bad) {
            case 0 -> lines.tornBytes() > 0 ? "its last line is torn" : "holds no trade";
            case 1 -> "line " + lines.firstRejected() + " is not a trade of this symbol";
            default -> bad + " lines, the first is line " + lines.firstRejected() + ", are not trades of this symbol";
        };
    }

    private Optional<byte[]> read(SpoolFolder folder, SpoolFile file) throws IOException {
        if (file.bytes() > Packer.MAX_PART_BYTES) {
            String what = "larger than a part that fits into memory, " + file.bytes() + " bytes";
            damage(
                    folder,
                    file,
                    what,
                    "not uploaded; if it is a part, start with a larger heap (-Xmx), otherwise move it away");
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
        boolean matches = manifest.isPresent()
                && manifest.get().payload().sha256().equals(Sha256.of(gzip))
                && manifest.get().payload().s3Key().equals(KeyLayout.part(folder.symbol(), part));
        SiftedLines found;
        try {
            found = new SiftedLines(Gzip.decompress(gzip, Packer.MAX_PART_BYTES), folder.symbol());
        } catch (IOException e) {
            damage(folder, file, "not a complete gzip file: " + e.getMessage(), nextOfDamaged(folder, part, matches));
            return;
        }
        trades += found.tally.records();
        int extra = gzip.length - Gzip.completeBytes(gzip);
        if (extra > 0) {
            String what = extra + (extra == 1 ? " byte follows" : " bytes follow") + " the end of the gzip file";
            damage(folder, file, what, "uploaded unchanged, with a rebuilt manifest; its trades are readable");
        } else if (found.rejectedLines() > 0 || found.tally.records() == 0) {
            damage(folder, file, describe(found), nextOfDamaged(folder, part, matches));
        } else if (manifest.isPresent()) {
            checkManifest(folder, file, manifest.get(), matches, found.tally.summary());
        }
    }

    /** What will happen to a damaged packed part. */
    private static String nextOfDamaged(SpoolFolder folder, PartName part, boolean matches) {
        if (folder.has(PartState.SEALED, part)) {
            return "packed again from " + PartState.SEALED.fileName(part);
        }
        return matches
                ? "uploaded unchanged, because its manifest describes exactly these bytes"
                : "moved to quarantine/ instead of being uploaded; salvage its trades by hand, or fetch them with"
                        + " backfill";
    }

    private void checkManifest(SpoolFolder folder, SpoolFile file, Manifest json, boolean matches, PartSummary found) {
        PartSummary described = json.payload().summary();
        if (!matches) {
            damage(folder, file, "its manifest describes other bytes or another name", REBUILT);
        } else if (!described.equals(found)) {
            damage(folder, file, "holds " + found + ", but its manifest says " + described, "uploaded unchanged");
        }
    }

    /** The manifest beside a packed part; empty, with a finding, if it cannot be read. */
    private Optional<Manifest> manifest(SpoolFolder folder, SpoolFile file, PartName part) throws IOException {
        Optional<byte[]> json = folder.read(part.manifestFileName(), Spool.MAX_MANIFEST_BYTES + 1);
        if (json.isEmpty()) {
            if (folder.has(PartState.PACKED, part)) {
                note(folder, file, "has no manifest", REBUILT);
            }
            return Optional.empty();
        }
        try {
            return Optional.of(ManifestJson.read(json.get()));
        } catch (IOException e) {
            damage(folder, file, "its manifest cannot be read: " + e.getMessage(), REBUILT);
            return Optional.empty();
        }
    }

    private void checkCheckpoint(SpoolFolder folder, SpoolFile file) throws IOException {
        Optional<byte[]> bytes = folder.read(file.name(), Checkpoint.MAX_BYTES + 1);
        if (bytes.isEmpty()) {
            return;
        }
        Optional<Checkpoint> checkpoint = Checkpoint.parse(bytes.get());
        if (checkpoint.isEmpty()) {
            String next = "ignored; the next start does not know which earlier trades are missing, and one manifest has"
                    + " no previous";
            damage(folder, file, "cannot be read", next);
            return;
        }
        List<Gap> gaps = checkpoint.get().missing();
        long missing = gaps.stream().mapToLong(gap -> gap.ids().count()).sum();
        if (missing > 0) {
            String what = missing == 1 ? "1 trade is known to be missing" : missing + " trades are known to be missing";
            note(folder, file, what, "backfilled when the collector starts next");
        }
    }

    private void checkQuarantined(SpoolFolder folder, SpoolFile file) {
        if (file.isDamagedPart()) {
            String next = "kept; salvage its trades by hand, or fetch them with backfill, then delete it";
            damage(folder, file, "damaged part", next);
        } else {
            String what = LogText.count(file.bytes(), "byte") + " without a complete trade record";
            note(folder, file, what, "kept; delete it when you like");
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
}
