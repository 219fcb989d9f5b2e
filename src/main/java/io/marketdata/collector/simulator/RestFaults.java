package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds the faults of the REST server. Any thread. */
final class RestFaults {

    private final Map<Symbol, TradeHistory> histories;
    private final Time time;
    private final ActiveFaults<Fault.OfRequests> requests;
    private final AtomicLong taken = new AtomicLong();
    private volatile Duration historyLag = Duration.ZERO;
    private volatile boolean dataOnly;

    RestFaults(Map<Symbol, TradeHistory> histories, Time time) {
        this.histories = histories;
        this.time = time;
        this.requests = new ActiveFaults<>(time);
    }

    void inflict(Fault.OfRest fault) {
        if (fault instanceof Fault.OfRequests some) {
            requests.add(some, some.extent());
        } else if (fault instanceof Fault.HistoryLag lag) {
            historyLag = lag.by();
        } else if (fault instanceof Fault.DataOnlyHost host) {
            dataOnly = host.on();
        } else if (fault instanceof Fault.OldestKept kept) {
            each(kept.symbol(), history -> history.keepFrom(kept.id()));
        } else if (fault instanceof Fault.KeepNewest kept) {
            each(kept.symbol(), history -> history.keepNewest(kept.trades()));
        }
    }

    private void each(@Nullable Symbol wanted, Consumer<TradeHistory> change) {
        histories.forEach((symbol, history) -> {
            if (wanted == null || wanted.equals(symbol)) {
                change.accept(history);
            }
        });
    }

    void heal() {
        requests.clear();
        historyLag = Duration.ZERO;
        dataOnly = false;
    }

    Fault.@Nullable OfRequests take(String path) {
        long number = taken.incrementAndGet();
        return requests.take(fault ->
                path.endsWith(fault.path()) && !(fault instanceof Fault.RestLie lie && number % lie.oneIn() != 0));
    }

    boolean isDataOnly() {
        return dataOnly;
    }

    /** {@code historicalTrades} has the trades issued until this time, ns. */
    long historyUntilNanos() {
        return time.nanoTime() - historyLag.toNanos();
    }
}
