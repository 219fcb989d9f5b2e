package io.marketdata.collector.testkit;

import io.marketdata.collector.spool.FileOps;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/** A disk in memory that never fails and whose flushes cost nothing: for tests with thousands of restarts. */
public final class MemoryDisk implements FileOps {

    private final Map<Path, byte[]> files = new TreeMap<>();
    private final Set<Path> locks = new HashSet<>();

    /** Writes a file, replacing one of that name. */
    public synchronized void put(Path file, byte[] content) {
        files.put(file, content.clone());
    }

    /** What a file holds. */
    public synchronized byte[] get(Path file) throws IOException {
        byte[] content = files.get(file);
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content.clone();
    }

    /** Every file below a directory, those of directories in it too, sorted. */
    public synchronized List<Path> filesBelow(Path directory) {
        return files.keySet().stream()
                .filter(file -> file.startsWith(directory))
                .toList();
    }

    @Override
    public void createDirectories(Path directory) {}

    @Override
    public synchronized AppendFile create(Path file) throws IOException {
        if (files.putIfAbsent(file, new byte[0]) != null) {
            throw new FileAlreadyExistsException(file.toString());
        }
        return append(file);
    }

    @Override
    public synchronized AppendFile append(Path file) {
        files.putIfAbsent(file, new byte[0]);
        return new AppendFile() {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                byte[] before = get(file);
                byte[] after = Arrays.copyOf(before, before.length + length);
                System.arraycopy(bytes, offset, after, before.length, length);
                put(file, after);
            }

            @Override
            public void sync() {}

            @Override
            public void close() {}
        };
    }

    @Override
    public InputStream read(Path file) throws IOException {
        return new ByteArrayInputStream(get(file));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        byte[] content = get(from);
        files.remove(from);
        files.put(to, content);
    }

    @Override
    public synchronized void delete(Path file) {
        files.remove(file);
    }

    @Override
    public void syncDirectory(Path directory) {}

    @Override
    public synchronized List<String> list(Path directory) {
        return files.keySet().stream()
                .filter(file -> directory.equals(file.getParent()))
                .map(file -> String.valueOf(file.getFileName()))
                .toList();
    }

    @Override
    public synchronized void forEachFile(Path directory, ObjLongConsumer<Path> visitor) {
        filesBelow(directory).forEach(file -> visitor.accept(file, size(file)));
    }

    @Override
    public long freeBytes(Path directory) {
        return Long.MAX_VALUE;
    }

    @Override
    public void sync(Path file) {}

    @Override
    public synchronized long size(Path file) {
        byte[] content = files.get(file);
        return content == null ? -1 : content.length;
    }

    @Override
    public synchronized Closeable lock(Path file) throws IOException {
        files.putIfAbsent(file, new byte[0]);
        if (!locks.add(file)) {
            throw new LockedException(file);
        }
        return () -> unlock(file);
    }

    private synchronized void unlock(Path file) {
        locks.remove(file);
    }
}
