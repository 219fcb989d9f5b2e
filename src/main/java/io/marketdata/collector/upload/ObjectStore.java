package io.marketdata.collector.upload;

import io.marketdata.collector.model.Sha256;

/**
 * The bucket. The collector needs only one operation: put an object under a key that must be free.
 *
 * <p>Called by several threads at once. A repeated put must be harmless, because a crash or a lost response repeats it.
 */
public interface ObjectStore extends AutoCloseable {

    /** Result of a put that did not fail. */
    enum PutOutcome {
        /** The object is stored, and the store confirmed our digest of it. */
        STORED,
        /** An object of that key with the same bytes existed: an earlier attempt of ours. */
        ALREADY_STORED,
        /** An object of that key with other bytes exists. Nothing was changed. */
        NAME_TAKEN
    }

    enum ContentType {
        GZIP("application/gzip"),
        JSON("application/json"),
        TEXT("text/plain");

        private final String mediaType;

        ContentType(String mediaType) {
            this.mediaType = mediaType;
        }

        public String mediaType() {
            return mediaType;
        }
    }

    /**
     * Stores {@code body} under {@code key}, unless an object of that key exists. Never overwrites. Returns only when
     * the store has confirmed what it holds; may retry until then.
     *
     * @param key the object's name, {@code /} between folders
     * @param sha256 the digest of {@code body}; sent along, so that the store itself refuses damaged bytes
     * @throws StoreException if it is not known to be stored; the caller retries later
     */
    PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException;

    /** Human-readable location: {@code s3://bucket} or a directory. */
    String describe();

    @Override
    void close();
}
