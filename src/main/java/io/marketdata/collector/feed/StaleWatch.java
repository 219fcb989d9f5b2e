package io.marketdata.collector.feed;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a connection is open and brings nothing of a symbol, while others bring it: another connection, or REST, which tells
 * the arbiter what exists. A symbol that nobody trades stalls no connection. One thread.
 */
final class StaleWatch {

    /** Two connections are milliseconds apart; a difference that lasts so long is none. */
    private static final long BEHIND_NANOS = Duration.ofSeconds(2).toNanos();

    private final List<LineArbiter> arbiters;
    private final ConnectionProgress progress;
    private final long openedNanos;
    private final long staleNanos;

    /** What existed when the connection had just been opened; it need not bring that. */
    private final long[] baseline;

    private final long[] lastSeen;

    /** Since when the connection is behind; {@code Long.MIN_VALUE} while it is not. */
    private final long[] behindSince;

    StaleWatch(List<LineArbiter> arbiters, ConnectionProgress progress, long openedNanos, Duration staleAfter) {
        this.arbiters = arbiters;
        this.progress = progress;
        this.openedNanos = openedNanos;
        this.staleNanos = staleAfter.toNanos();
        this.baseline = new long[arbiters.size()];
        this.lastSeen = new long[arbiters.size()];
        this.behindSince = new long[arbiters.size()];
        Arrays.fill(behindSince, Long.MIN_VALUE);
        Arrays.fill(baseline, -1);
        Arrays.fill(lastSeen, -1);
    }

    /** The arbiter of a symbol that the connection does not bring; null if there is none. To be asked often. */
    @Nullable
    LineArbiter stalled(long now) {
        for (int i = 0; i < baseline.length; i++) {
            if (isStalled(i, now)) {
                return arbiters.get(i);
            }
        }
        return null;
    }

    private boolean isStalled(int i, long now) {
        long exists = arbiters.get(i).highest();
        long last = progress.lastId(i);
        // Below it when the exchange has begun to count again.
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
        long silentSince = last < 0 ? openedNanos : progress.lastNanos(i);
        return now - behindSince[i] >= BEHIND_NANOS && now - silentSince >= staleNanos;
    }
}
