package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The disk of this machine.
 *
 * <p>Live files are written through {@link FileOutputStream}, not {@link FileChannel}: one interrupt of a thread in a
 * channel operation closes the channel for every thread ({@code ClosedByInterruptException}), and WebSocket libraries
 * do interrupt their threads.
 */
public final class LocalDisk implements FileOps {

    @Override
    public void createDirectories(Path directory) throws IOException {
        Path missing = directory.toAbsolutePath();
        List<Path> made = new ArrayList<>();
        while (missing != null && !Files.isDirectory(missing)) {
            made.add(missing);
            missing = missing.getParent();
        }
        Files.createDirectories(directory);
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
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("cannot create " + file + ": " + reason(e), e);
        }
        return new LocalFile(file);
    }

    @Override
    public InputStream read(Path file) throws IOException {
        return new FileInputStream(file.toFile());
    }

    @Override
    public void sync(Path file) throws IOException {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.getFD().sync();
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isRegularFile)) {
            for (Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
            }
        }
        return names;
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
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new LockedException(file);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new LockedException(file);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.FileSystemException fs && fs.getReason() != null
                ? fs.getReason()
                : e.getClass().getSimpleName();
    }

    private static final class LocalFile implements AppendFile {
        private final FileOutputStream out;

        @GuardedBy("this")
        private boolean closed;

        LocalFile(Path file) throws IOException {
            this.out = new FileOutputStream(file.toFile(), true);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public synchronized void sync() throws IOException {
            if (!closed) {
                out.getFD().sync();
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
