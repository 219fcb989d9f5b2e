package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The issued trades of one symbol: the newest ones for REST, and the ids of all of them to check recordings against. Memory
 * grows with the number of trades kept. Any thread.
 */
final class TradeHistory {

    private static final int KEPT = 200_000;

    private record Entry(Tick tick, long issuedNanos) {}

    /** A ring: the trade with number n is at index n modulo its size. */
    @GuardedBy("this")
    private final List<Entry> ring = new ArrayList<>();

    /** Id ranges before the sequence resets. */
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

    /** Forgets all trades; the next one is the first. */
    synchronized void reset() {
        issued().ifPresent(earlier::add);
        ring.clear();
        issued = 0;
        oldestKeptId = 0;
    }

    /** From now on {@link #fromId} has no older trades. */
    synchronized void keepFrom(long id) {
        oldestKeptId = id;
    }

    synchronized void keepNewest(int trades) {
        oldestKeptId = lastId - trades + 1;
    }

    /** The ids issued since the last sequence reset; empty before the first trade. */
    synchronized Optional<IdRange> issued() {
        return issued == 0 ? Optional.empty() : Optional.of(new IdRange(firstId, lastId));
    }

    /** All ids ever issued, oldest first; each sequence reset starts a new range. */
    synchronized List<IdRange> issuedRanges() {
        List<IdRange> ranges = new ArrayList<>(earlier);
        issued().ifPresent(ranges::add);
        return ranges;
    }

    /** The newest trades, ascending. */
    synchronized List<Tick> newest(int limit) {
        return range(issued - limit, issued, limit);
    }

    /** The newest trades issued by that time, ascending. */
    synchronized List<Tick> newest(int limit, long untilNanos) {
        long end = end(untilNanos);
        return range(Math.max(end - limit, oldestKeptId - firstId), end, limit);
    }

    /**
     * The trades from an id on that were issued by that time, ascending. An id older than the oldest trade kept silently
     * returns that trade instead, as at the exchange (binance-public-data issue 376).
     */
    synchronized List<Tick> fromId(long id, int limit, long untilNanos) {
        return range(Math.max(id, oldestKeptId) - firstId, end(untilNanos), limit);
    }

    /** The trades at or after a trade time, ascending. */
    synchronized List<Tick> since(long epochMs, int limit) {
        long from = Math.max(issued - ring.size(), oldestKeptId - firstId);
        while (from < issued && ring.get((int) (from % KEPT)).tick().tradeTimeMs() < epochMs) {
            from++;
        }
        return range(from, issued, limit);
    }

    /** One above the number of the last trade issued by that time. */
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
