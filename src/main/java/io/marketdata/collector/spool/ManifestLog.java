package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The manifests of one symbol that the bucket has confirmed and that are in no index yet, in a file for each instance and
 * UTC hour. A manifest takes about 700 bytes, an hour of parts of 5 s about 500 KiB.
 *
 * <p>What a crash after each step leaves:
 *
 * <ol>
 *   <li>append a line to {@code .jsonl.open}, fsync, and for a new name fsync the directory: a line, perhaps torn, whose
 *       part is still in the spool and is confirmed and appended again
 *   <li>the part is deleted, see {@link Spool#deleteUploaded}: the line is durable
 *   <li>rename to {@code .jsonl}, fsync the directory: a sealed file; later lines begin another open one
 *   <li>the bucket confirms the index: a sealed file, put again, found in the bucket
 *   <li>delete {@code .jsonl}: nothing
 * </ol>
 *
 * <p>A line begins with a line feed of its own, so that what a crash has torn ends there. Any thread.
 */
public final class ManifestLog {

    /** Of a file, and of all sealed ones; about 23,000 manifests. */
    public static final int MAX_BYTES = 16 << 20;

    /** Of lines in memory that could not be written. */
    private static final int MAX_UNWRITTEN_BYTES = 1 << 20;

    private final FileOps disk;
    private final Path directory;

    @GuardedBy("this")
    private final Deque<Line> unwritten = new ArrayDeque<>();

    @GuardedBy("this")
    private int unwrittenBytes;

    /** Manifests that are in no index, since the last report. */
    @GuardedBy("this")
    private int dropped;

    /** Open files whose names are durable. */
    @GuardedBy("this")
    private final Set<IndexFile> named = new HashSet<>();

    private static final class Line {
        private final IndexFile file;
        private final byte[] bytes;

        Line(IndexFile file, byte[] bytes) {
            this.file = file;
            this.bytes = bytes;
        }
    }

    ManifestLog(FileOps disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /**
     * Appends the manifest of a part, durably, after the ones that could not be appended before.
     *
     * @param manifest as it is in the bucket, one line
     * @return how many manifests had to be dropped since the last call that returned, because the file of their hour or the
     *     memory is full
     * @throws IOException if it cannot be written; it is then in memory, for the next call or {@link #flush}
     */
    public synchronized int add(PartName part, byte[] manifest) throws IOException {
        byte[] line = new byte[manifest.length + 1];
        line[0] = '\n';
        System.arraycopy(manifest, 0, line, 1, manifest.length);
        unwritten.add(new Line(IndexFile.of(part), line));
        unwrittenBytes += line.length;
        while (unwrittenBytes > MAX_UNWRITTEN_BYTES && unwritten.size() > 1) {
            remove();
            dropped++;
        }
        flush();
        int reported = dropped;
        dropped = 0;
        return reported;
    }

    /** Writes what could not be written before. */
    public synchronized void flush() throws IOException {
        for (Line line = unwritten.peek(); line != null; line = unwritten.peek()) {
            Path file = open(line.file);
            if (disk.size(file) + line.bytes.length > MAX_BYTES) {
                dropped++;
            } else {
                write(line, file);
            }
            remove();
        }
    }

    @GuardedBy("this")
    private void remove() {
        unwrittenBytes -= unwritten.remove().bytes.length;
    }

    @GuardedBy("this")
    private void write(Line line, Path file) throws IOException {
        try (AppendFile out = disk.append(file)) {
            out.write(line.bytes, 0, line.bytes.length);
            out.sync();
        }
        if (!named.contains(line.file)) {
            disk.syncDirectory(directory);
            named.add(line.file);
        }
    }

    private Path open(IndexFile file) {
        return directory.resolve(file + IndexFile.OPEN);
    }

    private Path sealed(IndexFile file) {
        return directory.resolve(file + IndexFile.SEALED);
    }

    /**
     * Seals the files of all hours that began before {@code beforeMs}, unless one of that hour is sealed already: then the
     * open one is sealed after that one has been deleted.
     *
     * @param beforeMs ms since 1970 UTC
     * @return every sealed file, oldest first
     */
    public synchronized NavigableSet<IndexFile> seal(long beforeMs) throws IOException {
        NavigableSet<IndexFile> sealed = list(IndexFile.SEALED);
        NavigableSet<IndexFile> due = list(IndexFile.OPEN);
        due.removeIf(file -> file.hourMs() >= beforeMs || sealed.contains(file));
        for (IndexFile file : due) {
            disk.rename(open(file), sealed(file));
            named.remove(file);
        }
        if (!due.isEmpty()) {
            // Otherwise a power loss could take the rename, and keep the next open file of that name.
            disk.syncDirectory(directory);
        }
        sealed.addAll(due);
        return sealed;
    }

    private NavigableSet<IndexFile> list(String suffix) throws IOException {
        NavigableSet<IndexFile> files = new TreeSet<>();
        for (String name : disk.list(directory)) {
            IndexFile.parse(name).filter(file -> name.equals(file + suffix)).ifPresent(files::add);
        }
        return files;
    }

    /** The content of a sealed file. Blank lines and a torn one are among its lines, and a manifest may be there twice. */
    public byte[] read(IndexFile file) throws IOException {
        try (InputStream in = disk.read(sealed(file))) {
            return in.readNBytes(MAX_BYTES);
        }
    }

    /** Deletes a sealed file. Only after the bucket has confirmed its index, or if it holds none. */
    public void delete(IndexFile file) throws IOException {
        disk.delete(sealed(file));
    }

    /**
     * Deletes the oldest sealed files until all together have at most {@link #MAX_BYTES}. Only the index of their hours is
     * lost: the manifests are in the bucket.
     *
     * @return number of deleted files
     */
    public int trim() throws IOException {
        long bytes = 0;
        Deque<IndexFile> newestFirst = new ArrayDeque<>();
        for (IndexFile file : list(IndexFile.SEALED)) {
            newestFirst.push(file);
        }
        int deleted = 0;
        for (IndexFile file : newestFirst) {
            bytes += disk.size(sealed(file));
            if (bytes > MAX_BYTES) {
                delete(file);
                deleted++;
            }
        }
        return deleted;
    }
}
