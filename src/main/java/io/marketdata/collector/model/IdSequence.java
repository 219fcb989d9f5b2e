package io.marketdata.collector.model;

import java.util.List;

/** One sequence of the exchange's trade ids: the high-water mark and the gaps below it. One thread at a time. */
final class IdSequence {

    static final long NONE = -1;

    final MissingIds missing;

    /** Least recorded id; ids below are not known to be missing. */
    long first = NONE;

    /** Trade time of {@link #first}, ms since 1970 UTC. */
    long firstTimeMs;

    /** High-water mark: greatest id recorded or known to exist. */
    long highest = NONE;

    /** Trade time of {@link #highest}, ms since 1970 UTC. */
    long highestTimeMs;

    /** Whether an earlier run recorded the ids below {@link #first}. */
    boolean continued;

    IdSequence(int maxGaps) {
        missing = new MissingIds(maxGaps);
    }

    void raise(long id, long tradeTimeMs) {
        if (first == NONE || first > highest) {
            first = id;
            firstTimeMs = tradeTimeMs;
        }
        highest = id;
        highestTimeMs = tradeTimeMs;
    }

    /** Whether the id is the next one, or missing. */
    boolean lacks(long id) {
        return id == highest + 1 || missing.contains(id);
    }

    /** Opens gaps for the ids that are not among {@code except}; returns them, ascending. */
    List<IdRange> addMissing(IdRange ids, List<IdRange> except, long now) {
        MissingIds added = new MissingIds(Integer.MAX_VALUE);
        added.add(ids, now);
        except.forEach(added::remove);
        added.gaps().forEach(missing::add);
        return added.ranges();
    }
}
