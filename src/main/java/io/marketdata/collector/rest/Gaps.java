package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;
import java.util.List;

/**
 * Source of known sequence gaps. Connections fill gaps at the same time: between calls gaps shrink, split and
 * disappear, but never grow. Any thread.
 */
public interface Gaps {

    /**
     * A range of ids that no connection has delivered.
     *
     * @param sinceNanos when it was detected, monotonic
     */
    record Gap(Symbol symbol, IdRange ids, long sinceNanos) {}

    /** The gaps of all symbols that are still to be filled, the oldest first; a copy. */
    List<Gap> open();

    /**
     * Writes a trade, unless it is already recorded.
     *
     * @return whether it was written
     * @throws IOException if it could not be written; the process must end
     */
    boolean accept(TradeEvent trade) throws IOException;

    /** Whether a trade is recorded with another payload. False if that is not known. */
    boolean contradicts(TradeEvent trade);

    /**
     * Records ids as unrecoverable; they are no longer {@link #open()}.
     *
     * @param reason one line for the log
     */
    void markUnrecoverable(Symbol symbol, IdRange ids, String reason);
}
