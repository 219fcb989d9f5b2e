package io.marketdata.collector.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of trade ids that are missing, kept as holes. Memory is bounded whatever happens: of more than {@code maxHoles}
 * the two lowest are taken together, and a hole that would have to be split stays whole. Some recorded ids then count as
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
    public record Hole(IdRange ids, long since, boolean givenUp) {}

    private final int maxHoles;

    /** By the first id. */
    private final TreeMap<Long, Hole> holes = new TreeMap<>();

    public MissingIds(int maxHoles) {
        this.maxHoles = maxHoles;
    }

    /** Adds ids of which none is in the set. */
    public void add(IdRange ids, long since) {
        add(new Hole(ids, since, false));
    }

    /** Adds a hole of another set. */
    public void add(Hole hole) {
        put(hole);
        if (holes.size() > maxHoles) {
            Hole lowest = holes.pollFirstEntry().getValue();
            Hole next = holes.pollFirstEntry().getValue();
            put(new Hole(
                    new IdRange(lowest.ids().first(), next.ids().last()),
                    Math.min(lowest.since(), next.since()),
                    lowest.givenUp() && next.givenUp()));
        }
    }

    private void put(Hole hole) {
        holes.put(hole.ids().first(), hole);
    }

    /** Whether an id is missing. */
    public boolean contains(long id) {
        Map.Entry<Long, Hole> below = holes.floorEntry(id);
        return below != null && below.getValue().ids().last() >= id;
    }

    /** Takes ids out, those that are in; what is left of their holes keeps its age. */
    public void remove(IdRange ids) {
        cut(ids);
    }

    /** Marks those of the ids that are missing: nobody looks for them any more. */
    public void giveUp(IdRange ids) {
        for (Hole hole : cut(ids)) {
            put(new Hole(hole.ids(), hole.since(), true));
        }
    }

    /** Takes ids out and returns the holes they made up. */
    private List<Hole> cut(IdRange ids) {
        List<Hole> taken = new ArrayList<>();
        Map.Entry<Long, Hole> entry = holes.floorEntry(ids.last());
        while (entry != null && entry.getValue().ids().last() >= ids.first()) {
            Hole hole = entry.getValue();
            long first = hole.ids().first();
            long last = hole.ids().last();
            if (first < ids.first() && last > ids.last() && holes.size() >= maxHoles) {
                return taken;
            }
            holes.remove(first);
            if (last > ids.last()) {
                put(new Hole(new IdRange(ids.last() + 1, last), hole.since(), hole.givenUp()));
            }
            if (first < ids.first()) {
                put(new Hole(new IdRange(first, ids.first() - 1), hole.since(), hole.givenUp()));
            }
            taken.add(new Hole(
                    new IdRange(Math.max(first, ids.first()), Math.min(last, ids.last())),
                    hole.since(),
                    hole.givenUp()));
            entry = holes.floorEntry(ids.last());
        }
        return taken;
    }

    /** Forgets everything. */
    public void clear() {
        holes.clear();
    }

    /** The holes in ascending order; a copy. */
    public List<Hole> holes() {
        return List.copyOf(holes.values());
    }

    /** How many holes there are. */
    public int size() {
        return holes.size();
    }

    /** How many ids are missing and still looked for. */
    public long count() {
        return holes.values().stream()
                .filter(hole -> !hole.givenUp())
                .mapToLong(hole -> hole.ids().count())
                .sum();
    }
}
