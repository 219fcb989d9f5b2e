package io.marketdata.collector.upload;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import java.util.Optional;

/**
 * Puts a packed part and then its manifest, and decides whether both names are ours. A name is ours if its object is
 * known to be, and taken if its object is known to be another; what cannot be told is a failure. Any thread.
 */
final class PartUpload {

    private final ObjectStore store;
    private final Time time;
    private final UploadMetrics metrics;

    PartUpload(ObjectStore store, Time time, UploadMetrics metrics) {
        this.store = store;
        this.time = time;
        this.metrics = metrics;
    }

    /**
     * Commits the part.
     *
     * @return the key that another object has; empty if the bucket has confirmed part and manifest
     * @throws StoreException if either is not known
     */
    Optional<String> commit(PackedPart part) throws StoreException {
        String key = part.manifest.payload().s3Key();
        if (put("part", key, part.gzip, part.manifest.payload().sha256(), ContentType.GZIP) == PutOutcome.NAME_TAKEN) {
            return Optional.of(key);
        }
        String manifestKey = KeyLayout.manifest(part.spool.symbol(), part.name);
        byte[] manifest = part.manifestJson;
        boolean isTaken =
                put("manifest", manifestKey, manifest, Sha256.of(manifest), ContentType.JSON) == PutOutcome.NAME_TAKEN
                        && !StoredManifest.commits(stored(manifestKey), part.manifest);
        return isTaken ? Optional.of(manifestKey) : Optional.empty();
    }

    private PutOutcome put(String object, String key, byte[] body, Sha256 sha256, ContentType type)
            throws StoreException {
        long began = time.nanoTime();
        PutOutcome outcome = store.put(key, body, sha256, type);
        metrics.putTime.labelValues(object).observe((time.nanoTime() - began) / 1e9);
        return outcome;
    }

    private byte[] stored(String key) throws StoreException {
        return store.get(key, StoredManifest.MAX_BYTES)
                .orElseThrow(() -> new StoreException(
                        StoreException.Kind.UNAVAILABLE,
                        key + ": " + store.describe() + " answered that the name is taken, and has no such object;"
                                + " retrying"));
    }
}
