package io.marketdata.collector.spool;

import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Keeps bytes that are not a trade in a folder of their own instead of dropping them. Never overwrites anything there.
 */
final class Quarantine {

    private final FileOps disk;
    private final Path folder;

    Quarantine(FileOps disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /** Stores bytes durably in {@code <name>.bad}, or in {@code <name>.<n>.bad} if that holds other bytes. */
    void keep(String name, byte[] bytes) throws IOException {
        disk.createDirectories(folder);
        Path file = free(name, bytes);
        if (disk.size(file) < 0) {
            try (AppendFile out = disk.create(file)) {
                out.write(bytes, 0, bytes.length);
                out.sync();
            }
        } else {
            disk.sync(file); // written by a process that was killed; it may be only in the page cache
        }
        disk.syncDirectory(folder);
    }

    /** A path that is free, or that holds the same bytes from before a crash. */
    private Path free(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name + ".bad");
        for (int i = 1; disk.size(file) >= 0 && !holds(file, bytes); i++) {
            file = folder.resolve(name + "." + i + ".bad");
        }
        return file;
    }

    private boolean holds(Path file, byte[] bytes) throws IOException {
        if (disk.size(file) != bytes.length) {
            return false;
        }
        try (InputStream in = disk.read(file)) {
            return Arrays.equals(in.readNBytes(bytes.length), bytes);
        }
    }
}
