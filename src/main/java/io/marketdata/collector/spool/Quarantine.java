package io.marketdata.collector.spool;

import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;

/** A folder for what is no trade and is not thrown away all the same. Nothing in it is ever written over. */
final class Quarantine {

    private final FileOps disk;
    private final Path folder;

    Quarantine(FileOps disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /** Keeps bytes, durably, in {@code <name>.bad}, or with a number before the ending where other bytes are kept there. */
    void keep(String name, byte[] bytes) throws IOException {
        disk.createDirectories(folder);
        Path file = free(name, bytes);
        if (disk.size(file) < 0) {
            try (AppendFile out = disk.create(file)) {
                out.write(bytes, 0, bytes.length);
                out.sync();
            }
        } else {
            disk.sync(file); // by a process that was killed; perhaps it is in the page cache alone
        }
        disk.syncDirectory(folder);
    }

    /** A name that is free, or that holds the same bytes from before a crash. */
    private Path free(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name + ".bad");
        for (int i = 1; disk.size(file) >= 0 && !holds(file, bytes); i++) {
            file = folder.resolve(name + "." + i + ".bad");
        }
        return file;
    }

    private boolean holds(Path file, byte[] bytes) throws IOException {
        try (InputStream in = disk.read(file)) {
            return Arrays.equals(in.readAllBytes(), bytes);
        }
    }
}
