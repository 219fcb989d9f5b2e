package io.marketdata.collector.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A closed range of trade ids.
 *
 * @param first the least id, not negative
 * @param last the greatest id, not below {@code first}
 */
public record IdRange(long first, long last) {

    public IdRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("not a range of trade ids: " + first + " to " + last);
        }
    }

    public long count() {
        return last - first + 1;
    }

    /** The same ids in as few ranges as possible, ascending. */
    public static List<IdRange> joined(Stream<IdRange> ranges) {
        List<IdRange> joined = new ArrayList<>();
        ranges.sorted(Comparator.comparingLong(IdRange::first)).forEach(next -> {
            IdRange before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (before != null && next.first() - 1 <= before.last()) {
                joined.set(joined.size() - 1, new IdRange(before.first(), Math.max(before.last(), next.last())));
            } else {
                joined.add(next);
            }
        });
        return joined;
    }
}
