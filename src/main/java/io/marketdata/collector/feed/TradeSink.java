package io.marketdata.collector.feed;

import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;

/** Where the feed puts what it receives. Called on a link's read thread, one frame after the other. */
public interface TradeSink {

    /**
     * Takes a trade on; when this returns, the end of the process cannot lose it.
     *
     * @throws IOException if it could not be written; the trade is then not taken
     */
    void accept(TradeEvent trade) throws IOException;

    /**
     * Keeps a frame that was not understood.
     *
     * @param reason why it was not
     */
    void reject(byte[] bytes, int offset, int length, String reason);
}
