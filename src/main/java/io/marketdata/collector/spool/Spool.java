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
 * recording and the bucket; the file name is the state ({@link PartState}).
 *
 * <p>The life of a part, and what a crash after each step leaves:
 *
 * <ol>
 *   <li>create {@code .jsonl.open}, append lines: an open file, perhaps with a torn last line
 *   <li>fsync the file and, once, the directory, at the latest after a second: from here power may fail
 *   <li>fsync, rename to {@code .jsonl}: a sealed file
 *   <li>write {@code .jsonl.gz.tmp}, fsync: the sealed file and a half packed one; packed again
 *   <li>write the manifest, rename to {@code .jsonl.gz}: both files; packed again
 *   <li>replace {@code .checkpoint}, fsync the directory: both files, and {@code .checkpoint} tells so; the sealed one is deleted
 *   <li>delete {@code .jsonl}: a packed file, put again under the same name
 *   <li>the bucket confirms part and manifest: a packed file, put again, found there already
 *   <li>delete manifest and {@code .jsonl.gz}: nothing
 * </ol>
 *
 * <p>Threads: the writer's, the packer's and the shippers' at once, each on files of its own.
 */
public final class Spool implements Closeable {

    static final String LAST = ".checkpoint";
    static final String LOCK = ".lock";
    static final String QUARANTINE = "quarantine";

    /** Below the collector's directory, where a backfill has its own. */
    public static final String BACKFILL = "backfill";

    static final String TEMPORARY = ".tmp";
    private static final long MINUTE_MS = 60_000;
    private static final int NAMES_REMEMBERED = 4_096;
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private final FileOps disk;
    private final Path directory;
    private final Symbol symbol;
    private final Closeable lock;
    private final Quarantine quarantine;

    @GuardedBy("this")
    private final Set<PartName> open = new HashSet<>();

    /** Names given out lately, also of parts that are long in the bucket. */
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
    }

    /**
     * Makes the symbol's directory below {@code localDir} where it is missing, and takes its lock.
     *
     * @throws FileOps.LockedException if another process records into it
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

    /**
     * Deletes what crashes left that is worth nothing: half-written files, and manifests whose part is gone. Files of
     * others are told of and left alone.
     */
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
                LOG.warn("{} in {} is no file of this program and is left alone", LogText.of(name), directory);
            }
        }
    }

    /** Holds a directory for each symbol. */
    static Path streamDirectory(Path localDir) {
        return localDir.resolve("exchange=binance").resolve("stream=trade");
    }

    public Symbol symbol() {
        return symbol;
    }

    public Path directory() {
        return directory;
    }

    /**
     * A free name for a part whose first trade was at {@code tradeTimeMs}: that millisecond, or the next free one after
     * it; at the end of the minute the search goes on before it, because the name decides the folder.
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

    /** Lets go of an open part without sealing it; the next sweep finds it like any leftover. */
    synchronized void abandon(PartName name) {
        open.remove(name);
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
     * process that was killed may be in the page cache alone, and what is sealed must not shrink any more. A file that
     * cannot be flushed goes on all the same; packing takes what can be read. Where a part of that name is complete
     * already, which no crash leaves, it gets another name: neither is written over.
     *
     * @return its name from now on; empty if there is no such part: if a writer still has it, or has sealed it meanwhile
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

    /** The parts that have a file in each of the given states, oldest first; from one look at the directory. */
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

    /** The same name, with the instance of the name before where that is equal: a backlog is 100,000 of them. */
    private static PartName sharing(@Nullable PartName before, PartName name) {
        return before != null && before.at(name.epochMs()).equals(name) ? before.at(name.epochMs()) : name;
    }

    /** Whether the part has a file in the given state. */
    public boolean has(PartState state, PartName name) throws IOException {
        return disk.size(path(state, name)) >= 0;
    }

    /** Opens a part's file in the given state. */
    public InputStream read(PartState state, PartName name) throws IOException {
        return disk.read(path(state, name));
    }

    /** Begins the packed form of a sealed part, over whatever an interrupted attempt left. */
    public AppendFile createPacking(PartName name) throws IOException {
        Path file = path(PartState.PACKING, name);
        disk.delete(file);
        return disk.create(file);
    }

    /**
     * Replaces the sealed form of a part by the packed one. The caller has synced and closed it.
     *
     * @param manifest the bytes that will lie beside the part in the bucket
     * @param last what is recorded from now on; null: as before
     */
    public void finishPacking(PartName name, byte[] manifest, @Nullable Checkpoint last) throws IOException {
        writeManifest(name, manifest);
        disk.rename(path(PartState.PACKING, name), path(PartState.PACKED, name));
        if (last != null) {
            setLast(last);
        }
        disk.syncDirectory(directory);
        disk.delete(path(PartState.SEALED, name));
    }

    /** Deletes the sealed form of a part whose packed form is whole, and which {@code .checkpoint} tells of. */
    public void deleteSealed(PartName name) throws IOException {
        disk.syncDirectory(directory);
        disk.delete(path(PartState.SEALED, name));
    }

    /** Deletes a sealed part that holds no trade; what it held instead is in quarantine. */
    public void discardEmpty(PartName name) throws IOException {
        disk.delete(path(PartState.PACKING, name));
        disk.delete(path(PartState.SEALED, name));
    }

    /**
     * Writes the manifest that waits beside a packed part. Not synced: a reader checks it against the part, and it can
     * be made again from the part.
     */
    public void writeManifest(PartName name, byte[] manifest) throws IOException {
        replace(directory.resolve(name.manifestFileName()), manifest, false);
    }

    /** The manifest that waits beside a packed part, if it is there. */
    public Optional<byte[]> readManifest(PartName name) throws IOException {
        return readSmall(directory.resolve(name.manifestFileName()));
    }

    /** Gives a packed part another name, because the bucket has other content under the old one. */
    public void renamePacked(PartName from, PartName to, byte[] manifest) throws IOException {
        writeManifest(to, manifest);
        disk.rename(path(PartState.PACKED, from), path(PartState.PACKED, to));
        disk.syncDirectory(directory);
        disk.delete(directory.resolve(from.manifestFileName()));
    }

    /**
     * Deletes a part: <b>the only place that deletes trades</b>. To be called when the bucket has confirmed part and
     * manifest, and never otherwise.
     */
    public void deleteUploaded(PartName name) throws IOException {
        disk.delete(directory.resolve(name.manifestFileName()));
        disk.delete(path(PartState.PACKED, name));
    }

    /**
     * Keeps bytes that are no trades, durably, in {@code quarantine/<part>.bad}, or with a number before the ending where
     * other bytes are kept under that name. Nothing there is ever written over.
     */
    public void quarantine(PartName name, byte[] bytes) throws IOException {
        quarantine.keep(name.toString(), bytes);
    }

    /**
     * Moves a packed part that is no whole gzip file to quarantine. Copied there and then deleted: a rename from one
     * directory to another is two changes, and a power loss may keep the one that removes.
     *
     * @param bytes what the file holds
     */
    public void quarantinePacked(PartName name, byte[] bytes) throws IOException {
        quarantine.keep(PartState.PACKED.fileName(name), bytes);
        disk.delete(directory.resolve(name.manifestFileName()));
        disk.delete(path(PartState.PACKED, name));
    }

    /** The newest packed part of the stream, as far as is known. */
    public Optional<Checkpoint> last() throws IOException {
        return readSmall(directory.resolve(LAST)).flatMap(Checkpoint::parse);
    }

    /** Notes the newest packed part. */
    public void setLast(Checkpoint last) throws IOException {
        replace(directory.resolve(LAST), last.toBytes(), true);
    }

    /** Lets another process have the directory. */
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

    private Optional<byte[]> readSmall(Path file) throws IOException {
        try (InputStream in = disk.read(file)) {
            return Optional.of(in.readAllBytes());
        } catch (NoSuchFileException | FileNotFoundException e) {
            return Optional.empty();
        }
    }
}
