package io.marketdata.collector.audit;

import io.marketdata.collector.model.IdRange;

/**
 * Trades that are missing, between two that are there.
 *
 * @param afterMs they were made at this time or later, ms since 1970 UTC; 0 if nothing is recorded before them
 * @param beforeMs and at this time or earlier; 0 if nothing is recorded after them
 */
public record Gap(IdRange ids, long afterMs, long beforeMs) {

    /** How far the two are apart, ms; 0 if an end is not known. */
    public long lastsMs() {
        return afterMs == 0 || beforeMs == 0 ? 0 : Math.max(0, beforeMs - afterMs);
    }
}
