package io.marketdata.collector.upload;

import io.marketdata.collector.model.Sha256;

/**
 * The bucket. One operation is all that recording needs: put an object under a name that must be free.
 *
 * <p>Called by several threads at once. A repeated put must be harmless, because a crash or a lost answer repeats it.
 */
public interface ObjectStore extends AutoCloseable {

    /** What a put that did not fail found. */
    enum PutOutcome {
        /** The object is stored, and the store confirmed our digest of it. */
        STORED,
        /** An object of that name with the same bytes was there already: an earlier attempt of ours. */
        ALREADY_STORED,
        /** An object of that name with other bytes is there. Nothing was changed. */
        NAME_TAKEN
    }

    /** What an object is, for its content type. */
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
     * Stores {@code body} under {@code key}, unless an object of that name exists. Never overwrites. Returns only when
     * the store has confirmed what it holds; may try several times within that.
     *
     * @param key the object's name, {@code /} between folders
     * @param sha256 the digest of {@code body}; sent along, so that the store itself refuses damaged bytes
     * @throws StoreException if it is not known to be stored; the caller tries again later
     */
    PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException;

    /** Where the objects go, for people: {@code s3://bucket} or a directory. */
    String describe();

    @Override
    void close();
}
