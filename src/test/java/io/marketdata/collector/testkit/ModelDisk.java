package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.FileOps;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows for every byte and every name whether it would survive a crash. It keeps two states, what
 * a reader sees and what is durable, and the list of name changes between them.
 *
 * <ul>
 *   <li>{@code sync} of a file makes its bytes durable, and does not make its name durable.
 *   <li>{@code syncDirectory} makes the names in that directory durable, and does not make bytes durable.
 *   <li>A rename within a directory is one change; from one directory to another it is two.
 *   <li>A write reaches the disk in three pieces: under SIGKILL {@code write} is not atomic.
 *   <li>Directories are durable when made, as {@link FileOps#createDirectories} promises. A lock is no file.
 * </ul>
 *
 * <p>A crash needs no exception here: {@link #beforeEveryChange} is called before each change, and {@link #survivors}
 * are the disks of which one would be found had all ended at that moment. What the process does afterwards goes to a
 * disk that the test does not read again.
 *
 * <p>One thread.
 */
public final class ModelDisk implements FileOps {

    /** What a crash takes. */
    public enum Loss {
        /** The end of the process: everything that was handed to the operating system stays. */
        KILL,
        /** Power: changes of names survive up to any point of their order, as journals keep it; bytes in any way. */
        POWER_ORDERED,
        /** Power: any subset of the changes of names survives. The worst that POSIX allows. */
        POWER_ANY
    }

    /** What a power loss leaves of a file: given its bytes, how many of them are durable, and all of them. */
    private enum Damage {
        NOTHING_LOST,
        DURABLE_ONLY,
        ONE_MORE_BYTE,
        HALF,
        LAST_BYTE_LOST,
        ZERO_TAIL,
        ZERO_GAP;

        byte[] of(Content content) {
            int durable = content.durableLength;
            int all = content.length;
            return switch (this) {
                case NOTHING_LOST -> content.first(all);
                case DURABLE_ONLY -> content.first(durable);
                case ONE_MORE_BYTE -> content.first(durable + 1);
                case HALF -> content.first((durable + all) / 2);
                case LAST_BYTE_LOST -> content.first(all - 1);
                case ZERO_TAIL -> zeroed(content.first(all), (durable + all) / 2, all);
                case ZERO_GAP -> zeroed(content.first(all), durable + (all - durable) / 3, all - (all - durable) / 3);
            };
        }

        private static byte[] zeroed(byte[] bytes, int from, int to) {
            Arrays.fill(bytes, from, to, (byte) 0);
            return bytes;
        }
    }

    /** All subsets of so many changes are tried; of more, those one change away from a prefix of their order. */
    private static final int ALL_SUBSETS = 6;

    /** In order, so many damaged files are combined each with each; more, and those of subsets, are damaged alike. */
    private static final int ALL_COMBINATIONS = 2;

    private final Set<Path> folders = new TreeSet<>();
    private final Map<Path, Content> visible = new TreeMap<>();
    private final Map<Path, Content> durable = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();
    private Runnable beforeChange = () -> {};
    private boolean tearWrites = true;
    private boolean withinWrite;

    /** The bytes of a file, under whatever name. */
    private static final class Content {
        private byte[] bytes = new byte[512];
        private @Nullable String digest;
        int length;
        int durableLength;

        static Content durable(byte[] bytes) {
            Content content = new Content();
            content.append(bytes, 0, bytes.length);
            content.durableLength = bytes.length;
            return content;
        }

        String digest() {
            if (digest == null) {
                digest = Sha256.of(first(length)).hex();
            }
            return digest;
        }

        byte[] first(int count) {
            return Arrays.copyOf(bytes, count);
        }

        void append(byte[] more, int offset, int count) {
            if (length + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * (length + count));
            }
            System.arraycopy(more, offset, bytes, length, count);
            length += count;
            digest = null;
        }

        Content copy() {
            Content copy = durable(first(length));
            copy.durableLength = durableLength;
            copy.digest = digest;
            return copy;
        }
    }

    /** A change of names in one directory: one goes, one comes, or both at once. */
    private record Change(
            Path folder, @Nullable Path removed, @Nullable Path added, Content content) {

        void apply(Map<Path, Content> names) {
            if (removed != null) {
                names.remove(removed);
            }
            if (added != null) {
                names.put(added, content);
            }
        }
    }

    /** From now on this is called before each change of a file or of a name. */
    public void beforeEveryChange(Runnable hook) {
        beforeChange = hook;
    }

    /** From now on a write is one change. Halves the number of moments, for tests that are not about torn writes. */
    public void writeInOnePiece() {
        tearWrites = false;
    }

    /** Puts a whole, durable file there. */
    public void plant(Path file, byte[] bytes) {
        addFolders(folderOf(file));
        Content content = Content.durable(bytes);
        visible.put(file, content);
        durable.put(file, content);
    }

    /** The files that a reader sees. */
    public Map<Path, byte[]> files() {
        Map<Path, byte[]> files = new TreeMap<>();
        visible.forEach((file, content) -> files.put(file, content.first(content.length)));
        return files;
    }

    /**
     * The disks of which one is found after a crash at this moment. In the middle of a write only a kill is new: a
     * power loss damages what was written before as badly.
     */
    public List<ModelDisk> survivors(Loss loss) {
        if (loss == Loss.KILL) {
            return List.of(copy());
        }
        if (withinWrite) {
            return List.of();
        }
        List<ModelDisk> disks = new ArrayList<>();
        for (List<Change> kept : loss == Loss.POWER_ORDERED ? prefixes() : subsets()) {
            Map<Path, Content> names = namesAfter(kept);
            List<Content> unsynced = unsynced(names);
            for (Map<Content, Damage> damages : loss == Loss.POWER_ORDERED ? damages(unsynced) : alike(unsynced)) {
                disks.add(restarted(names, content -> damages.getOrDefault(content, Damage.NOTHING_LOST)));
            }
        }
        return disks;
    }

    /** The few harshest of them, for a crash after a crash. */
    public List<ModelDisk> worst(Loss loss) {
        return switch (loss) {
            case KILL -> survivors(loss);
            case POWER_ORDERED ->
                List.of(
                        restarted(durable, content -> Damage.DURABLE_ONLY),
                        restarted(visible, content -> Damage.DURABLE_ONLY),
                        restarted(visible, content -> Damage.ZERO_GAP));
            case POWER_ANY ->
                List.of(
                        restarted(namesAfter(only(change -> change.added != null)), content -> Damage.DURABLE_ONLY),
                        restarted(namesAfter(only(change -> change.removed != null)), content -> Damage.DURABLE_ONLY));
        };
    }

    /** The same for two disks (up to SHA-256 collisions) if no reader can distinguish them now or after a crash. */
    public String fingerprint() {
        Map<Content, Integer> seen = new IdentityHashMap<>();
        StringBuilder text = new StringBuilder();
        visible.forEach((name, content) -> describe(text, seen, name, content));
        if (!pending.isEmpty()) {
            text.append("durable\n");
            durable.forEach((name, content) -> describe(text, seen, name, content));
            for (Change change : pending) {
                describe(text, seen, change.removed, change.content);
                describe(text, seen, change.added, change.content);
            }
        }
        return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)).hex();
    }

    private static void describe(StringBuilder text, Map<Content, Integer> seen, @Nullable Path name, Content content) {
        Integer number = seen.putIfAbsent(content, seen.size());
        text.append(name).append(' ').append(content.durableLength).append(' ');
        text.append(number == null ? content.digest() : "#" + number).append('\n');
    }

    private ModelDisk copy() {
        ModelDisk copy = new ModelDisk();
        Map<Content, Content> copies = new IdentityHashMap<>();
        copy.folders.addAll(folders);
        copy.withinWrite = withinWrite;
        visible.forEach((name, content) -> copy.visible.put(name, copies.computeIfAbsent(content, Content::copy)));
        durable.forEach((name, content) -> copy.durable.put(name, copies.computeIfAbsent(content, Content::copy)));
        pending.forEach(change -> copy.pending.add(new Change(
                change.folder, change.removed, change.added, copies.computeIfAbsent(change.content, Content::copy))));
        return copy;
    }

    /** The disk after power has come back: with these names, and what the damage has left of bytes not synced. */
    private ModelDisk restarted(Map<Path, Content> names, Function<Content, Damage> damage) {
        ModelDisk disk = new ModelDisk();
        disk.folders.addAll(folders);
        names.forEach((name, content) -> disk.plant(
                name,
                content.durableLength < content.length
                        ? damage.apply(content).of(content)
                        : content.first(content.length)));
        return disk;
    }

    private Map<Path, Content> namesAfter(List<Change> kept) {
        Map<Path, Content> names = new TreeMap<>(durable);
        kept.forEach(change -> change.apply(names));
        return names;
    }

    private List<Change> only(Predicate<Change> kept) {
        return pending.stream().filter(kept).toList();
    }

    private List<List<Change>> prefixes() {
        List<List<Change>> prefixes = new ArrayList<>();
        for (int length = 0; length <= pending.size(); length++) {
            prefixes.add(pending.subList(0, length));
        }
        return prefixes;
    }

    private List<List<Change>> subsets() {
        int count = pending.size();
        Set<Long> masks = new TreeSet<>();
        if (count <= ALL_SUBSETS) {
            for (long mask = 0; mask < 1L << count; mask++) {
                masks.add(mask);
            }
        } else {
            for (int prefix = 0; prefix <= count; prefix++) {
                masks.add((1L << prefix) - 1);
                for (int i = 0; i < count; i++) {
                    masks.add(((1L << prefix) - 1) ^ (1L << i));
                }
            }
        }
        List<List<Change>> subsets = new ArrayList<>();
        for (long mask : masks) {
            List<Change> subset = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if ((mask >> i & 1) == 1) {
                    subset.add(pending.get(i));
                }
            }
            subsets.add(subset);
        }
        return subsets;
    }

    private static List<Content> unsynced(Map<Path, Content> names) {
        Set<Content> contents = Collections.newSetFromMap(new IdentityHashMap<>());
        return names.values().stream()
                .filter(content -> content.durableLength < content.length && contents.add(content))
                .toList();
    }

    private static List<Map<Content, Damage>> damages(List<Content> files) {
        List<Map<Content, Damage>> all = new ArrayList<>();
        all.add(new IdentityHashMap<>());
        if (files.size() <= ALL_COMBINATIONS) {
            for (Content file : files) {
                List<Map<Content, Damage>> before = List.copyOf(all);
                all.clear();
                before.forEach(others -> all.addAll(eachDamageOf(file, others)));
            }
            return all;
        }
        all.clear();
        all.addAll(alike(files));
        for (Content file : files) {
            all.addAll(eachDamageOf(file, Map.of()));
        }
        return all;
    }

    private static List<Map<Content, Damage>> alike(List<Content> files) {
        List<Map<Content, Damage>> all = new ArrayList<>();
        for (Damage damage : Damage.values()) {
            Map<Content, Damage> alike = new IdentityHashMap<>();
            files.forEach(file -> alike.put(file, damage));
            if (all.isEmpty() || !files.isEmpty()) {
                all.add(alike);
            }
        }
        return all;
    }

    private static List<Map<Content, Damage>> eachDamageOf(Content file, Map<Content, Damage> others) {
        List<Map<Content, Damage>> all = new ArrayList<>();
        for (Damage damage : Damage.values()) {
            Map<Content, Damage> damages = new IdentityHashMap<>(others);
            damages.put(file, damage);
            all.add(damages);
        }
        return all;
    }

    private void change(Change change) {
        change.apply(visible);
        pending.add(change);
    }

    private void addFolders(Path folder) {
        for (Path missing = folder; missing != null && folders.add(missing); missing = missing.getParent()) {}
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.getParent(), "every file is in a directory");
    }

    private Content content(Path file) throws NoSuchFileException {
        Content content = visible.get(file);
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content;
    }

    @Override
    public void createDirectories(Path directory) {
        if (!folders.contains(directory)) {
            beforeChange.run();
            addFolders(directory);
        }
    }

    @Override
    public AppendFile create(Path file) throws IOException {
        if (visible.containsKey(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        if (!folders.contains(folderOf(file))) {
            throw new NoSuchFileException(file.toString());
        }
        beforeChange.run();
        Content content = new Content();
        change(new Change(folderOf(file), null, file, content));
        return new ModelFile(content);
    }

    @Override
    public AppendFile append(Path file) throws IOException {
        Content content = visible.get(file);
        return content == null ? create(file) : new ModelFile(content);
    }

    @Override
    public InputStream read(Path file) throws IOException {
        Content content = content(file);
        return new ByteArrayInputStream(content.first(content.length));
    }

    @Override
    public void sync(Path file) throws IOException {
        Content content = content(file);
        beforeChange.run();
        content.durableLength = content.length;
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Content content = content(from);
        beforeChange.run();
        if (folderOf(from).equals(folderOf(to))) {
            change(new Change(folderOf(from), from, to, content));
        } else {
            change(new Change(folderOf(to), null, to, content));
            change(new Change(folderOf(from), from, null, content));
        }
    }

    @Override
    public void delete(Path file) {
        Content content = visible.get(file);
        if (content != null) {
            beforeChange.run();
            change(new Change(folderOf(file), file, null, content));
        }
    }

    @Override
    public void syncDirectory(Path directory) {
        beforeChange.run();
        for (Change change : List.copyOf(pending)) {
            if (change.folder.equals(directory)) {
                change.apply(durable);
                pending.remove(change);
            }
        }
    }

    @Override
    public List<String> list(Path directory) {
        return visible.keySet().stream()
                .filter(file -> directory.equals(file.getParent()))
                .map(file -> String.valueOf(file.getFileName()))
                .toList();
    }

    @Override
    public void forEachFile(Path directory, ObjLongConsumer<Path> visitor) {
        throw new UnsupportedOperationException("nothing that is tested here measures");
    }

    @Override
    public long freeBytes(Path directory) {
        return Long.MAX_VALUE;
    }

    @Override
    public long size(Path file) {
        Content content = visible.get(file);
        return content == null ? -1 : content.length;
    }

    @Override
    public Closeable lock(Path file) {
        return () -> {};
    }

    private final class ModelFile implements AppendFile {
        private final Content content;
        private boolean closed;

        ModelFile(Content content) {
            this.content = content;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            int[] ends = tearWrites ? new int[] {length / 2, length - 1, length} : new int[] {length};
            int from = 0;
            for (int to : ends) {
                if (to > from) {
                    withinWrite = from > 0;
                    beforeChange.run();
                    withinWrite = false;
                    content.append(bytes, offset + from, to - from);
                    from = to;
                }
            }
        }

        @Override
        public void sync() {
            if (!closed) {
                beforeChange.run();
                content.durableLength = content.length;
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
