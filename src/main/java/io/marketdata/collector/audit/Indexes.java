package io.marketdata.collector.audit;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ManifestIndex;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The manifests of a period that indexes hold, so that they need not be read one by one. An index that
 * cannot be read costs time and nothing else: the manifests stay the truth.
 */
final class Indexes {

    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("HH-", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final ObjectStore store;
    private final Symbol symbol;
    private final Period period;
    private final @Nullable InstanceId instance;
    private final ConcurrentMap<PartName, Indexed> manifests = new ConcurrentHashMap<>();
    private final List<String> notices = new ArrayList<>();

    /**
     * A manifest as an index holds it.
     *
     * @param length of its bytes
     */
    record Indexed(Manifest manifest, int length) {}

    /** @param instance the only one that counts; null for all */
    Indexes(ObjectStore store, Symbol symbol, Period period, @Nullable InstanceId instance) {
        this.store = store;
        this.symbol = symbol;
        this.period = period;
        this.instance = instance;
    }

    /** The keys of the period's indexes; none if they cannot be listed. */
    List<String> keys() {
        List<String> hours = period.hours().stream()
                .map(hour -> HOUR.format(Instant.ofEpochMilli(hour)))
                .toList();
        String folder = KeyLayout.indexDay(symbol, period.fromMs());
        List<String> keys = new ArrayList<>();
        try {
            Listing page = new Listing(List.of(), false);
            for (String after = ""; !page.isLast(); after = page.lastKey()) {
                page = store.list(folder, after);
                page.objects().stream()
                        .map(StoredObject::key)
                        .filter(key -> hours.stream().anyMatch(hour -> key.startsWith(folder + hour)))
                        .forEach(keys::add);
            }
        } catch (StoreException e) {
            notice("the indexes cannot be listed, so every manifest is read: " + e.getMessage());
        }
        return keys;
    }

    /** Reads one; several threads. */
    void read(String key) {
        try {
            byte[] object = store.get(key, ManifestIndex.MAX_BYTES).orElse(new byte[0]);
            Manifest before = null;
            for (ManifestIndex.Entry entry : ManifestIndex.read(object)) {
                Optional<PartName> name = nameInPeriod(entry.manifest());
                if (name.isPresent()) {
                    Manifest manifest =
                            before == null ? entry.manifest() : entry.manifest().sharing(before);
                    manifests.put(name.get(), new Indexed(manifest, entry.bytes().length));
                    before = manifest;
                }
            }
        } catch (StoreException | IOException e) {
            notice(key + " is not used: " + LogText.of(String.valueOf(e.getMessage())));
        }
    }

    private Optional<PartName> nameInPeriod(Manifest manifest) {
        String key = manifest.payload().s3Key();
        return KeyLayout.partName(key)
                .filter(name -> instance == null || instance.equals(name.instance()))
                .filter(name -> period.contains(name.epochMs()))
                .filter(name -> key.equals(KeyLayout.part(symbol, name)));
    }

    private synchronized void notice(String text) {
        notices.add(text);
    }

    /** By the names of their parts. A reader removes the one that it takes, so that those are left that the bucket has lost. */
    ConcurrentMap<PartName, Indexed> manifests() {
        return manifests;
    }

    /** What indexes name and the bucket no longer lists; after every listed manifest was taken. */
    List<Problem> lost() {
        List<Problem> lost = new ArrayList<>();
        manifests.forEach((name, indexed) -> {
            String detail =
                    "an index names its manifest " + KeyLayout.manifest(symbol, name) + ", and it is not in the bucket";
            lost.add(new Problem(
                    Problem.Kind.INDEXED_MISSING,
                    indexed.manifest().payload().s3Key(),
                    detail,
                    IdRanges.heldBy(indexed.manifest())));
        });
        return lost;
    }

    synchronized List<String> notices() {
        return List.copyOf(notices);
    }
}
