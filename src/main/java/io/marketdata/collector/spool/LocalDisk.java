package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.DiskError;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ObjLongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk of this machine, the real implementation of {@link FileOps}.
 *
 * <p>Live files are written through {@link FileOutputStream}, not {@link FileChannel}: one interrupt of a thread in a
 * channel operation closes the channel for every thread ({@code ClosedByInterruptException}), and WebSocket libraries
 * do interrupt their threads.
 */
public final class LocalDisk implements FileOps {

    /** ENOSPC and EDQUOT as {@code strerror} words them on Linux and macOS. */
    private static final Pattern NO_SPACE = Pattern.compile("no space left|quota exceeded", Pattern.CASE_INSENSITIVE);

    private static final FileAttribute<?> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Set<OpenOption> LOCKING =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private static final int UNREADABLE_REMEMBERED = 100;
    private static final Logger LOG = LoggerFactory.getLogger(LocalDisk.class);

    /** What could not be measured and has been logged. */
    private final Set<Path> unreadable = ConcurrentHashMap.newKeySet();

    /** Whether fsync of a directory was refused, which has been logged then. */
    private final AtomicBoolean syncRefused = new AtomicBoolean();

    /** With less than one block nothing can be created or appended. */
    private static final long FULL_BELOW_BYTES = 4_096;

    @Override
    public void createDirectories(Path directory) throws IOException {
        Path missing = directory.toAbsolutePath();
        List<Path> made = new ArrayList<>();
        while (missing != null && !Files.isDirectory(missing)) {
            made.add(missing);
            missing = missing.getParent();
        }
        try {
            Files.createDirectories(directory, OWNER_ONLY_DIRECTORY);
        } catch (IOException e) {
            throw explained(directory, e);
        }
        for (Path entry : made) {
            Path parent = entry.getParent();
            if (parent != null) {
                syncDirectory(parent);
            }
        }
    }

    @Override
    public AppendFile create(Path file) throws IOException {
        try {
            Files.createFile(file, OWNER_ONLY);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw explained(file, e);
        }
        return new LocalFile(file);
    }

    @Override
    public AppendFile append(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return create(file);
        }
        requireFile(file);
        return new LocalFile(file);
    }

    @Override
    public InputStream read(Path file) throws IOException {
        requireFile(file);
        return new FileInputStream(file.toFile());
    }

    /** A symlink could lead anywhere, and a pipe would block; no stream can be opened without following a symlink. */
    private static void requireFile(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new SpoolRefusedException(
                    file + " is not a file of the collector but a symlink or a device; delete it");
        }
    }

    @Override
    public void sync(Path file) throws IOException {
        requireFile(file);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.getFD().sync();
        } catch (IOException e) {
            throw explained(file, e);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw explained(to, e);
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            if (!DiskError.isSyncRefused(e)) {
                throw explained(directory, e);
            }
            if (!syncRefused.getAndSet(true)) {
                LOG.warn(
                        "The file system of {} cannot make new and renamed files durable (fsync of a directory: {}), like"
                                + " CIFS, vboxsf and some FUSE file systems. Recording continues, and the end of the process"
                                + " loses nothing, but a power loss may cost whole files. Set LOCAL_DIR to a local disk",
                        directory,
                        DiskError.reason(e));
            }
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        // Unlike Files.newDirectoryStream with a filter, this does not stat each file: a backlog is 200,000 files.
        String[] names = directory.toFile().list();
        if (names == null) {
            throw new NotDirectoryException(directory.toString());
        }
        return List.of(names);
    }

    @Override
    public void forEachFile(Path directory, ObjLongConsumer<Path> visitor) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                visitor.accept(file, attributes.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (file.equals(directory)) {
                    throw e;
                }
                return skipped(file, e);
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null && visited.equals(directory)) {
                    throw e;
                }
                return e == null ? FileVisitResult.CONTINUE : skipped(visited, e);
            }
        });
    }

    /** Files of others ({@code lost+found}) are no reason to stop. */
    private FileVisitResult skipped(Path file, IOException e) {
        boolean isNews = !(e instanceof NoSuchFileException)
                && unreadable.size() < UNREADABLE_REMEMBERED
                && unreadable.add(file);
        if (isNews) {
            LOG.warn("{} cannot be read and does not count as used space of the spool: {}", file, e.toString());
        }
        return FileVisitResult.CONTINUE;
    }

    /**
     * Not through {@code Files.getFileStore}: it reads the mount table, which Java 17 cannot find under ProcSubset=pid.
     */
    @Override
    public long freeBytes(Path directory) throws IOException {
        long bytes = directory.toFile().getUsableSpace();
        if (bytes == 0 && !Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        return bytes;
    }

    @Override
    public long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return -1;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The kernel drops the lock when <em>any</em> descriptor of this process on that file is closed, so nothing else
     * in this program may ever open a lock file.
     */
    @Override
    public Closeable lock(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            requireFile(file);
        }
        FileChannel channel = FileChannel.open(file, LOCKING, OWNER_ONLY);
        try {
            if (channel.tryLock() == null) {
                throw new LockedException(file);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new LockedException(file);
        } catch (LockedException e) {
            channel.close();
            throw e;
        } catch (IOException e) {
            channel.close();
            throw explained(file, e);
        }
    }

    /**
     * Adds the file's name to an exception, and turns it into a {@link NoSpaceException} if the cause is a lack of
     * space. The JDK has no type for that, and the operating system may word it in the user's language; so the free
     * space is checked too.
     */
    private IOException explained(Path file, IOException e) {
        if (e instanceof AccessDeniedException || e instanceof NoSuchFileException) {
            return e;
        }
        String text = file + ": " + DiskError.explained(e);
        boolean noSpace = NO_SPACE.matcher(DiskError.reason(e)).find();
        return noSpace || diskIsFull(file) ? new NoSpaceException(text, e) : new IOException(text, e);
    }

    private boolean diskIsFull(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        try {
            return directory != null && freeBytes(directory) < FULL_BELOW_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    private final class LocalFile implements AppendFile {
        private final Path file;
        private final FileOutputStream out;

        @GuardedBy("this")
        private boolean closed;

        LocalFile(Path file) throws IOException {
            this.file = file;
            this.out = new FileOutputStream(file.toFile(), true);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw explained(file, e);
            }
        }

        @Override
        public synchronized void sync() throws IOException {
            if (!closed) {
                try {
                    out.getFD().sync();
                } catch (IOException e) {
                    throw explained(file, e);
                }
            }
        }

        @Override
        public synchronized void close() throws IOException {
            if (!closed) {
                closed = true;
                out.close();
            }
        }
    }
}
