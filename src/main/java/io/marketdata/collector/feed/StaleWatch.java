package io.marketdata.collector.feed;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Detects a stale connection: open, but without trades of a symbol whose newer trades the arbiter knows from another
 * connection or from REST. A symbol without trades makes no connection stale. One thread.
 */
final class StaleWatch {

    /** Redundant connections are milliseconds apart; a connection behind for longer than this is not merely slower. */
    private static final long BEHIND_NANOS = Duration.ofSeconds(2).toNanos();

    private final List<LineArbiter> arbiters;
    private final ConnectionProgress delivered;
    private final long openedNanos;
    private final long staleNanos;

    /** The greatest id that existed just after the connection was opened, which it need not deliver; -1: none. */
    private final long[] baseline;

    private final long[] lastSeen;

    /** Since when the connection has been behind; {@code Long.MIN_VALUE} while it is not. */
    private final long[] behindSince;

    StaleWatch(List<LineArbiter> arbiters, ConnectionProgress delivered, long openedNanos, Duration staleAfter) {
        this.arbiters = arbiters;
        this.delivered = delivered;
        this.openedNanos = openedNanos;
        this.staleNanos = staleAfter.toNanos();
        this.baseline = new long[arbiters.size()];
        this.lastSeen = new long[arbiters.size()];
        this.behindSince = new long[arbiters.size()];
        Arrays.fill(behindSince, Long.MIN_VALUE);
        Arrays.fill(baseline, -1);
        Arrays.fill(lastSeen, -1);
    }

    /** The arbiter of a symbol that the connection does not deliver; null if there is none. Called often. */
    @Nullable
    LineArbiter stale(long now) {
        for (int i = 0; i < baseline.length; i++) {
            if (isStale(i, now)) {
                return arbiters.get(i);
            }
        }
        return null;
    }

    private boolean isStale(int i, long now) {
        long exists = arbiters.get(i).highest();
        long last = delivered.lastId(i);
        // Below the baseline after a sequence reset.
        if (baseline[i] < 0 || exists < baseline[i] || now - openedNanos < BEHIND_NANOS) {
            baseline[i] = exists;
        }
        boolean advanced = last != lastSeen[i];
        lastSeen[i] = last;
        if (advanced || exists <= Math.max(last, baseline[i])) {
            behindSince[i] = Long.MIN_VALUE;
            return false;
        }
        if (behindSince[i] == Long.MIN_VALUE) {
            behindSince[i] = now;
        }
        long staleSince = last < 0 ? openedNanos : delivered.lastNanos(i);
        return now - behindSince[i] >= BEHIND_NANOS && now - staleSince >= staleNanos;
    }
}
