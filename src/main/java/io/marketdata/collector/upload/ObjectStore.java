package io.marketdata.collector.upload;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Sha256;
import java.util.List;
import java.util.Optional;

/**
 * The bucket. The collector puts objects under keys that must be free, and reads back what it could not prove.
 *
 * <p>Called by several threads at once. A repeated put must be harmless, because a crash or a lost response repeats it.
 */
public interface ObjectStore extends AutoCloseable {

    /** Folders of the only objects that may be replaced: they are made from others, and can be made again. */
    List<String> DERIVED = List.of("quality/", "compact/");

    /** Result of a put that did not fail. */
    enum PutOutcome {
        /** The object is stored: the store confirmed our digest of it, or gave our bytes back. */
        STORED,
        /** An object of that key with the same bytes existed: an earlier attempt of ours. */
        ALREADY_STORED,
        /** An object of that key with other bytes exists: they were read or digested. Nothing was changed. */
        NAME_TAKEN
    }

    enum ContentType {
        GZIP("application/gzip"),
        JSON("application/json"),
        HTML("text/html; charset=utf-8"),
        PARQUET("application/vnd.apache.parquet"),
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
     * @throws StoreException if it is not known to be stored, or not known whose object has the key; the caller retries
     *     later with the same key
     */
    PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException;

    /**
     * Stores {@code body} under {@code key} in place of the object of that key, if there is one. A reader gets the former
     * object or the new one, each complete. Returns only when the store has confirmed what it holds.
     *
     * @param key below one of {@link #DERIVED}; recorded data is never overwritten
     * @param sha256 the digest of {@code body}; sent along
     * @throws StoreException if the key is another one, or it is not known to be stored
     */
    default void replace(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        throw new StoreException(StoreException.Kind.REFUSED, describe() + " cannot replace objects");
    }

    /** Refuses every key that is not below one of {@link #DERIVED}, however it is written. */
    static void requireDerived(String key) throws StoreException {
        if (DERIVED.stream().noneMatch(key::startsWith)
                || List.of(key.split("/", -1)).stream().anyMatch(name -> name.startsWith("."))) {
            throw new StoreException(
                    StoreException.Kind.REFUSED,
                    "the key " + LogText.of(key) + " is not below " + String.join(" or ", DERIVED)
                            + ", and no other object may be replaced");
        }
    }

    /**
     * Reads an object.
     *
     * @param maxBytes more than 0; the rest of a larger object is not read
     * @return its first bytes; empty if the store says that there is none
     * @throws StoreException if it cannot be read, or not to its end
     */
    Optional<byte[]> get(String key, int maxBytes) throws StoreException;

    /**
     * Lists the objects whose keys start with {@code prefix}.
     *
     * @param prefix a folder, with its slash at the end
     * @param after only keys that come after this one, in the order of their UTF-8 bytes; empty for all
     * @return the first ones in that order, as many as the store gives in one answer
     * @throws StoreException if they cannot be listed, or not in order
     */
    default Listing list(String prefix, String after) throws StoreException {
        throw new StoreException(StoreException.Kind.REFUSED, describe() + " cannot list its objects");
    }

    /**
     * Lists the folders directly in a folder.
     *
     * @param prefix the folder, with its slash at the end
     * @return their names without slashes, in the order of their UTF-8 bytes
     * @throws StoreException if they cannot be listed
     */
    default List<String> folders(String prefix) throws StoreException {
        throw new StoreException(StoreException.Kind.REFUSED, describe() + " cannot list its folders");
    }

    /** Human-readable location: {@code s3://bucket} or a directory. */
    String describe();

    @Override
    void close();
}
