package io.marketdata.collector.testkit;

import io.marketdata.collector.spool.FileOps;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ObjLongConsumer;

/** A disk that delegates every operation to another one; tests override single operations. */
public class PassThroughDisk implements FileOps {

    private final FileOps disk;

    protected PassThroughDisk(FileOps disk) {
        this.disk = disk;
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        disk.createDirectories(directory);
    }

    @Override
    public AppendFile create(Path file) throws IOException {
        return disk.create(file);
    }

    @Override
    public AppendFile append(Path file) throws IOException {
        return disk.append(file);
    }

    @Override
    public InputStream read(Path file) throws IOException {
        return disk.read(file);
    }

    @Override
    public void sync(Path file) throws IOException {
        disk.sync(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        disk.syncDirectory(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public void forEachFile(Path directory, ObjLongConsumer<Path> visitor) throws IOException {
        disk.forEachFile(directory, visitor);
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        return disk.freeBytes(directory);
    }

    @Override
    public long size(Path file) throws IOException {
        return disk.size(file);
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        return disk.lock(file);
    }
}
