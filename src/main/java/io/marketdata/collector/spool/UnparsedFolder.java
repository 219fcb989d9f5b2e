package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code LOCAL_DIR/unparsed/}, and every step that a file of frames takes in it. The name is the state, and a crash after
 * each step leaves:
 *
 * <ol>
 *   <li>create {@code .jsonl.open}, append lines: an open file, perhaps with a torn last line; the next start seals it
 *       as it is
 *   <li>fsync the file and the directory, within 1 s: the lines survive a power loss from here on
 *   <li>fsync, rename to {@code .jsonl}: a sealed file
 *   <li>the bucket confirms the object: a sealed file, uploaded again, found in the bucket
 *   <li>delete {@code .jsonl}: nothing
 * </ol>
 *
 * <p>Any thread; the directory's lock keeps other processes out.
 */
public final class UnparsedFolder implements Closeable {

    /** Name of the directory below {@code LOCAL_DIR}, and of the folder in the bucket. */
    public static final String NAME = "unparsed";

    /** Pattern of the names of its files of frames. */
    static final String FILES = "frames-*";

    /** What version 0.1.0 called it; its files are adopted. */
    static final String FORMER_NAME = "rejected";

    /** Of a sealed file: sealed at 2 MiB, and one line of a frame of 1 MiB, most of which may be escapes. */
    private static final int MAX_BYTES = 16 << 20;

    private static final String SEALED = ".jsonl";
    private static final String OPEN = ".jsonl.open";

    private final FileOps disk;
    private final Path directory;
    private final Closeable lock;

    @GuardedBy("this")
    private final Map<FramesName, Long> sizes = new HashMap<>();

    private UnparsedFolder(FileOps disk, Path directory, Closeable lock) {
        this.disk = disk;
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Creates the directory if it is missing, takes its lock, and seals what an earlier run left open.
     *
     * @param instance names the files of version 0.1.0, which carry no instance
     * @throws FileOps.LockedException if another process holds the lock
     */
    static UnparsedFolder open(FileOps disk, Path localDir, InstanceId instance) throws IOException {
        Path directory = localDir.resolve(NAME);
        disk.createDirectories(directory);
        UnparsedFolder folder = new UnparsedFolder(disk, directory, disk.lock(directory.resolve(Spool.LOCK)));
        try {
            folder.recover(localDir.resolve(FORMER_NAME), instance);
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
        return folder;
    }

    private synchronized void recover(Path former, InstanceId instance) throws IOException {
        for (String file : disk.list(directory)) {
            Optional<FramesName> open = name(file, OPEN);
            if (open.isPresent()) {
                disk.sync(directory.resolve(file));
                disk.rename(directory.resolve(file), path(open.get(), SEALED));
            }
        }
        for (String file : listed(former)) {
            if (file.matches("frames-\\d{4,18}\\.jsonl")) {
                long micros = Long.parseLong(file.substring("frames-".length(), file.length() - SEALED.length()));
                disk.rename(former.resolve(file), path(reserve(new FramesName(instance, micros / 1_000)), SEALED));
            }
        }
        disk.syncDirectory(directory);
        for (FramesName name : sealed()) {
            sizes.put(name, disk.size(path(name, SEALED)));
        }
    }

    private List<String> listed(Path other) throws IOException {
        try {
            return disk.list(other);
        } catch (NotDirectoryException e) {
            return List.of();
        }
    }

    private static Optional<FramesName> name(String file, String suffix) {
        return file.endsWith(suffix)
                ? FramesName.parse(file.substring(0, file.length() - suffix.length()))
                : Optional.empty();
    }

    private Path path(FramesName name, String suffix) {
        return directory.resolve(name + suffix);
    }

    /** That name, or the one with the next free millisecond. */
    synchronized FramesName reserve(FramesName wanted) throws IOException {
        FramesName name = wanted;
        while (disk.size(path(name, OPEN)) >= 0 || disk.size(path(name, SEALED)) >= 0) {
            name = name.at(name.epochMs() + 1);
        }
        return name;
    }

    /** Creates the file of that name. Its directory entry is not durable before {@link #syncDirectory()}. */
    AppendFile create(FramesName name) throws IOException {
        return disk.create(path(name, OPEN));
    }

    void syncDirectory() throws IOException {
        disk.syncDirectory(directory);
    }

    /** Counts bytes that were appended to a file, whole or torn. */
    synchronized void grew(FramesName name, int bytes) {
        sizes.merge(name, (long) bytes, Long::sum);
    }

    /** Declares a file complete; without content it is deleted. The caller has synced and closed it. */
    synchronized void seal(FramesName name) throws IOException {
        if (disk.size(path(name, OPEN)) == 0) {
            disk.delete(path(name, OPEN));
            sizes.remove(name);
        } else {
            disk.rename(path(name, OPEN), path(name, SEALED));
        }
        disk.syncDirectory(directory);
    }

    /** The files that no longer grow, oldest first. */
    public List<FramesName> sealed() throws IOException {
        List<FramesName> names = new ArrayList<>();
        for (String file : disk.list(directory)) {
            name(file, SEALED).ifPresent(names::add);
        }
        Collections.sort(names);
        return names;
    }

    /** The content of a sealed file. */
    public byte[] read(FramesName name) throws IOException {
        try (InputStream in = disk.read(path(name, SEALED))) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IOException(
                        path(name, SEALED) + " is larger than any file of unparsed frames, left unchanged");
            }
            return content;
        }
    }

    /** Gives a sealed file the next free name, because the bucket has other content under this one. */
    public synchronized FramesName moveOn(FramesName name) throws IOException {
        FramesName free = reserve(name);
        disk.rename(path(name, SEALED), path(free, SEALED));
        disk.syncDirectory(directory);
        Long bytes = sizes.remove(name);
        sizes.put(free, bytes == null ? 0 : bytes);
        return free;
    }

    /** Deletes a sealed file. Only after the bucket has confirmed it. */
    public synchronized void deleteUploaded(FramesName name) throws IOException {
        disk.delete(path(name, SEALED));
        sizes.remove(name);
    }

    /** Size of all files, bytes. */
    synchronized long bytes() {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The bytes that may still be written to the directory's disk. */
    long freeBytes() throws IOException {
        return disk.freeBytes(directory);
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
