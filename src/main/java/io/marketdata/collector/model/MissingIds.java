package io.marketdata.collector.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of trade ids that are missing, kept as gaps. Memory is bounded whatever happens: of more than {@code maxGaps}
 * the two lowest are taken together, and a gap that would have to be split stays whole. Some recorded ids then count as
 * missing too and may be recorded twice; none is forgotten.
 *
 * <p>One thread at a time.
 */
public final class MissingIds {

    /**
     * A stretch of missing ids.
     *
     * @param since when it was found, on the clock of whoever keeps the set
     * @param givenUp whether nobody looks for it any more; an id of it that arrives all the same is recorded
     */
    public record Gap(IdRange ids, long since, boolean givenUp) {}

    private final int maxGaps;

    /** By the first id. */
    private final TreeMap<Long, Gap> gaps = new TreeMap<>();

    public MissingIds(int maxGaps) {
        this.maxGaps = maxGaps;
    }

    /** Adds ids of which none is in the set. */
    public void add(IdRange ids, long since) {
        add(new Gap(ids, since, false));
    }

    /** Adds a gap of another set. */
    public void add(Gap gap) {
        put(gap);
        if (gaps.size() > maxGaps) {
            Gap lowest = gaps.pollFirstEntry().getValue();
            Gap next = gaps.pollFirstEntry().getValue();
            put(new Gap(
                    new IdRange(lowest.ids().first(), next.ids().last()),
                    Math.min(lowest.since(), next.since()),
                    lowest.givenUp() && next.givenUp()));
        }
    }

    private void put(Gap gap) {
        gaps.put(gap.ids().first(), gap);
    }

    /** Whether an id is missing. */
    public boolean contains(long id) {
        Map.Entry<Long, Gap> below = gaps.floorEntry(id);
        return below != null && below.getValue().ids().last() >= id;
    }

    /** Takes ids out, those that are in; what is left of their gaps keeps its age. */
    public void remove(IdRange ids) {
        cut(ids);
    }

    /** Marks those of the ids that are missing: nobody looks for them any more. */
    public void giveUp(IdRange ids) {
        for (Gap gap : cut(ids)) {
            put(new Gap(gap.ids(), gap.since(), true));
        }
    }

    /** Takes ids out and returns the gaps they made up. */
    private List<Gap> cut(IdRange ids) {
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
                put(new Gap(new IdRange(ids.last() + 1, last), gap.since(), gap.givenUp()));
            }
            if (first < ids.first()) {
                put(new Gap(new IdRange(first, ids.first() - 1), gap.since(), gap.givenUp()));
            }
            taken.add(new Gap(
                    new IdRange(Math.max(first, ids.first()), Math.min(last, ids.last())), gap.since(), gap.givenUp()));
            entry = gaps.floorEntry(ids.last());
        }
        return taken;
    }

    /** Forgets everything. */
    public void clear() {
        gaps.clear();
    }

    /** The gaps in ascending order; a copy. */
    public List<Gap> gaps() {
        return List.copyOf(gaps.values());
    }

    /** How many gaps there are. */
    public int size() {
        return gaps.size();
    }

    /** How many ids are missing and still looked for. */
    public long count() {
        return gaps.values().stream()
                .filter(gap -> !gap.givenUp())
                .mapToLong(gap -> gap.ids().count())
                .sum();
    }
}
