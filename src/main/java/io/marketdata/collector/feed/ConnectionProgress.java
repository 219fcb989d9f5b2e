package io.marketdata.collector.feed;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/** What one connection has delivered of each symbol. Its read thread writes; any thread reads, a moment behind. */
final class ConnectionProgress {

    private static final long NONE = -1;

    private final AtomicLongArray firstIds;
    private final AtomicLongArray lastIds;
    private final AtomicLongArray lastNanos;

    ConnectionProgress(int symbols) {
        firstIds = filled(symbols);
        lastIds = filled(symbols);
        lastNanos = new AtomicLongArray(symbols);
    }

    private static AtomicLongArray filled(int symbols) {
        long[] ids = new long[symbols];
        Arrays.fill(ids, NONE);
        return new AtomicLongArray(ids);
    }

    void add(int symbol, long id, long nowNanos) {
        if (firstIds.getPlain(symbol) == NONE) {
            firstIds.setOpaque(symbol, id);
        }
        lastNanos.setOpaque(symbol, nowNanos);
        lastIds.setRelease(symbol, id);
    }

    /** Id of the first trade; -1 before it. */
    long firstId(int symbol) {
        return firstIds.getOpaque(symbol);
    }

    /** Id of the last trade; -1 before the first. */
    long lastId(int symbol) {
        return lastIds.getAcquire(symbol);
    }

    /** When the last trade arrived, monotonic; meaningless before the first. */
    long lastNanos(int symbol) {
        return lastNanos.getOpaque(symbol);
    }

    private boolean hasDelivered(int symbol, long sinceNanos) {
        return lastId(symbol) >= 0 && lastNanos(symbol) - sinceNanos > 0;
    }

    /**
     * Whether the ids prove that this connection has every trade that an older one would still deliver.
     *
     * @param openedNanos when this connection was open
     * @param oldIsStale whether the older one is replaced because it is stale, so that its ids prove nothing
     */
    boolean covers(ConnectionProgress old, long openedNanos, boolean oldIsStale) {
        for (int i = 0; i < firstIds.length(); i++) {
            long first = firstId(i);
            long last = old.lastId(i);
            boolean oldStopped = !old.hasDelivered(i, openedNanos);
            boolean proven = first < 0 ? oldStopped : last < 0 || first <= last + 1 || (oldIsStale && oldStopped);
            if (!proven) {
                return false;
            }
        }
        return true;
    }

    /** Whether no symbol has been delivered by the older connection alone since this one was open. */
    boolean hasEverySymbolOf(ConnectionProgress old, long openedNanos) {
        for (int i = 0; i < firstIds.length(); i++) {
            if (old.hasDelivered(i, openedNanos) && firstId(i) < 0) {
                return false;
            }
        }
        return true;
    }
}
