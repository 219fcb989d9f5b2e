package io.marketdata.collector.model;

/**
 * The rules by which nothing is lost and nothing false is believed ({@link SequenceTracker}). A test leaves out one at a
 * time, explores every order of events, and must find the harm.
 */
public enum SequenceRule {
    /** A trade of which it is not known that its id and payload are recorded is recorded. */
    UNKNOWN_IS_RECORDED,
    /** A trade whose id is recorded with another payload is kept apart. */
    PAYLOADS_ARE_COMPARED,
    /** An id far ahead needs evidence. */
    EVIDENCE_FOR_AHEAD,
    /** A new sequence needs evidence. */
    EVIDENCE_FOR_RESET,
    /** An old trade is no evidence: its trade time is before that of the highest id. */
    LATER_TIMES,
    /** What REST reports far ahead needs a second answer, or a trade. */
    SECOND_REST_ANSWER,
    /** The sequence before a reset is remembered: the reset may have been a false one. */
    FORMER_IS_REMEMBERED,
    /** Gaps that are too old to be backfilled stay gaps. */
    OLD_GAPS_ARE_KEPT,
    /** Trades whose lines turn out to be damaged are missing. */
    DAMAGED_IS_MISSING
}
