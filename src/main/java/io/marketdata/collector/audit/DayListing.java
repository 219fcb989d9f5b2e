package io.marketdata.collector.audit;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** What the listings of a symbol's folders say: parts and manifests, side by side. Several threads may add hours. */
final class DayListing {

    private final ObjectStore store;
    private final Symbol symbol;
    private final Period period;
    private final @Nullable InstanceId instance;
    private final Map<Place, Entry> entries = new TreeMap<>();
    private final ConcurrentMap<Long, String> folders = new ConcurrentHashMap<>();
    private final Collection<String> unknown = new ConcurrentLinkedQueue<>();

    /**
     * An object of which the key is known. A day has 100,000 of them, so their keys are not kept.
     *
     * @param bytes its size
     * @param modifiedMs when the store received it, ms since 1970 UTC
     */
    record Stored(long bytes, long modifiedMs) {}

    /**
     * A part, its manifest, or both.
     *
     * @param folder with its slash at the end
     */
    record Entry(
            String folder,
            PartName name,
            @Nullable Stored part,
            @Nullable Stored manifest) {

        String partKey() {
            return Part.key(folder, name);
        }

        String manifestKey() {
            return folder + name.manifestFileName();
        }

        private Entry with(Entry other) {
            return new Entry(
                    folder, name, part == null ? other.part : part, manifest == null ? other.manifest : manifest);
        }
    }

    private record Place(String folder, PartName name) implements Comparable<Place> {

        @Override
        public int compareTo(Place other) {
            int byFolder = folder.compareTo(other.folder);
            return byFolder == 0 ? name.compareTo(other.name) : byFolder;
        }
    }

    /** @param instance the only one to look at; null for all */
    DayListing(ObjectStore store, Symbol symbol, Period period, @Nullable InstanceId instance) {
        this.store = store;
        this.symbol = symbol;
        this.period = period;
        this.instance = instance;
    }

    /** Adds what the folder of an hour holds. */
    void addHour(long hourMs) throws StoreException {
        add(KeyLayout.hour(symbol, hourMs));
    }

    /** Adds what a folder holds, and the folders in it. */
    void add(String folder) throws StoreException {
        Listing page = new Listing(List.of(), false);
        String current = folder;
        for (String after = ""; !page.isLast(); after = page.lastKey()) {
            page = store.list(folder, after);
            for (StoredObject object : page.objects()) {
                int slash = object.key().lastIndexOf('/') + 1;
                if (slash != current.length() || !object.key().startsWith(current)) {
                    current = object.key().substring(0, slash); // one text for all objects of a folder
                }
                add(current, object);
            }
        }
    }

    private void add(String folder, StoredObject object) {
        String file = object.key().substring(folder.length());
        Optional<PartName> part = name(file, "part-", ".jsonl.gz");
        Optional<PartName> manifest = name(file, "manifest-", ".json");
        Optional<PartName> name = part.or(() -> manifest);
        if (name.isEmpty()) {
            unknown.add(object.key());
            return;
        }
        if ((instance == null || name.get().instance().equals(instance)) && isInPeriod(folder, name.get())) {
            Stored stored = new Stored(object.bytes(), object.modifiedMs());
            Entry entry =
                    new Entry(folder, name.get(), part.isPresent() ? stored : null, part.isPresent() ? null : stored);
            synchronized (entries) {
                entries.merge(new Place(folder, entry.name()), entry, Entry::with);
            }
        }
    }

    private static Optional<PartName> name(String file, String start, String end) {
        return file.startsWith(start) && file.endsWith(end)
                ? PartName.parse("part-" + file.substring(start.length(), file.length() - end.length()))
                : Optional.empty();
    }

    /** By the folder; and by the name where that does not match it, so that a lost part is not overlooked. */
    private boolean isInPeriod(String folder, PartName name) {
        return period.contains(name.epochMs()) || !isOwnFolder(folder, name);
    }

    /** Whether a part of that name belongs into the folder. */
    boolean isOwnFolder(String folder, PartName name) {
        long minute = name.epochMs() / Period.MINUTE_MS;
        return folder.equals(folders.computeIfAbsent(minute, ignored -> KeyLayout.minute(symbol, name.epochMs())));
    }

    /** By folder, then by time. */
    List<Entry> entries() {
        synchronized (entries) {
            return List.copyOf(entries.values());
        }
    }

    /** Keys of objects that no collector puts there. */
    List<String> unknown() {
        return unknown.stream().sorted().toList();
    }
}
