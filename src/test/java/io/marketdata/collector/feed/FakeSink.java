package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Remembers what it receives, and fails on demand. */
final class FakeSink implements TradeSink {

    /** Ids in the order of their arrival. */
    final List<Long> written = new CopyOnWriteArrayList<>();

    /** Events in the order of their arrival, as they are written. */
    final List<String> events = new CopyOnWriteArrayList<>();

    final List<Long> backfilled = new CopyOnWriteArrayList<>();
    final List<String> rejected = new CopyOnWriteArrayList<>();
    final AtomicInteger duplicates = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();

    /** Thrown instead of writing; null writes. */
    volatile @Nullable Throwable fault;

    @Override
    public void accept(TradeEvent trade) throws IOException {
        failOnDemand();
        events.add(trade.json());
        written.add(trade.id());
    }

    @Override
    public void acceptBackfilled(TradeEvent trade) throws IOException {
        failOnDemand();
        backfilled.add(trade.id());
    }

    private void failOnDemand() throws IOException {
        Throwable demanded = fault;
        if (demanded == null) {
            return;
        }
        failures.incrementAndGet();
        if (demanded instanceof IOException e) {
            throw e;
        }
        if (demanded instanceof RuntimeException e) {
            throw e;
        }
        throw (Error) demanded;
    }

    @Override
    public void duplicate(Symbol symbol) {
        duplicates.incrementAndGet();
    }

    @Override
    public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {
        rejected.add(reason + ": " + new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
    }
}
