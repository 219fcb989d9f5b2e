package io.marketdata.collector.collect;

import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.WakeUp;
import io.marketdata.collector.rest.Gaps;
import io.marketdata.collector.rest.QuietCheck;
import io.marketdata.collector.spool.RotatingWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The gaps and the pace of all symbols, for backfill over REST. Any thread. */
public final class Arbiters implements Gaps, QuietCheck.Symbols {

    private final Map<Symbol, LineArbiter> bySymbol = new LinkedHashMap<>();
    private final Duration staleAfter;
    private final Map<Symbol, RotatingWriter> backfilledWriters;

    /** Gaps of a bad connection come in groups; none of them is backfilled sooner than this. */
    private static final Duration GROUP = Duration.ofMillis(100);

    private final WakeUp gapFound = new WakeUp();
    private final WakeUp stop = new WakeUp();

    private volatile boolean closed;

    /** @param staleAfter the shortest time without a trade that counts as unusual */
    Arbiters(List<LineArbiter> arbiters, Map<Symbol, RotatingWriter> backfilledWriters, Duration staleAfter) {
        for (LineArbiter arbiter : arbiters) {
            bySymbol.put(arbiter.symbol(), arbiter);
            arbiter.onGap(gapFound::wake);
        }
        this.backfilledWriters = Map.copyOf(backfilledWriters);
        this.staleAfter = staleAfter;
    }

    @Override
    public List<Gap> open() {
        return bySymbol.values().stream()
                .flatMap(arbiter ->
                        arbiter.gaps().stream().map(gap -> new Gap(arbiter.symbol(), gap.ids(), gap.since())))
                .sorted(Comparator.comparingLong(Gap::sinceNanos))
                .toList();
    }

    /** Waits until a gap was found, at most {@code most}. Only the backfill thread. */
    void awaitGap(Duration most) throws InterruptedException {
        if (gapFound.await(most)) {
            stop.await(GROUP);
        }
    }

    /** Ends the current or the next {@link #awaitGap}, before the backfill thread is stopped. */
    void stopWaiting() {
        stop.wake();
        gapFound.wake();
    }

    @Override
    public boolean accept(TradeEvent trade) throws IOException {
        if (closed || !of(trade.symbol()).offerBackfilled(trade)) {
            return false;
        }
        // A page of a quiet symbol spans hours, so a thousand parts. Outside the arbiter's lock, which connections
        // need.
        RotatingWriter writer = backfilledWriters.get(trade.symbol());
        if (writer != null) {
            writer.sealAbove(RotatingWriter.MOST_UNSEALED);
        }
        return true;
    }

    @Override
    public boolean contradicts(TradeEvent trade) {
        return of(trade.symbol()).contradicts(trade);
    }

    @Override
    public void markUnrecoverable(Symbol symbol, IdRange ids, String reason) {
        of(symbol).markUnrecoverable(ids, reason);
    }

    /** Recorded trades are lost and are missing from now on; those of a symbol that is not recorded are not backfilled. */
    void lost(Symbol symbol, IdRange ids) {
        LineArbiter arbiter = bySymbol.get(symbol);
        if (arbiter != null) {
            arbiter.lost(ids);
        }
    }

    @Override
    public List<Symbol> doubtful() {
        return bySymbol.values().stream()
                .filter(LineArbiter::isInDoubt)
                .map(LineArbiter::symbol)
                .toList();
    }

    @Override
    public List<Symbol> silent() {
        Map<Symbol, Duration> silences = new LinkedHashMap<>();
        bySymbol.forEach((symbol, arbiter) ->
                silences.put(symbol, arbiter.unusualSilence(staleAfter, LineArbiter.LONGEST_SILENCE)));
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

    /** Refuses trades from now on: the writers are about to close, and a request may still be in flight. */
    void close() {
        closed = true;
    }

    private LineArbiter of(Symbol symbol) {
        LineArbiter arbiter = bySymbol.get(symbol);
        if (arbiter == null) {
            throw new IllegalStateException("no arbiter for " + symbol);
        }
        return arbiter;
    }
}
