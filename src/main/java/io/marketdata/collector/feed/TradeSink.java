package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;

/** Where trades go that are new. Calls for one symbol come one after the other; those for several at once. */
public interface TradeSink {

    /**
     * Takes a trade from a connection on; when this returns, the end of the process cannot lose it.
     *
     * @throws IOException if it could not be written; the trade is then not taken
     */
    void accept(TradeEvent trade) throws IOException;

    /** As {@link #accept}, for a trade that was fetched over REST. */
    void acceptBackfilled(TradeEvent trade) throws IOException;

    /** Notes that a trade was not taken because it is recorded already. */
    void duplicate(Symbol symbol);

    /**
     * Keeps a frame that was not understood.
     *
     * @param reason why it was not
     */
    void reject(byte[] bytes, int offset, int length, String reason);
}
