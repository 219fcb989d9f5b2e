package io.marketdata.collector.read;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Trade ids that were seen, kept as ranges because ids are consecutive. Bounded: of more than {@value #MOST_RANGES} ranges
 * the lowest is forgotten. One thread.
 */
final class SeenIds {

    static final int MOST_RANGES = 10_000;

    /** First id to last id. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    /** Returns whether the id was not seen before. */
    boolean add(long id) {
        Map.@Nullable Entry<Long, Long> below = ranges.floorEntry(id);
        if (below != null && id <= below.getValue()) {
            return false;
        }
        @Nullable Long last = ranges.remove(id + 1);
        ranges.put(below != null && below.getValue() + 1 == id ? below.getKey() : id, last == null ? id : last);
        if (ranges.size() > MOST_RANGES) {
            ranges.pollFirstEntry();
        }
        return true;
    }
}
