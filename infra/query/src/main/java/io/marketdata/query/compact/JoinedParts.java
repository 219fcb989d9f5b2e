package io.marketdata.query.compact;

import io.marketdata.collector.audit.HourParts;
import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.audit.Part;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.query.compact.HourCommit.UsedPart;
import io.marketdata.query.compact.HourSource.LeftOut;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an hour, fetched and appended to a few local files: gzip members may be joined, and DuckDB reads few files
 * faster than thousands. Each part is checked against the digest of its manifest first; one without a manifest is checked
 * line by line. Several threads fetch.
 */
final class JoinedParts implements AutoCloseable {

    /** As many as DuckDB has threads: gzip cannot be split. */
    private static final int FILES = 2;

    /** Of all parts that are in memory at once. */
    private static final int MEMORY_KIB = 32 << 10;

    private static final int LARGEST_PART = 128 << 20;

    private final HourSource source;
    private final Path directory;
    private final List<Segment> segments = new ArrayList<>();
    private final List<LeftOut> leftOut = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore memory = new Semaphore(MEMORY_KIB);
    private final RandomAccessFile[] out = new RandomAccessFile[FILES];
    private final long[] ends = new long[FILES];

    /**
     * A part in a joined file.
     *
     * @param lines that it holds
     */
    record Segment(Part part, long lines, int file, long offset, int length) {}

    private JoinedParts(HourSource source, Path directory) throws IOException {
        this.source = source;
        this.directory = directory;
        for (int i = 0; i < FILES; i++) {
            out[i] = new RandomAccessFile(file(i).toFile(), "rw");
        }
    }

    /**
     * Fetches all parts.
     *
     * @param directory that is empty
     * @param notSeen gets why parts could not be fetched
     */
    static JoinedParts fetch(
            ObjectStore store, HourSource source, Path directory, Parallel parallel, List<String> notSeen)
            throws InterruptedException, IOException {
        Files.createDirectories(directory);
        JoinedParts joined = new JoinedParts(source, directory);
        List<Part> parts = source.parts();
        notSeen.addAll(parallel.run("parts fetched", parts.size(), number -> joined.fetch(store, parts.get(number))));
        joined.segments.sort(Comparator.comparing(segment -> segment.part().key()));
        return joined;
    }

    private void fetch(ObjectStore store, Part part) throws StoreException {
        int kib = (int) Math.min(MEMORY_KIB, part.bytes() / 1024 + 1);
        memory.acquireUninterruptibly(kib);
        try {
            byte[] gzip = store.get(part.key(), (int) Math.min(part.bytes() + 1, LARGEST_PART))
                    .orElse(new byte[0]);
            if (part.sha256() != null && !Sha256.of(gzip).equals(part.sha256())) {
                leftOut.add(new LeftOut(part.key(), "its SHA-256 is not the one of its manifest"));
                return;
            }
            @Nullable PartSummary summary = part.summary() == null ? content(part, gzip) : part.summary();
            if (summary != null) {
                append(part, summary, gzip);
            }
        } finally {
            memory.release(kib);
        }
    }

    /** Null if its lines are not those of a part. */
    private @Nullable PartSummary content(Part part, byte[] gzip) {
        try {
            return HourParts.content(source.symbol(), part.name(), gzip);
        } catch (IOException e) {
            leftOut.add(new LeftOut(part.key(), LogText.of(String.valueOf(e.getMessage()))));
            return null;
        }
    }

    private synchronized void append(Part part, PartSummary summary, byte[] gzip) {
        if (summary.timeMinMs() < source.hourMs() || summary.timeMaxMs() >= source.hourMs() + HourSource.HOUR_MS) {
            leftOut.add(new LeftOut(
                    part.key(), "it holds trades of more than one hour; parts of more than an hour are not supported"));
            return;
        }
        int file = ends[0] <= ends[1] ? 0 : 1;
        try {
            out[file].seek(ends[file]);
            out[file].write(gzip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        segments.add(new Segment(part, summary.recordCount(), file, ends[file], gzip.length));
        ends[file] += gzip.length;
    }

    private Path file(int number) {
        return directory.resolve("joined-" + number + ".jsonl.gz");
    }

    /** The files with lines. */
    List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            if (ends[i] > 0) {
                files.add(file(i));
            }
        }
        return files;
    }

    long lines() {
        return segments.stream().mapToLong(Segment::lines).sum();
    }

    List<UsedPart> used() {
        return segments.stream()
                .map(segment -> new UsedPart(segment.part(), segment.lines()))
                .toList();
    }

    List<Segment> segments() {
        return List.copyOf(segments);
    }

    /** In the order of their keys. */
    List<LeftOut> leftOut() {
        return leftOut.stream().sorted(Comparator.comparing(LeftOut::key)).toList();
    }

    /** The bytes of one part. */
    byte[] bytes(Segment segment) throws IOException {
        return bytes(segment, out[segment.file()]);
    }

    private static byte[] bytes(Segment segment, RandomAccessFile file) throws IOException {
        byte[] gzip = new byte[segment.length()];
        file.seek(segment.offset());
        file.readFully(gzip);
        return gzip;
    }

    /**
     * Reads every line of every part, and joins again those whose lines are what their manifests say.
     *
     * @return whether any was left out
     */
    boolean leaveOutUnreadable() throws IOException {
        List<Segment> before = List.copyOf(segments);
        segments.clear();
        RandomAccessFile[] former = out.clone();
        for (int i = 0; i < FILES; i++) {
            ends[i] = 0;
            Files.delete(file(i));
            out[i] = new RandomAccessFile(file(i).toFile(), "rw");
        }
        for (Segment segment : before) {
            byte[] gzip = bytes(segment, former[segment.file()]);
            @Nullable PartSummary summary = content(segment.part(), gzip);
            if (summary != null && summary.recordCount() == segment.lines()) {
                append(segment.part(), summary, gzip);
            } else if (summary != null) {
                leftOut.add(new LeftOut(
                        segment.part().key(),
                        "it holds " + summary.recordCount() + " lines, its manifest says " + segment.lines()));
            }
        }
        for (RandomAccessFile file : former) {
            file.close();
        }
        return segments.size() < before.size();
    }

    /** Where the bytes of one part may be written alone. */
    Path alone(int number) {
        return directory.resolve("part-" + number + ".jsonl.gz");
    }

    @Override
    public void close() throws IOException {
        for (RandomAccessFile file : out) {
            file.close();
        }
    }
}
