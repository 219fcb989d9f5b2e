package io.marketdata.collector.feed;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a link is open and brings nothing of a symbol, while others bring it: another link, or REST, which tells
 * the gate what exists. A symbol that nobody trades stalls no link. One thread.
 */
final class StallWatch {

    /** Two links are milliseconds apart; a difference that lasts so long is none. */
    private static final long BEHIND_NANOS = Duration.ofSeconds(2).toNanos();

    private final List<TradeGate> gates;
    private final LinkProgress progress;
    private final long openedNanos;
    private final long stallNanos;

    /** What existed when the link had just been opened; it need not bring that. */
    private final long[] baseline;

    private final long[] lastSeen;

    /** Since when the link is behind; {@code Long.MIN_VALUE} while it is not. */
    private final long[] behindSince;

    StallWatch(List<TradeGate> gates, LinkProgress progress, long openedNanos, Duration stallAfter) {
        this.gates = gates;
        this.progress = progress;
        this.openedNanos = openedNanos;
        this.stallNanos = stallAfter.toNanos();
        this.baseline = new long[gates.size()];
        this.lastSeen = new long[gates.size()];
        this.behindSince = new long[gates.size()];
        Arrays.fill(behindSince, Long.MIN_VALUE);
        Arrays.fill(baseline, -1);
        Arrays.fill(lastSeen, -1);
    }

    /** The gate of a symbol that the link does not bring; null if there is none. To be asked often. */
    @Nullable
    TradeGate stalled(long now) {
        for (int i = 0; i < baseline.length; i++) {
            if (isStalled(i, now)) {
                return gates.get(i);
            }
        }
        return null;
    }

    private boolean isStalled(int i, long now) {
        long exists = gates.get(i).highest();
        long last = progress.lastId(i);
        // Below it when the exchange has begun to count anew.
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
        return now - behindSince[i] >= BEHIND_NANOS && now - silentSince >= stallNanos;
    }
}
