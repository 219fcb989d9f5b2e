package io.marketdata.collector.feed;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.TradeIds;
import java.util.List;

/**
 * Which trade ids of one symbol are recorded, and which are missing. Ids are consecutive ({@link TradeIds}), so each id
 * between the first and the highest one is either recorded or lies in exactly one gap.
 *
 * <p>{@link #judge} asks and changes nothing; {@link #take} is called when the trade has been written. Between the two a
 * write can fail, and then the id stays missing.
 *
 * <p>Pure: no clock, no I/O; the ages of gaps are on the caller's clock. One thread at a time; {@link LineArbiter} holds
 * the lock.
 */
final class SequenceTracker {

    /** What a trade id means to the record. */
    enum Verdict {
        /** The one that was expected. */
        NEXT,
        /** Higher than expected: what lies between is missing. */
        AHEAD,
        /** Missing until now. */
        FILLS_GAP,
        /** Below the first one, close by: another connection began earlier. */
        BEFORE_FIRST,
        /** So far below that the exchange may have begun to count again; recorded, to be safe. */
        SUSPECTED_RESET,
        /** The second such in a row: the exchange does count again. */
        RESET,
        /** Of the count before that, from a connection that is a little behind; recorded, and no gap lies between the counts. */
        FORMER_COUNT,
        /** Recorded already. */
        DUPLICATE
    }

    /** Far above what an outage leaves; see {@link MissingIds} for what happens then. */
    static final int MAX_GAPS = 10_000;

    /** By so many trades one connection may be ahead of another. */
    private static final long AHEAD_OF_OTHERS = 10_000;

    private static final long NONE = -1;

    private final MissingIds missing = new MissingIds(MAX_GAPS);

    /** Least id that was recorded here; what lies below is not known to be missing. */
    private long first = NONE;

    /** Greatest id recorded, or known to exist. */
    private long highest = NONE;

    /** Whether an earlier run recorded what lies below {@link #first}. */
    private boolean continued;

    /** An id far below that was recorded once. */
    private long suspect = NONE;

    /** Whether that was the last thing that happened. */
    private boolean suspectIsFresh;

    /** Greatest id before the exchange began to count again; and what of that count was not recorded. */
    private long formerHighest = NONE;

    private final MissingIds formerMissing = new MissingIds(MAX_GAPS);

    /** Continues from what an earlier run recorded: everything up to {@code highestId} but the gaps. */
    void resume(long highestId, List<Gap> gaps) {
        first = highestId;
        highest = highestId;
        continued = true;
        gaps.forEach(missing::add);
    }

    /** What the id means; changes nothing. */
    Verdict judge(long id) {
        if (highest == NONE || id == highest + 1) {
            return Verdict.NEXT;
        }
        if (id > highest) {
            return isOfFormerCount(id) ? formerVerdict(id) : Verdict.AHEAD;
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

    private boolean isOfFormerCount(long id) {
        return formerHighest != NONE && TradeIds.isReset(id, highest) && id <= formerHighest + AHEAD_OF_OTHERS;
    }

    private Verdict formerVerdict(long id) {
        return id > formerHighest || formerMissing.contains(id) ? Verdict.FORMER_COUNT : Verdict.DUPLICATE;
    }

    /**
     * Notes that a trade has been written.
     *
     * @param verdict what {@link #judge} said of it, with nothing taken in between
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
            case RESET -> countAnew(id, now);
            case FORMER_COUNT -> {
                if (id > formerHighest + 1) {
                    formerMissing.add(new IdRange(formerHighest + 1, id - 1), now);
                }
                formerMissing.remove(new IdRange(id, id));
                formerHighest = Math.max(formerHighest, id);
            }
            case DUPLICATE -> {}
        }
    }

    private void raise(long id) {
        first = highest == NONE ? id : first;
        highest = id;
        suspectIsFresh = false;
    }

    private void countAnew(long id, long now) {
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
     * The exchange says that it has traded up to {@code id}: what has not arrived of that is missing. Before the first
     * trade it only tells where the record will begin.
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

    /** Nobody looks for these any more; one that arrives all the same is recorded. */
    void giveUp(IdRange ids) {
        missing.markUnrecoverable(ids);
    }

    /** The gaps in ascending order; a copy. */
    List<Gap> gaps() {
        return missing.gaps();
    }

    /** Greatest id recorded or known to exist; -1 before the first. */
    long highest() {
        return highest;
    }

    /** How many ids are missing and looked for. */
    long missingCount() {
        return missing.count();
    }
}
