package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;

/** Receives the new trades. Calls for one symbol are serial, calls for different symbols may be concurrent. */
public interface TradeSink {

    /** Why a trade is not recorded whose id is recorded with another content; {@code reparse} leaves it alone. */
    String OTHER_PAYLOAD = "a trade with the id of a recorded one and other content";

    /**
     * Accepts a trade from a connection; once this has returned, the end of the process cannot lose it.
     *
     * @throws IOException if it could not be written; the trade is then not accepted
     */
    void accept(TradeEvent trade) throws IOException;

    /** As {@link #accept}, for a trade that was fetched over REST. */
    void acceptBackfilled(TradeEvent trade) throws IOException;

    /** Counts a trade that was not accepted because it is already recorded. */
    void duplicate(Symbol symbol);

    /**
     * Keeps bytes that are not recorded as a trade: a frame that could not be parsed, or a trade that contradicts one.
     *
     * @param connection what delivered them
     * @param reason why they are no trade
     */
    void unparsed(String connection, byte[] bytes, int offset, int length, String reason);
}
