package io.marketdata.collector.model;

import java.util.List;

/**
 * Ids above the high-water mark that are recorded: not believed, or backfilled before the gap was known. Bounded: beyond
 * {@value #MOST_RANGES} ranges the highest are forgotten, and their trades may be recorded twice. One thread at a time.
 */
final class IdsAhead {

    private static final int MOST_RANGES = 1_000;

    private final MissingIds recorded = new MissingIds(Integer.MAX_VALUE);

    void add(IdRange ids) {
        recorded.remove(ids);
        recorded.add(ids, 0);
        if (recorded.size() > MOST_RANGES) {
            List<IdRange> ranges = recorded.ranges();
            recorded.remove(ranges.get(ranges.size() - 1));
        }
    }

    void remove(IdRange ids) {
        if (recorded.size() > 0) {
            recorded.remove(ids);
        }
    }

    void clear() {
        recorded.clear();
    }

    boolean contains(long id) {
        return recorded.contains(id);
    }

    /** Ascending; a copy. */
    List<IdRange> ranges() {
        return IdRange.joined(recorded.ranges().stream());
    }
}
