package io.marketdata.collector.feed;

import java.util.concurrent.atomic.AtomicLongArray;

/** What one connection has brought of each symbol. Written by its read thread, read by others a moment later. */
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
        AtomicLongArray ids = new AtomicLongArray(symbols);
        for (int i = 0; i < symbols; i++) {
            ids.set(i, NONE);
        }
        return ids;
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

    /** When the last trade came, monotonic; meaningless before the first. */
    long lastNanos(int symbol) {
        return lastNanos.getOpaque(symbol);
    }
}
