package io.marketdata.collector.audit;

import io.marketdata.collector.model.IdRange;

/**
 * Trades that are missing, between two that are there.
 *
 * @param afterMs trade time of the part before it, ms since 1970 UTC; 0 if there is none
 * @param beforeMs trade time of the part after it; 0 if there is none
 */
public record Gap(IdRange ids, long afterMs, long beforeMs) {

    /** How long no trade was recorded, ms; 0 if an end is not known. */
    public long lastsMs() {
        return afterMs == 0 || beforeMs == 0 ? 0 : Math.max(0, beforeMs - afterMs);
    }
}
