package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;
import java.util.List;

/** The door to whoever knows which trades are missing. Connections fill gaps at the same time: between
 * calls they shrink, fall into pieces and go, but never grow. Any thread. */
public interface Gaps {

    /**
     * A stretch of ids that no connection has delivered.
     *
     * @param sinceNanos when it was found, monotonic clock
     */
    record Gap(Symbol symbol, IdRange ids, long sinceNanos) {}

    /** The gaps of all symbols, the oldest first; a copy. */
    List<Gap> open();

    /**
     * Writes a trade, unless it is recorded already.
     *
     * @return whether it was written
     * @throws IOException if it could not be written; the process must end
     */
    boolean accept(TradeEvent trade) throws IOException;

    /**
     * Writes ids down as lost: they are given up and no longer {@link #open()}.
     *
     * @param reason for people, one line
     */
    void lost(Symbol symbol, IdRange ids, String reason);
}
