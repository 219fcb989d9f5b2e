package io.marketdata.collector.testkit;

import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;

/** Takes every trade and keeps none. */
public final class DiscardingSink implements TradeSink {

    @Override
    public void accept(TradeEvent trade) {}

    @Override
    public void acceptBackfilled(TradeEvent trade) {}

    @Override
    public void duplicate(Symbol symbol) {}

    @Override
    public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {}
}
