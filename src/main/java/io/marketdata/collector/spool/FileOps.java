package io.marketdata.collector.spool;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ObjLongConsumer;

/**
 * The only interface to the spool's disk: every operation whose order decides what survives a crash. {@link LocalDisk}
 * is the real disk; tests use one that fails or loses power before any chosen operation.
 *
 * <p>Every operation that needs space throws {@link NoSpaceException} when there is none.
 */
public interface FileOps {

    /** Creates a directory and its parents where they are missing, and makes their entries durable. */
    void createDirectories(Path directory) throws IOException;

    /**
     * Creates an empty file for appending.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     */
    AppendFile create(Path file) throws IOException;

    /** Opens a file for appending after its last byte, and creates it if there is none. */
    AppendFile append(Path file) throws IOException;

    /** Opens a file for reading, from its first byte. Not buffered. */
    InputStream read(Path file) throws IOException;

    /** Makes what an earlier process wrote to a file survive a power loss. */
    void sync(Path file) throws IOException;

    /** Renames a file atomically, replacing {@code to} if it exists. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file; nothing happens if there is none. */
    void delete(Path file) throws IOException;

    /** Makes creations, renames and deletions in a directory durable. */
    void syncDirectory(Path directory) throws IOException;

    /** The names in a directory, in no order. */
    List<String> list(Path directory) throws IOException;

    /**
     * Passes on all files below a directory, including subdirectories, each with its size in bytes. Files that vanish
     * meanwhile may or may not be among them; subdirectories that this user may not read are skipped. The time it takes
     * grows with the number of files.
     */
    void forEachFile(Path directory, ObjLongConsumer<Path> visitor) throws IOException;

    /** The bytes that this process may still write to the disk of a directory. */
    long freeBytes(Path directory) throws IOException;

    /** Size of a file in bytes; -1 if there is none. */
    long size(Path file) throws IOException;

    /**
     * Takes a lock that lasts until it is closed or the process ends, however it ends.
     *
     * @throws LockedException if another process, or another part of this one, holds it
     */
    Closeable lock(Path file) throws IOException;

    /** A file that only grows. Written by one thread at a time; {@link #sync()} may come from another. */
    interface AppendFile extends Closeable {

        /** Hands the bytes to the operating system in one call; from then on they survive the end of this process. */
        void write(byte[] bytes, int offset, int length) throws IOException;

        /** Makes what has been written survive a power loss. Does nothing once the file is closed. */
        void sync() throws IOException;

        /** Closes the file; a second call does nothing. */
        @Override
        void close() throws IOException;
    }

    /**
     * There is no space: the disk is full, out of inodes, or the user's quota is used up. It ends when space is freed;
     * what was written before is intact.
     */
    final class NoSpaceException extends IOException {
        private static final long serialVersionUID = 1;

        public NoSpaceException(String message, IOException cause) {
            super(message, cause);
        }
    }

    /** Another process holds the lock. */
    final class LockedException extends IOException {
        private static final long serialVersionUID = 1;

        public LockedException(Path file) {
            super(file + " is locked by another process");
        }
    }
}
