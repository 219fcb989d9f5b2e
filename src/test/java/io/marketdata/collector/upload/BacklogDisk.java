package io.marketdata.collector.upload;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.PassThroughDisk;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A disk on which every listed directory holds a large backlog of packed parts besides its real files. Their content is
 * computed on request, so that they need neither time to write nor heap.
 */
final class BacklogDisk extends PassThroughDisk {

    private final PackedParts parts;
    private final int count;
    private final Set<String> deleted = new HashSet<>();
    private int listings;

    BacklogDisk(FileOps disk, PackedParts parts, int count) {
        super(disk);
        this.parts = parts;
        this.count = count;
    }

    /** How often a directory has been read. */
    synchronized int listings() {
        return listings;
    }

    private synchronized byte[] bytes(Path file) {
        String fileName = String.valueOf(file.getFileName());
        if (deleted.contains(fileName)) {
            return new byte[0];
        }
        PartName name = PartState.PACKED.part(fileName).orElse(null);
        if (name != null && parts.holds(name, count)) {
            return parts.gzip();
        }
        name = fileName.endsWith(".json")
                ? PartName.parse(fileName.replaceFirst("^manifest", "part").replaceFirst("\\.json$", ""))
                        .orElse(null)
                : null;
        return name != null && parts.holds(name, count) ? parts.manifest(name) : new byte[0];
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        listings++;
        List<String> names = new ArrayList<>(super.list(directory));
        for (int i = 0; i < count; i++) {
            PartName name = parts.name(i);
            for (String fileName : List.of(PartState.PACKED.fileName(name), name.manifestFileName())) {
                if (!deleted.contains(fileName)) {
                    names.add(fileName);
                }
            }
        }
        return names;
    }

    @Override
    public InputStream read(Path file) throws IOException {
        byte[] bytes = bytes(file);
        return bytes.length > 0 ? new ByteArrayInputStream(bytes) : super.read(file);
    }

    @Override
    public long size(Path file) throws IOException {
        int length = bytes(file).length;
        return length > 0 ? length : super.size(file);
    }

    @Override
    public void delete(Path file) throws IOException {
        if (bytes(file).length > 0) {
            synchronized (this) {
                deleted.add(String.valueOf(file.getFileName()));
            }
        } else {
            super.delete(file);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        if (bytes(from).length > 0) {
            throw new FileNotFoundException(from + " must not be renamed");
        }
        super.rename(from, to);
    }

    @Override
    public AppendFile create(Path file) throws IOException {
        AppendFile real = super.create(file);
        return new AppendFile() {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                real.write(bytes, offset, length);
            }

            @Override
            public void sync() {}

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    /** Flushes nothing: only a power loss would show the difference, and there is none here. */
    @Override
    public void syncDirectory(Path directory) {}

    /** Writes the checkpoint after the newest part of the backlog. */
    void writeCheckpoint(Spool spool) throws IOException {
        spool.writeCheckpoint(parts.checkpoint(count));
    }
}
