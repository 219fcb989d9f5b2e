package io.marketdata.collector.audit;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartSummary;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of trade ids below {@code Long.MAX_VALUE}, as ascending ranges that neither overlap nor touch. Immutable.
 */
public final class IdRanges {

    public static final IdRanges NONE = new IdRanges(List.of());

    private final List<IdRange> ranges;

    private IdRanges(List<IdRange> ranges) {
        this.ranges = ranges;
    }

    /** The ids that are in any of the ranges. */
    public static IdRanges of(List<IdRange> ranges) {
        List<IdRange> joined = IdRange.joined(ranges.stream());
        return joined.isEmpty() ? NONE : new IdRanges(List.copyOf(joined));
    }

    /** The ids that a part holds if its manifest is right; none if that leaves open which. */
    public static IdRanges heldBy(Manifest manifest) {
        PartSummary part = manifest.payload().summary();
        if (part.idFirst() < 0 || part.idLast() == Long.MAX_VALUE) {
            return NONE;
        }
        IdRanges ids =
                of(part.idFirst(), part.idLast()).minus(of(manifest.quality().missingIds()));
        return ids.count() == part.recordCount() ? ids : NONE;
    }

    /** All ids from one to another, both included. */
    public static IdRanges of(long first, long last) {
        return last < first ? NONE : new IdRanges(List.of(new IdRange(first, last)));
    }

    /** The ids that are in any of the sets. */
    public static IdRanges union(List<IdRanges> sets) {
        List<IdRange> all = new ArrayList<>();
        sets.forEach(set -> all.addAll(set.ranges));
        return of(all);
    }

    /** These ids without the others. Takes time in proportion to the ranges of both. */
    public IdRanges minus(IdRanges others) {
        List<IdRange> left = new ArrayList<>();
        int next = 0;
        for (IdRange range : ranges) {
            long from = range.first();
            while (next < others.ranges.size() && others.ranges.get(next).last() < from) {
                next++;
            }
            boolean isLeft = true;
            for (int each = next; isLeft && each < others.ranges.size(); each++) {
                IdRange gone = others.ranges.get(each);
                if (gone.first() > range.last()) {
                    break;
                }
                if (gone.first() > from) {
                    left.add(new IdRange(from, gone.first() - 1));
                }
                // A range may end at the greatest number of all, to which nothing can be added.
                isLeft = gone.last() < range.last();
                from = isLeft ? gone.last() + 1 : from;
            }
            if (isLeft) {
                left.add(new IdRange(from, range.last()));
            }
        }
        return left.isEmpty() ? NONE : new IdRanges(List.copyOf(left));
    }

    /** The ids that are in both. */
    public IdRanges and(IdRanges others) {
        return minus(minus(others));
    }

    /** The ids between the least and the greatest one that are not in this set. */
    public IdRanges gaps() {
        return isEmpty() ? NONE : of(first(), last()).minus(this);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public boolean contains(long id) {
        return !of(id, id).and(this).isEmpty();
    }

    /** How many ids. */
    public long count() {
        // They do not overlap, so the sum is at most the greatest id and one.
        return ranges.stream().mapToLong(IdRange::count).sum();
    }

    /** The least id; only if there is one. */
    public long first() {
        return ranges.get(0).first();
    }

    /** The greatest id; only if there is one. */
    public long last() {
        return ranges.get(ranges.size() - 1).last();
    }

    /** Ascending; they neither overlap nor touch. */
    public List<IdRange> ranges() {
        return ranges;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IdRanges ids && ids.ranges.equals(ranges);
    }

    @Override
    public int hashCode() {
        return ranges.hashCode();
    }

    @Override
    public String toString() {
        return ranges.toString();
    }
}
