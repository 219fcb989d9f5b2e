package io.marketdata.collector.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of missing trade ids, kept as gaps. Memory is always bounded: when there are more than {@code maxGaps}, the two
 * lowest are merged, and a gap that would have to be split stays whole. Some recorded ids then count as missing and may be
 * recorded twice; no missing id is forgotten.
 *
 * <p>One thread at a time.
 */
public final class MissingIds {

    /**
     * A run of missing ids.
     *
     * @param since when it was detected, on the clock of the caller
     * @param unrecoverable whether it is no longer backfilled; an id of it that arrives anyway is recorded
     */
    public record Gap(IdRange ids, long since, boolean unrecoverable) {

        private Gap with(long first, long last) {
            return new Gap(new IdRange(first, last), since, unrecoverable);
        }
    }

    private final int maxGaps;

    /** By the first id. */
    private final TreeMap<Long, Gap> gaps = new TreeMap<>();

    public MissingIds(int maxGaps) {
        this.maxGaps = maxGaps;
    }

    /** Adds ids; none of them may be in the set. */
    public void add(IdRange ids, long since) {
        add(new Gap(ids, since, false));
    }

    /** Adds a gap, for example of another set; none of its ids may be in this one. */
    public void add(Gap gap) {
        put(gap);
        if (gaps.size() > maxGaps) {
            Gap lowest = gaps.pollFirstEntry().getValue();
            Gap next = gaps.pollFirstEntry().getValue();
            put(new Gap(
                    new IdRange(lowest.ids().first(), next.ids().last()),
                    Math.min(lowest.since(), next.since()),
                    lowest.unrecoverable() && next.unrecoverable()));
        }
    }

    private void put(Gap gap) {
        gaps.put(gap.ids().first(), gap);
    }

    public boolean contains(long id) {
        Map.Entry<Long, Gap> below = gaps.floorEntry(id);
        return below != null && below.getValue().ids().last() >= id;
    }

    /** Marks those of the ids that are missing as unrecoverable: they are no longer backfilled. */
    public void markUnrecoverable(IdRange ids) {
        for (Gap gap : remove(ids)) {
            put(new Gap(gap.ids(), gap.since(), true));
        }
    }

    /** Removes those of the ids that are in the set and returns them as gaps; what remains of a gap keeps its age. */
    public List<Gap> remove(IdRange ids) {
        List<Gap> taken = new ArrayList<>();
        Map.Entry<Long, Gap> entry = gaps.floorEntry(ids.last());
        while (entry != null && entry.getValue().ids().last() >= ids.first()) {
            Gap gap = entry.getValue();
            long first = gap.ids().first();
            long last = gap.ids().last();
            if (first < ids.first() && last > ids.last() && gaps.size() >= maxGaps) {
                return taken;
            }
            gaps.remove(first);
            if (last > ids.last()) {
                put(gap.with(ids.last() + 1, last));
            }
            if (first < ids.first()) {
                put(gap.with(first, ids.first() - 1));
            }
            taken.add(gap.with(Math.max(first, ids.first()), Math.min(last, ids.last())));
            entry = gaps.floorEntry(ids.last());
        }
        return taken;
    }

    /** The gaps in ascending order; a copy. */
    public List<Gap> gaps() {
        return List.copyOf(gaps.values());
    }

    /** The same without their ages. */
    List<IdRange> ranges() {
        return gaps.values().stream().map(Gap::ids).toList();
    }

    /** Number of gaps. */
    public int size() {
        return gaps.size();
    }

    /** Number of missing ids that can still be backfilled. */
    public long count() {
        return gaps.values().stream()
                .filter(gap -> !gap.unrecoverable())
                .mapToLong(gap -> gap.ids().count())
                .sum();
    }
}
