package io.marketdata.collector.testkit;

import io.marketdata.collector.spool.FileOps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/** A disk that records every operation and fails those that a test chooses. */
public final class FaultyDisk extends PassThroughDisk {

    private final List<String> log = new ArrayList<>();
    private final List<Integer> writes = new ArrayList<>();
    private BiPredicate<String, Path> fault = (operation, file) -> false;
    private int failWriteAfter = -1;
    private long freeBytes = -1;
    private boolean full;

    public FaultyDisk(FileOps disk) {
        super(disk);
    }

    /** The changing operations since {@link #clearLog()}, in order. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    public synchronized void clearLog() {
        log.clear();
    }

    /** Sizes of all writes. */
    public synchronized List<Integer> writes() {
        return List.copyOf(writes);
    }

    /** The next write stores only so many bytes and then fails, like a full disk. */
    public synchronized void failNextWriteAfter(int bytes) {
        failWriteAfter = bytes;
    }

    /** Sets whether the disk is full from now on. */
    public synchronized void setFull(boolean isFull) {
        full = isFull;
    }

    /** Sets the free bytes that the disk reports from now on. */
    public synchronized void setFreeBytes(long bytes) {
        freeBytes = bytes;
    }

    /** From now on the operations fail for which this is true; names as in {@link #log()}. */
    public synchronized void failWhen(BiPredicate<String, Path> newFault) {
        fault = newFault;
    }

    private synchronized void logOrFail(String operation, Path file) throws IOException {
        log.add(operation);
        if (full && (operation.equals("create") || operation.equals("append") || operation.equals("write"))) {
            throw new NoSpaceException(file + ": No space left on device", new IOException("planted"));
        }
        if (fault.test(operation, file)) {
            throw new IOException("planted fault in " + operation + " of " + file.getFileName());
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        logOrFail("createDirectories", directory);
        super.createDirectories(directory);
    }

    @Override
    public AppendFile create(Path file) throws IOException {
        logOrFail("create", file);
        return faulty(file, super.create(file));
    }

    @Override
    public AppendFile append(Path file) throws IOException {
        logOrFail("append", file);
        return faulty(file, super.append(file));
    }

    private AppendFile faulty(Path file, AppendFile real) {
        return new AppendFile() {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                logOrFail("write", file);
                int torn;
                synchronized (FaultyDisk.this) {
                    writes.add(length);
                    torn = failWriteAfter;
                    failWriteAfter = -1;
                }
                if (torn >= 0) {
                    real.write(bytes, offset, torn);
                    throw new NoSpaceException(file + ": No space left on device", new IOException("planted"));
                }
                real.write(bytes, offset, length);
            }

            @Override
            public void sync() throws IOException {
                logOrFail("sync", file);
                real.sync();
            }

            @Override
            public void close() throws IOException {
                logOrFail("close", file);
                real.close();
            }
        };
    }

    @Override
    public void sync(Path file) throws IOException {
        logOrFail("sync", file);
        super.sync(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        logOrFail("rename", from);
        super.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        logOrFail("delete", file);
        super.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        logOrFail("syncDirectory", directory);
        super.syncDirectory(directory);
    }

    @Override
    public synchronized long freeBytes(Path directory) throws IOException {
        return freeBytes >= 0 ? freeBytes : super.freeBytes(directory);
    }
}
