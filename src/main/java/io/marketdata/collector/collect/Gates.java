package io.marketdata.collector.collect;

import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.WakeUp;
import io.marketdata.collector.rest.Holes;
import io.marketdata.collector.rest.QuietCheck;
import io.marketdata.collector.spool.RotatingWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The door between the gates of the symbols and recovery over REST. Any thread. */
public final class Gates implements Holes, QuietCheck.Symbols {

    /** However seldom a symbol trades, after so long a silence REST is asked. */
    public static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    /** Recovered parts of a symbol that wait with an open file to be sealed. */
    public static final int MOST_UNSEALED = 16;

    private final Map<Symbol, TradeGate> bySymbol = new LinkedHashMap<>();
    private final Duration stallAfter;
    private final Map<Symbol, RotatingWriter> recoveredWriters;

    /** Holes of a bad link come in crowds, and each is left alone for longer than this. */
    private static final Duration CROWD = Duration.ofMillis(100);

    private final WakeUp holeFound = new WakeUp();
    private final WakeUp stop = new WakeUp();

    private volatile boolean closed;

    /** @param stallAfter no shorter silence is unusual */
    Gates(List<TradeGate> gates, Map<Symbol, RotatingWriter> recoveredWriters, Duration stallAfter) {
        for (TradeGate gate : gates) {
            bySymbol.put(gate.symbol(), gate);
            gate.onHole(holeFound::wake);
        }
        this.recoveredWriters = Map.copyOf(recoveredWriters);
        this.stallAfter = stallAfter;
    }

    @Override
    public List<Hole> open() {
        return bySymbol.values().stream()
                .flatMap(gate -> gate.holes().stream().map(hole -> new Hole(gate.symbol(), hole.ids(), hole.since())))
                .sorted(Comparator.comparingLong(Hole::sinceNanos))
                .toList();
    }

    /** Waits until a hole was found, and at most for so long. Only the thread that fills them. */
    void awaitHole(Duration most) throws InterruptedException {
        if (holeFound.await(most)) {
            stop.await(CROWD);
        }
    }

    /** Ends {@link #awaitHole}, or the next one: for who stops the thread that waits there. */
    void stopWaiting() {
        stop.wake();
        holeFound.wake();
    }

    @Override
    public boolean accept(TradeEvent trade) throws IOException {
        if (closed || !of(trade.symbol()).offerRecovered(trade)) {
            return false;
        }
        // A page of a quiet symbol holds hours, so a thousand parts; outside the gate, where no link waits for it.
        RotatingWriter writer = recoveredWriters.get(trade.symbol());
        if (writer != null) {
            writer.sealAbove(MOST_UNSEALED);
        }
        return true;
    }

    @Override
    public void lost(Symbol symbol, IdRange ids, String reason) {
        of(symbol).giveUp(ids, reason);
    }

    @Override
    public List<Symbol> silent() {
        Map<Symbol, Duration> silences = new LinkedHashMap<>();
        bySymbol.forEach((symbol, gate) -> silences.put(symbol, gate.unusualSilence(stallAfter, LONGEST_SILENCE)));
        return silences.entrySet().stream()
                .filter(silence -> !silence.getValue().isNegative())
                .sorted(Map.Entry.<Symbol, Duration>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public void exchangeHas(Symbol symbol, long id, long tradeTimeMs) {
        of(symbol).exchangeHas(id, tradeTimeMs);
    }

    /** From now on nothing is written any more: the writers are about to close, and a request may still be under way. */
    void close() {
        closed = true;
    }

    private TradeGate of(Symbol symbol) {
        TradeGate gate = bySymbol.get(symbol);
        if (gate == null) {
            throw new IllegalStateException("no gate for " + symbol);
        }
        return gate;
    }
}
