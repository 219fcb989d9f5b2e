package io.marketdata.query.duck;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where this program keeps files, and nowhere else: {@code native/} for DuckDB's library, {@code hours/} for hours that a
 * query has read, and {@code run/<id>/} for files of one run, which a lock marks as in use. A run deletes its own at its
 * end; those of killed runs are deleted at the next start.
 */
public final class WorkDirectory implements AutoCloseable {

    private static final int CACHE_DAYS = 30;

    private final Path root;
    private final Path run;
    private final FileChannel lockFile;

    private WorkDirectory(Path root, Path run, FileChannel lockFile) {
        this.root = root;
        this.run = run;
        this.lockFile = lockFile;
    }

    /**
     * Opens one, and deletes what killed runs have left.
     *
     * @param option the value of --work; null: {@code market-data-query} in the user's cache directory
     */
    public static WorkDirectory open(@Nullable Path option) throws IOException {
        Path root = (option == null ? usual() : option).toAbsolutePath().normalize();
        boolean isPosix = root.getFileSystem().supportedFileAttributeViews().contains("posix");
        Path runs = root.resolve("run");
        if (isPosix) {
            Files.createDirectories(
                    runs, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(runs);
        }
        sweep(runs);
        WorkDirectory work = begin(root, runs);
        work.expire();
        return work;
    }

    private static WorkDirectory begin(Path root, Path runs) throws IOException {
        while (true) {
            String id = UUID.randomUUID().toString();
            Path lock = runs.resolve(id + ".lock");
            FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.lock();
            if (Files.exists(lock)) {
                return new WorkDirectory(root, Files.createDirectory(runs.resolve(id)), channel);
            }
            // Another start has swept it before it was locked.
            channel.close();
        }
    }

    private static Path usual() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path parent = cache == null || cache.isBlank() || !Path.of(cache).isAbsolute()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(cache);
        return parent.resolve("market-data-query");
    }

    /** Deletes what killed runs have left. */
    private static void sweep(Path runs) throws IOException {
        for (Path lock : list(runs, "*.lock")) {
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                @Nullable FileLock free = channel.tryLock();
                if (free != null) {
                    String name = String.valueOf(lock.getFileName());
                    delete(lock.resolveSibling(name.substring(0, name.length() - ".lock".length())));
                    Files.deleteIfExists(lock);
                }
            } catch (OverlappingFileLockException | IOException e) {
                // In use by this process, or just deleted by another start.
            }
        }
    }

    /** Deletes hours that no query has read for some weeks. */
    private void expire() throws IOException {
        Instant oldest = Instant.now().minus(CACHE_DAYS, ChronoUnit.DAYS);
        for (Path hour : list(hours(), "*")) {
            if (Files.getLastModifiedTime(hour).toInstant().isBefore(oldest)) {
                delete(hour);
            }
        }
    }

    /** Copies a finished file out of the work directory; it appears complete or not at all, in place of a former one. */
    public static void publish(Path result, Path file) throws IOException {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.copy(result, temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
            return Stream.iterate(entries.iterator(), iterator -> iterator.hasNext(), iterator -> iterator)
                    .map(iterator -> iterator.next())
                    .toList();
        }
    }

    /** Deletes a file or a directory with everything in it, if it exists. */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Of this run alone. */
    public Path run() {
        return run;
    }

    /** For libraries, which stay. */
    Path libraries() {
        return root.resolve("native");
    }

    /** For hours that were read, which stay for some weeks. */
    public Path hours() {
        return root.resolve("hours");
    }

    @Override
    public void close() throws IOException {
        delete(run);
        Files.deleteIfExists(run.resolveSibling(run.getFileName() + ".lock"));
        lockFile.close();
    }
}
