package io.marketdata.collector.collect;

import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.UnparsedFrames;
import java.io.IOException;
import java.util.Map;

/** Connects feed and spool: trades go to the writer of their symbol, everything else to {@link UnparsedFrames}. */
record SpoolSink(
        Map<Symbol, RotatingWriter> writers,
        Map<Symbol, RotatingWriter> backfilledWriters,
        UnparsedFrames unparsed,
        Time time)
        implements TradeSink {

    SpoolSink {
        writers = Map.copyOf(writers);
        backfilledWriters = Map.copyOf(backfilledWriters);
    }

    @Override
    public void accept(TradeEvent trade) throws IOException {
        of(trade.symbol(), writers).append(trade);
    }

    @Override
    public void acceptBackfilled(TradeEvent trade) throws IOException {
        of(trade.symbol(), backfilledWriters).append(trade);
    }

    @Override
    public void duplicate(Symbol symbol) {
        of(symbol, writers).countDuplicate();
    }

    private static RotatingWriter of(Symbol symbol, Map<Symbol, RotatingWriter> writers) {
        RotatingWriter writer = writers.get(symbol);
        if (writer == null) {
            throw new IllegalStateException("no writer for " + symbol);
        }
        return writer;
    }

    @Override
    public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {
        writers.values().forEach(RotatingWriter::countRejected);
        unparsed.keep(connection, bytes, offset, length, reason, time.epochMicros());
    }
}
