package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The trades of one symbol that have been issued: the newest for REST, and the ids of all as the oracle. Any thread. */
final class TradeHistory {

    private static final int KEPT = 200_000;

    /** A ring: trade number n of all stands at n modulo its size. */
    @GuardedBy("this")
    private final List<Tick> ring = new ArrayList<>();

    @GuardedBy("this")
    private long issued;

    @GuardedBy("this")
    private long firstId;

    @GuardedBy("this")
    private long lastId;

    synchronized void add(Tick tick) {
        firstId = issued == 0 ? tick.id() : firstId;
        lastId = tick.id();
        if (ring.size() < KEPT) {
            ring.add(tick);
        } else {
            ring.set((int) (issued % KEPT), tick);
        }
        issued++;
    }

    /** All ids issued; empty before the first trade. */
    synchronized Optional<IdRange> issued() {
        return issued == 0 ? Optional.empty() : Optional.of(new IdRange(firstId, lastId));
    }

    /** The newest trades, ascending. */
    synchronized List<Tick> newest(int limit) {
        return from(Math.max(0, issued - limit), limit);
    }

    /**
     * Trades from an id on, ascending. An id older than what is kept silently gives the oldest kept instead, as on the
     * real exchange (binance-public-data issue 376).
     */
    synchronized List<Tick> fromId(long id, int limit) {
        if (issued == 0 || id > lastId) {
            return List.of();
        }
        return from(Math.max(0, id - firstId), limit);
    }

    @GuardedBy("this")
    private List<Tick> from(long number, int limit) {
        long oldest = issued - ring.size();
        List<Tick> ticks = new ArrayList<>();
        for (long n = Math.max(number, oldest); n < issued && ticks.size() < limit; n++) {
            ticks.add(ring.get((int) (n % KEPT)));
        }
        return ticks;
    }
}
