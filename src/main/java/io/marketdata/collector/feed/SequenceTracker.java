package io.marketdata.collector.feed;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.TradeIds;
import java.util.List;

/**
 * Tracks which trade ids of one symbol are recorded, and which are missing. Ids are consecutive ({@link TradeIds}), so
 * each id between the first and the highest one is either recorded or in exactly one gap.
 *
 * <p>{@link #judge} changes nothing; {@link #take} is called when the trade has been written. Between the two a write
 * can fail; the id then stays missing.
 *
 * <p>Pure: no clock, no I/O; the ages of gaps are on the caller's clock. One thread at a time; {@link LineArbiter}
 * holds the lock.
 */
final class SequenceTracker {

    /** What a trade id means for the sequence. */
    enum Verdict {
        /** The expected id. */
        NEXT,
        /** Higher than expected: the ids in between are missing. */
        AHEAD,
        /** An id of a gap. */
        FILLS_GAP,
        /** A little below the first one: another connection began earlier. */
        BEFORE_FIRST,
        /** So far below that it may be a sequence reset; recorded, to be safe. */
        SUSPECTED_RESET,
        /** The second such id in a row: a sequence reset. */
        RESET,
        /** An id from before the reset, of a connection that is a little behind; recorded, opens no gap in between. */
        FORMER_SEQUENCE,
        /** Already recorded. */
        DUPLICATE
    }

    /** Far above what an outage leaves; {@link MissingIds} describes what happens beyond it. */
    static final int MAX_GAPS = 10_000;

    /** The number of trades by which one connection may be ahead of another. */
    private static final long AHEAD_OF_OTHERS = 10_000;

    private static final long NONE = -1;

    private final MissingIds missing = new MissingIds(MAX_GAPS);

    /** Least recorded id; ids below are not known to be missing. */
    private long first = NONE;

    /** High-water mark: greatest id recorded or known to exist. */
    private long highest = NONE;

    /** Whether an earlier run recorded the ids below {@link #first}. */
    private boolean continued;

    /** The recorded id of the last {@link Verdict#SUSPECTED_RESET}. */
    private long suspect = NONE;

    /** Whether no other id has been recorded since. */
    private boolean suspectIsFresh;

    /** Greatest id before the last sequence reset. */
    private long formerHighest = NONE;

    /** The ids up to {@link #formerHighest} that were not recorded. */
    private final MissingIds formerMissing = new MissingIds(MAX_GAPS);

    /** Continues from an earlier run, which recorded every id up to {@code highestId} except the gaps. */
    void resume(long highestId, List<Gap> gaps) {
        first = highestId;
        highest = highestId;
        continued = true;
        gaps.forEach(missing::add);
    }

    Verdict judge(long id) {
        if (highest == NONE || id == highest + 1) {
            return Verdict.NEXT;
        }
        if (id > highest) {
            return isOfFormerSequence(id) ? formerVerdict(id) : Verdict.AHEAD;
        }
        if (missing.contains(id)) {
            return Verdict.FILLS_GAP;
        }
        if (id == suspect) {
            return Verdict.DUPLICATE;
        }
        if (TradeIds.isReset(highest, id)) {
            return suspectIsFresh ? Verdict.RESET : Verdict.SUSPECTED_RESET;
        }
        return id < first && !continued ? Verdict.BEFORE_FIRST : Verdict.DUPLICATE;
    }

    private boolean isOfFormerSequence(long id) {
        return formerHighest != NONE && TradeIds.isReset(id, highest) && id <= formerHighest + AHEAD_OF_OTHERS;
    }

    private Verdict formerVerdict(long id) {
        return id > formerHighest || formerMissing.contains(id) ? Verdict.FORMER_SEQUENCE : Verdict.DUPLICATE;
    }

    /**
     * Records that a trade has been written.
     *
     * @param verdict the result of {@link #judge}, with no other id taken in between
     * @param now for the age of a gap that this opens
     */
    void take(long id, Verdict verdict, long now) {
        switch (verdict) {
            case NEXT -> raise(id);
            case AHEAD -> {
                missing.add(new IdRange(highest + 1, id - 1), now);
                raise(id);
            }
            case FILLS_GAP -> missing.remove(new IdRange(id, id));
            case BEFORE_FIRST -> {
                if (id + 1 < first) {
                    missing.add(new IdRange(id + 1, first - 1), now);
                }
                first = id;
            }
            case SUSPECTED_RESET -> {
                suspect = id;
                suspectIsFresh = true;
            }
            case RESET -> reset(id, now);
            case FORMER_SEQUENCE -> takeFormer(id, now);
            case DUPLICATE -> {}
        }
    }

    private void raise(long id) {
        first = highest == NONE ? id : first;
        highest = id;
        suspectIsFresh = false;
    }

    private void takeFormer(long id, long now) {
        if (id > formerHighest + 1) {
            formerMissing.add(new IdRange(formerHighest + 1, id - 1), now);
        }
        formerMissing.remove(new IdRange(id, id));
        formerHighest = Math.max(formerHighest, id);
    }

    private void reset(long id, long now) {
        formerHighest = highest;
        formerMissing.clear();
        missing.gaps().forEach(formerMissing::add);
        missing.clear();
        continued = false;
        suspectIsFresh = false;
        first = Math.min(suspect, id);
        highest = Math.max(suspect, id);
        suspect = NONE;
        if (highest - first > 1) {
            missing.add(new IdRange(first + 1, highest - 1), now);
        }
    }

    /**
     * The exchange reports that it has traded up to {@code id}: ids up to it that have not arrived are missing. Before
     * the first trade the report only sets where the record begins.
     */
    void exchangeHas(long id, long now) {
        if (highest == NONE) {
            first = id + 1;
            highest = id;
        } else if (id > highest) {
            missing.add(new IdRange(highest + 1, id), now);
            raise(id);
        }
    }

    /** Stops counting these as missing; one that arrives anyway is recorded. */
    void markUnrecoverable(IdRange ids) {
        missing.markUnrecoverable(ids);
    }

    /** The gaps in ascending order; a copy. */
    List<Gap> gaps() {
        return missing.gaps();
    }

    long highest() {
        return highest;
    }

    /** How many ids are missing and not unrecoverable. */
    long missingCount() {
        return missing.count();
    }
}
