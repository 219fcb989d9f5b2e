package io.marketdata.collector.upload;

import java.util.List;

/**
 * One answer to the question which objects a folder holds.
 *
 * @param objects in the order of their keys' UTF-8 bytes
 * @param isLast whether there are no more after these
 */
public record Listing(List<StoredObject> objects, boolean isLast) {

    public Listing {
        objects = List.copyOf(objects);
    }

    /** The key after which the next listing continues; empty if this one is. */
    public String lastKey() {
        return objects.isEmpty() ? "" : objects.get(objects.size() - 1).key();
    }

    /**
     * An object without its content.
     *
     * @param bytes its size as stored
     * @param modifiedMs when the store received it, by the store's clock, ms since 1970 UTC
     */
    public record StoredObject(String key, long bytes, long modifiedMs) {}
}
