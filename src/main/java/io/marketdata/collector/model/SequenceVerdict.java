package io.marketdata.collector.model;

/** What a trade id means for the sequence that a {@link SequenceTracker} believes in. */
public enum SequenceVerdict {
    /** The expected id. */
    NEXT,
    /** Higher than expected: the ids in between are missing. */
    AHEAD,
    /** An id of a gap. */
    FILLS_GAP,
    /** A little below the first one, and traded before it: another connection began earlier. */
    BEFORE_FIRST,
    /** So far ahead that it needs evidence; recorded, moves nothing. */
    FAR_AHEAD,
    /** Not above the highest one and not missing: an earlier trade, or a new sequence; recorded, moves nothing. */
    BELOW,
    /** As {@link #BELOW}, with the evidence that the exchange's ids have started again. */
    RESET,
    /** Belongs to the sequence before the last reset. */
    FORMER_SEQUENCE
}
