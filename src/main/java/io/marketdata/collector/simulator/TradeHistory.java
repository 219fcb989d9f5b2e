package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The trades of one symbol that have been issued: the newest for REST, and the ids of all as the oracle. Memory is taken
 * as they come. Any thread.
 */
final class TradeHistory {

    private static final int KEPT = 200_000;

    private record Entry(Tick tick, long issuedNanos) {}

    /** A ring: trade number n of all stands at n modulo its size. */
    @GuardedBy("this")
    private final List<Entry> ring = new ArrayList<>();

    /** Of the times before ids began again. */
    @GuardedBy("this")
    private final List<IdRange> earlier = new ArrayList<>();

    @GuardedBy("this")
    private long issued;

    @GuardedBy("this")
    private long firstId;

    @GuardedBy("this")
    private long lastId;

    @GuardedBy("this")
    private long oldestKeptId;

    synchronized void add(Tick tick, long nowNanos) {
        firstId = issued == 0 ? tick.id() : firstId;
        lastId = tick.id();
        Entry entry = new Entry(tick, nowNanos);
        if (ring.size() < KEPT) {
            ring.add(entry);
        } else {
            ring.set((int) (issued % KEPT), entry);
        }
        issued++;
    }

    /** Forgets all; the next trade is the first. */
    synchronized void beginAgain() {
        issued().ifPresent(earlier::add);
        ring.clear();
        issued = 0;
        oldestKeptId = 0;
    }

    /** {@link #fromId} has nothing older. */
    synchronized void keepFrom(long id) {
        oldestKeptId = id;
    }

    synchronized void keepNewest(int trades) {
        oldestKeptId = lastId - trades + 1;
    }

    /** All ids issued since they began; empty before the first trade. */
    synchronized Optional<IdRange> issued() {
        return issued == 0 ? Optional.empty() : Optional.of(new IdRange(firstId, lastId));
    }

    /** All ids ever issued, oldest first; a range ends where ids began again. */
    synchronized List<IdRange> issuedRanges() {
        List<IdRange> ranges = new ArrayList<>(earlier);
        issued().ifPresent(ranges::add);
        return ranges;
    }

    /** The newest trades, ascending. */
    synchronized List<Tick> newest(int limit) {
        return range(issued - limit, issued, limit);
    }

    /** The newest of those issued at that time, ascending. */
    synchronized List<Tick> newest(int limit, long untilNanos) {
        long end = end(untilNanos);
        return range(Math.max(end - limit, oldestKeptId - firstId), end, limit);
    }

    /**
     * Trades from an id on, of those issued at that time, ascending. An id older than what is kept silently gives the
     * oldest kept instead, as on the real exchange (binance-public-data issue 376).
     */
    synchronized List<Tick> fromId(long id, int limit, long untilNanos) {
        return range(Math.max(id, oldestKeptId) - firstId, end(untilNanos), limit);
    }

    /** The number behind the last trade issued at that time. */
    @GuardedBy("this")
    private long end(long untilNanos) {
        long end = issued;
        while (end > issued - ring.size() && ring.get((int) ((end - 1) % KEPT)).issuedNanos() - untilNanos > 0) {
            end--;
        }
        return end;
    }

    @GuardedBy("this")
    private List<Tick> range(long from, long end, int limit) {
        List<Tick> ticks = new ArrayList<>();
        for (long n = Math.max(from, issued - ring.size()); n < end && ticks.size() < limit; n++) {
            ticks.add(ring.get((int) (n % KEPT)).tick());
        }
        return ticks;
    }
}
