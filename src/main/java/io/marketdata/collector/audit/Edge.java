package io.marketdata.collector.audit;

/**
 * How a period joins what is recorded next to it.
 *
 * @param neighbourId the nearest id beyond it; -1 if nothing is recorded there
 * @param why what makes it open; empty otherwise
 */
public record Edge(State state, long neighbourId, String why) {

    /** In reports in lower case. */
    public enum State {
        /** The ids continue. */
        JOINED,
        /** Ids are missing between the two. */
        GAP,
        /** There is nothing to join. */
        OPEN
    }
}
