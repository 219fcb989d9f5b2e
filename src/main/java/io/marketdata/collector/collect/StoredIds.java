package io.marketdata.collector.collect;

import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Which trade ids the bucket and a spool already hold, by their manifests. An id counts as held only where a manifest
 * accounts for every id of its part; in doubt an id is not held, and is fetched a second time.
 */
final class StoredIds {

    /** What the names of their manifests contain. An instance may have such a name as well; the manifest decides. */
    private static final List<String> BACKFILLED = Arrays.stream(Origin.values())
            .filter(Origin::isBackfilled)
            .map(origin -> "-" + origin.label() + "-")
            .toList();

    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ObjectStore store;
    private final Symbol symbol;
    private final boolean backfilledOnly;
    private final Set<String> damaged = new HashSet<>();
    private final Time time;
    private final Consumer<String> out;
    private IdRanges held = IdRanges.NONE;
    private long read;
    private long reportedNanos;

    /**
     * Knows of nothing yet.
     *
     * @param backfilledOnly whether only parts that a backfill has written count
     * @param out takes lines for a person
     */
    StoredIds(ObjectStore store, Symbol symbol, boolean backfilledOnly, Time time, Consumer<String> out) {
        this.store = store;
        this.symbol = symbol;
        this.backfilledOnly = backfilledOnly;
        this.time = time;
        this.out = out;
        this.reportedNanos = time.nanoTime();
    }

    /** Lets a part or a manifest not count, by its key. */
    void distrust(Set<String> keys) {
        damaged.addAll(keys);
    }

    /** The ids found so far. */
    IdRanges held() {
        return held;
    }

    /** Adds the packed parts of a spool that the bucket has not confirmed. */
    void addSpool(SpoolFolder folder) throws IOException {
        List<SpoolFile> files = new ArrayList<>();
        folder.forEach(files::add);
        for (SpoolFile file : files) {
            if (file.kind() == SpoolFile.Kind.MANIFEST) {
                add(folder.read(file.name(), Spool.MAX_MANIFEST_BYTES).orElse(new byte[0]));
            }
        }
    }

    /**
     * Adds the parts in the folders of these hours.
     *
     * @param fromMs the first trade time, ms since 1970 UTC
     * @param toMs the last one
     * @throws StoreException if the bucket cannot be listed or read
     */
    void addBucket(long fromMs, long toMs, SpoolUpload.Stop stop) throws StoreException, InterruptedException {
        for (long hour = fromMs - fromMs % HOUR_MS; hour <= toMs; hour += HOUR_MS) {
            String folder = KeyLayout.hour(symbol, hour);
            Listing page = new Listing(List.of(), false);
            for (String after = ""; !page.isLast(); after = page.lastKey()) {
                page = store.list(folder, after);
                for (StoredObject object : page.objects()) {
                    if (stop.await(Duration.ZERO)) {
                        return;
                    }
                    addManifest(object.key());
                }
            }
        }
    }

    private void addManifest(String key) throws StoreException {
        String file = key.substring(key.lastIndexOf('/') + 1);
        boolean isOther = backfilledOnly && BACKFILLED.stream().noneMatch(file::contains);
        if (!file.startsWith("manifest-") || isOther || damaged.contains(key)) {
            return;
        }
        add(store.get(key, Spool.MAX_MANIFEST_BYTES).orElse(new byte[0]));
        read++;
        if (time.nanoTime() - reportedNanos >= REPORT_NANOS) {
            reportedNanos = time.nanoTime();
            out.accept("Reading what the bucket holds: " + LogText.count(read, "manifest") + " so far, at "
                    + key.substring(0, key.lastIndexOf('/')));
        }
    }

    private void add(byte[] manifest) {
        try {
            Manifest read = ManifestJson.read(manifest);
            boolean counts = !backfilledOnly || read.quality().origin().isBackfilled();
            if (counts && !damaged.contains(read.payload().s3Key())) {
                held = IdRanges.union(List.of(held, IdRanges.heldBy(read)));
            }
        } catch (IOException e) {
            // of another program or version: not known to hold anything
        }
    }
}
