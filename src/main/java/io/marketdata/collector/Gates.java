package io.marketdata.collector;

import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.rest.Holes;
import io.marketdata.collector.rest.QuietCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The door between the gates of the symbols and recovery over REST. Any thread. */
final class Gates implements Holes, QuietCheck.Symbols {

    /** However seldom a symbol trades, after so long a silence REST is asked. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    private final Map<Symbol, TradeGate> bySymbol = new LinkedHashMap<>();
    private final Duration stallAfter;
    private volatile boolean closed;

    /** @param stallAfter no shorter silence is unusual */
    Gates(List<TradeGate> gates, Duration stallAfter) {
        gates.forEach(gate -> bySymbol.put(gate.symbol(), gate));
        this.stallAfter = stallAfter;
    }

    @Override
    public List<Hole> open() {
        return bySymbol.values().stream()
                .flatMap(gate -> gate.holes().stream().map(hole -> new Hole(gate.symbol(), hole.ids(), hole.since())))
                .sorted(Comparator.comparingLong(Hole::sinceNanos))
                .toList();
    }

    @Override
    public boolean accept(TradeEvent trade) throws IOException {
        return !closed && of(trade.symbol()).offerRecovered(trade);
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
    public void exchangeHas(Symbol symbol, long id) {
        of(symbol).exchangeHas(id);
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
