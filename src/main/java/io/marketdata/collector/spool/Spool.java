package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.SpoolFile.Kind;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One symbol's directory on the local disk, and every step a part file takes in it. The directory is the queue between
 * ingestion and the bucket; the file name is the state ({@link PartState}).
 *
 * <p>The life of a part, and what a crash after each step leaves:
 *
 * <ol>
 *   <li>create {@code .jsonl.open}, append lines: an open file, perhaps with a torn last line
 *   <li>fsync the file and, once, the directory, within 1 s: the lines survive a power loss from here on
 *   <li>fsync, rename to {@code .jsonl}: a sealed file
 *   <li>write {@code .jsonl.gz.tmp}, fsync: the sealed file and a half-packed one; packed again
 *   <li>write the manifest, rename to {@code .jsonl.gz}: both files; packed again
 *   <li>replace {@code .checkpoint}, fsync the directory: both files, listed in {@code .checkpoint}; the sealed one is
 *       deleted
 *   <li>delete {@code .jsonl}: a packed file, uploaded again under the same name
 *   <li>the bucket confirms part and manifest: a packed file, uploaded again, found in the bucket
 *   <li>append the manifest to the file of its hour: the same, see {@link ManifestLog}
 *   <li>delete manifest and {@code .jsonl.gz}: nothing
 * </ol>
 *
 * <p>Threads: those of the writer, the packer and the uploader at once, each on files of its own.
 */
public final class Spool implements Closeable {

    static final String CHECKPOINT = ".checkpoint";
    static final String LOCK = ".lock";
    static final String QUARANTINE = "quarantine";
    static final String TEMPORARY = ".tmp";

    /** Subdirectory of the collector's directory that backfills use. */
    public static final String BACKFILL = "backfill";

    /** Of a manifest; one with 1,000 gaps has 40,000. */
    public static final int MAX_MANIFEST_BYTES = 2 << 20;

    /** Subdirectory of the collector's directory that {@code reparse} uses. */
    public static final String REPARSE = "reparse";

    private static final long MINUTE_MS = 60_000;
    private static final int NAMES_REMEMBERED = 4_096;
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private final FileOps disk;
    private final Path directory;
    private final Symbol symbol;
    private final Closeable lock;
    private final Quarantine quarantine;
    private final ManifestLog manifests;

    @GuardedBy("this")
    private final Set<PartName> open = new HashSet<>();

    /** The last names that were reserved, including those of parts that are already in the bucket. */
    @GuardedBy("this")
    private final Map<PartName, Boolean> recent = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PartName, Boolean> eldest) {
            return size() > NAMES_REMEMBERED;
        }
    };

    private Spool(FileOps disk, Path directory, Symbol symbol, Closeable lock) {
        this.disk = disk;
        this.directory = directory;
        this.symbol = symbol;
        this.lock = lock;
        this.quarantine = new Quarantine(disk, directory.resolve(QUARANTINE));
        this.manifests = new ManifestLog(disk, directory);
    }

    /**
     * Creates the symbol's directory below {@code localDir} if it is missing, and takes its lock.
     *
     * @throws FileOps.LockedException if another process holds the lock
     */
    public static Spool open(FileOps disk, Path localDir, Symbol symbol) throws IOException {
        Path directory = streamDirectory(localDir).resolve("symbol=" + symbol.encoded());
        disk.createDirectories(directory);
        Spool spool = new Spool(disk, directory, symbol, disk.lock(directory.resolve(LOCK)));
        try {
            spool.tidy();
        } catch (IOException e) {
            spool.close();
            throw e;
        }
        return spool;
    }

    /** Deletes worthless leftovers: half-written files, and manifests without a part. Logs and keeps foreign files. */
    private void tidy() throws IOException {
        Set<String> names = new HashSet<>(disk.list(directory));
        for (String name : names) {
            SpoolFile file = SpoolFile.of(name, 0, 0);
            boolean halfWritten = file.kind() == Kind.HALF_WRITTEN || file.kind() == Kind.PACKING;
            PartName part = file.part();
            boolean stray = file.kind() == Kind.MANIFEST
                    && part != null
                    && !names.contains(PartState.SEALED.fileName(part))
                    && !names.contains(PartState.PACKED.fileName(part));
            if (halfWritten || stray) {
                disk.delete(directory.resolve(name));
            } else if (file.kind() == Kind.UNKNOWN && !name.equals(QUARANTINE)) {
                LOG.warn("{} in {} is not a file of this program, left unchanged", LogText.of(name), directory);
            }
        }
    }

    static Path streamDirectory(Path localDir) {
        return localDir.resolve("exchange=binance").resolve("stream=trade");
    }

    public Symbol symbol() {
        return symbol;
    }

    public Path directory() {
        return directory;
    }

    /** The manifests that the bucket has confirmed and that are in no index yet. */
    public ManifestLog manifests() {
        return manifests;
    }

    /**
     * A free name for a part whose first trade was at {@code tradeTimeMs}: that millisecond, or the next free one in
     * the same minute, or else the last free one before it, because the name decides the folder.
     */
    public synchronized PartName reserve(InstanceId instance, Origin origin, long tradeTimeMs) throws IOException {
        PartName wanted = new PartName(instance, origin, tradeTimeMs);
        long minute = Math.floorDiv(tradeTimeMs, MINUTE_MS);
        PartName name = wanted;
        while (taken(name)) {
            name = name.at(name.epochMs() + 1);
        }
        if (Math.floorDiv(name.epochMs(), MINUTE_MS) != minute) {
            name = wanted;
            while (name.epochMs() > 0 && taken(name)) {
                name = name.at(name.epochMs() - 1);
            }
        }
        recent.put(name, true);
        return name;
    }

    @GuardedBy("this")
    private boolean taken(PartName name) throws IOException {
        if (recent.containsKey(name)) {
            return true;
        }
        for (PartState state : PartState.values()) {
            if (disk.size(path(state, name)) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Creates the file of a new part. Its directory entry is not durable before {@link #syncDirectory()}. */
    AppendFile create(PartName name) throws IOException {
        synchronized (this) {
            open.add(name);
        }
        try {
            return disk.create(path(PartState.OPEN, name));
        } catch (IOException e) {
            abandon(name);
            throw e;
        }
    }

    /** Releases an open part without sealing it; the next sweep treats it like any leftover. */
    synchronized void abandon(PartName name) {
        open.remove(name);
    }

    /** Forgets what was packed so far, so that the next part begins a chain of its own. Before anything is packed. */
    public void forgetPacked() throws IOException {
        disk.delete(directory.resolve(CHECKPOINT));
    }

    /** Makes new names in the directory durable. */
    void syncDirectory() throws IOException {
        disk.syncDirectory(directory);
    }

    /** Declares an open part complete. The caller has synced and closed it. */
    void seal(PartName name) throws IOException {
        disk.rename(path(PartState.OPEN, name), path(PartState.SEALED, name));
        abandon(name);
    }

    /**
     * Declares a part complete that was left open by a crash or a fault. Its lines are made durable first: those of a
     * killed process may be only in the page cache, and a sealed file must not shrink. A file that cannot be flushed is
     * sealed anyway; packing takes what can be read. If a complete part of that name exists, which no crash leaves, the
     * part gets another name: neither is overwritten.
     *
     * @return its new name; empty if a writer still has the part open, or has sealed it meanwhile
     */
    synchronized Optional<PartName> sealLeftover(PartName name) throws IOException {
        if (open.contains(name) || !has(PartState.OPEN, name)) {
            return Optional.empty();
        }
        boolean twice = has(PartState.SEALED, name) || has(PartState.PACKED, name);
        PartName free = twice ? reserve(name.instance(), name.origin(), name.epochMs()) : name;
        try {
            disk.sync(path(PartState.OPEN, name));
        } catch (IOException e) {
            LOG.warn("{} in {} could not be flushed: {}", PartState.OPEN.fileName(name), directory, e.getMessage());
        }
        disk.rename(path(PartState.OPEN, name), path(PartState.SEALED, free));
        return Optional.of(free);
    }

    /** The parts that have a file in the given state, oldest first. */
    public List<PartName> list(PartState state) throws IOException {
        return list(EnumSet.of(state)).getOrDefault(state, List.of());
    }

    /** The parts that have a file in each of the given states, oldest first; from one read of the directory. */
    public Map<PartState, List<PartName>> list(Set<PartState> states) throws IOException {
        Map<PartState, List<PartName>> names = new EnumMap<>(PartState.class);
        states.forEach(state -> names.put(state, new ArrayList<>()));
        PartName before = null;
        for (String fileName : disk.list(directory)) {
            for (Map.Entry<PartState, List<PartName>> each : names.entrySet()) {
                PartName name = each.getKey().part(fileName).orElse(null);
                if (name != null) {
                    before = sharing(before, name);
                    each.getValue().add(before);
                    break;
                }
            }
        }
        names.values().forEach(Collections::sort);
        return names;
    }

    /** An equal name that shares the instance of the previous one if possible: a backlog is 100,000 names. */
    private static PartName sharing(@Nullable PartName before, PartName name) {
        PartName shared = before == null ? name : before.at(name.epochMs());
        return shared.equals(name) ? shared : name;
    }

    public boolean has(PartState state, PartName name) throws IOException {
        return disk.size(path(state, name)) >= 0;
    }

    public InputStream read(PartState state, PartName name) throws IOException {
        return disk.read(path(state, name));
    }

    /** Begins the packed form of a sealed part, replacing what an interrupted attempt left. */
    public AppendFile createPacking(PartName name) throws IOException {
        Path file = path(PartState.PACKING, name);
        disk.delete(file);
        return disk.create(file);
    }

    /**
     * Replaces the sealed form of a part by the packed one. The caller has synced and closed it.
     *
     * @param manifest the bytes that will be stored beside the part in the bucket
     * @param checkpoint the new checkpoint; null to keep the old one
     */
    public void finishPacking(PartName name, byte[] manifest, @Nullable Checkpoint checkpoint) throws IOException {
        writeManifest(name, manifest);
        disk.rename(path(PartState.PACKING, name), path(PartState.PACKED, name));
        if (checkpoint != null) {
            writeCheckpoint(checkpoint);
        }
        deleteSealed(name);
    }

    /** Deletes the sealed form of a part whose packed form is intact and listed in {@code .checkpoint}. */
    public void deleteSealed(PartName name) throws IOException {
        disk.syncDirectory(directory);
        disk.delete(path(PartState.SEALED, name));
    }

    /** Deletes a sealed part that holds no trade; its bytes are in quarantine. */
    public void discardEmpty(PartName name) throws IOException {
        disk.delete(path(PartState.PACKING, name));
        disk.delete(path(PartState.SEALED, name));
    }

    /** Writes the manifest beside a packed part. Not synced: readers check it against the part, and can rebuild it. */
    public void writeManifest(PartName name, byte[] manifest) throws IOException {
        replace(directory.resolve(name.manifestFileName()), manifest, false);
    }

    public Optional<byte[]> readManifest(PartName name) throws IOException {
        return readSmall(directory.resolve(name.manifestFileName()), MAX_MANIFEST_BYTES);
    }

    /** Renames a packed part, because the bucket has other content under the old name. */
    public void renamePacked(PartName from, PartName to, byte[] manifest) throws IOException {
        writeManifest(to, manifest);
        disk.rename(path(PartState.PACKED, from), path(PartState.PACKED, to));
        disk.syncDirectory(directory);
        disk.delete(directory.resolve(from.manifestFileName()));
    }

    /** Deletes a part: <b>the only place that deletes trades</b>. Only after the bucket confirmed part and manifest. */
    public void deleteUploaded(PartName name) throws IOException {
        disk.delete(directory.resolve(name.manifestFileName()));
        disk.delete(path(PartState.PACKED, name));
    }

    /** Keeps bytes that are not trades, durably, in {@code quarantine/<part>.bad}, see {@link Quarantine#keep}. */
    public void quarantine(PartName name, byte[] bytes) throws IOException {
        quarantine.keep(name.toString(), bytes);
    }

    /**
     * Moves a packed part, whose content is {@code bytes}, to quarantine. Copied and then deleted: a rename from one
     * directory to another is two changes, and after a power loss only the removal may be on disk.
     */
    public void quarantinePacked(PartName name, byte[] bytes) throws IOException {
        quarantine.keep(PartState.PACKED.fileName(name), bytes);
        disk.delete(directory.resolve(name.manifestFileName()));
        disk.delete(path(PartState.PACKED, name));
    }

    /** The checkpoint; empty if it is missing or damaged. */
    public Optional<Checkpoint> checkpoint() throws IOException {
        return readSmall(directory.resolve(CHECKPOINT), Checkpoint.MAX_BYTES).flatMap(Checkpoint::parse);
    }

    public void writeCheckpoint(Checkpoint checkpoint) throws IOException {
        replace(directory.resolve(CHECKPOINT), checkpoint.toBytes(), true);
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    private Path path(PartState state, PartName name) {
        return directory.resolve(state.fileName(name));
    }

    /** @param durable whether a power loss must not leave the new name on an empty file */
    private void replace(Path file, byte[] bytes, boolean durable) throws IOException {
        Path temporary = directory.resolve(file.getFileName() + TEMPORARY);
        disk.delete(temporary);
        try (AppendFile out = disk.create(temporary)) {
            out.write(bytes, 0, bytes.length);
            if (durable) {
                out.sync();
            }
        }
        disk.rename(temporary, file);
    }

    /** Content of a small file; empty if there is none, or if it is too large to be one of ours. */
    private Optional<byte[]> readSmall(Path file, int maxBytes) throws IOException {
        try (InputStream in = disk.read(file)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            return bytes.length > maxBytes ? Optional.empty() : Optional.of(bytes);
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
    }
}
