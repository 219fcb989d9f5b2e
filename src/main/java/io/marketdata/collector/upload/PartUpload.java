package io.marketdata.collector.upload;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import org.jspecify.annotations.Nullable;

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

    /** What the bucket says. */
    static final class Answer {

        /** The key that another object has; null if the bucket has confirmed part and manifest. */
        final @Nullable String taken;

        /** The manifest as it is in the bucket; empty if it is not. */
        final byte[] manifest;

        private Answer(@Nullable String taken, byte[] manifest) {
            this.taken = taken;
            this.manifest = manifest;
        }

        private static Answer taken(String key) {
            return new Answer(key, new byte[0]);
        }
    }

    /**
     * Commits the part.
     *
     * @throws StoreException if it is not known whether either name is ours
     */
    Answer commit(PackedPart part) throws StoreException {
        String key = part.manifest.payload().s3Key();
        if (put("part", key, part.gzip, part.manifest.payload().sha256(), ContentType.GZIP) == PutOutcome.NAME_TAKEN) {
            return Answer.taken(key);
        }
        String manifestKey = KeyLayout.manifest(part.spool.symbol(), part.name);
        byte[] manifest = part.manifestJson;
        if (put("manifest", manifestKey, manifest, Sha256.of(manifest), ContentType.JSON) != PutOutcome.NAME_TAKEN) {
            return new Answer(null, manifest);
        }
        byte[] stored = stored(manifestKey);
        return StoredManifest.commits(stored, part.manifest) ? new Answer(null, stored) : Answer.taken(manifestKey);
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
