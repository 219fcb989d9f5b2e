package io.marketdata.collector.upload;

import io.marketdata.collector.model.Origin;

/** Receives the trades that an earlier run recorded and did not pack. */
@FunctionalInterface
public interface RecordedTrades {

    /**
     * Takes one of them, in the order of the lines.
     *
     * @param tradeTimeMs ms since 1970 UTC
     */
    void trade(Origin origin, long id, long tradeTimeMs);
}
