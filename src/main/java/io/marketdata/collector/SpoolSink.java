package io.marketdata.collector;

import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.spool.RejectedFrames;
import io.marketdata.collector.spool.RotatingWriter;
import java.io.IOException;
import java.util.Map;

/** The door from the feed to the spool: each trade to its symbol's writer, what is no trade to the side file. */
record SpoolSink(Map<Symbol, RotatingWriter> writers, RejectedFrames rejectedFrames, Time time) implements TradeSink {

    SpoolSink {
        writers = Map.copyOf(writers);
    }

    @Override
    public void accept(TradeEvent trade) throws IOException {
        RotatingWriter writer = writers.get(trade.symbol());
        if (writer == null) {
            throw new IllegalStateException("no writer for " + trade.symbol());
        }
        writer.append(trade);
    }

    @Override
    public void reject(byte[] bytes, int offset, int length, String reason) {
        writers.values().forEach(RotatingWriter::countRejected);
        rejectedFrames.keep(bytes, offset, length, reason, time.epochMicros());
    }
}
