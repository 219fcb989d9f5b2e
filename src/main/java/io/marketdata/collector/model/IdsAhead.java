package io.marketdata.collector.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ids above the high-water mark that are recorded: not believed, or backfilled before the gap was known. Bounded: beyond
 * {@value #MOST_RANGES} ranges the highest are forgotten, and their trades may be recorded twice. One thread at a time.
 */
final class IdsAhead {

    private static final int MOST_RANGES = 1_000;

    /** First to last id of each range; no two ranges touch. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    void add(IdRange ids) {
        long first = ids.first();
        long last = ids.last();
        Map.Entry<Long, Long> before = ranges.floorEntry(first);
        if (before != null && before.getValue() >= first - 1) {
            first = before.getKey();
        }
        for (Map.Entry<Long, Long> next = ranges.ceilingEntry(first);
                next != null && next.getKey() <= last + 1;
                next = ranges.ceilingEntry(first)) {
            last = Math.max(last, next.getValue());
            ranges.remove(next.getKey());
        }
        ranges.put(first, last);
        if (ranges.size() > MOST_RANGES) {
            ranges.pollLastEntry();
        }
    }

    void remove(IdRange ids) {
        Map.Entry<Long, Long> range = ranges.floorEntry(ids.last());
        while (range != null && range.getValue() >= ids.first()) {
            ranges.remove(range.getKey());
            if (range.getValue() > ids.last()) {
                ranges.put(ids.last() + 1, range.getValue());
            }
            if (range.getKey() < ids.first()) {
                ranges.put(range.getKey(), ids.first() - 1);
            }
            range = ranges.floorEntry(ids.last());
        }
    }

    void clear() {
        ranges.clear();
    }

    boolean contains(long id) {
        Map.Entry<Long, Long> range = ranges.floorEntry(id);
        return range != null && range.getValue() >= id;
    }

    /** Ascending; a copy. */
    List<IdRange> ranges() {
        return ranges.entrySet().stream()
                .map(range -> new IdRange(range.getKey(), range.getValue()))
                .toList();
    }
}
