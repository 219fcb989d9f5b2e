package io.marketdata.collector.feed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/**
 * Finds trades of a symbol whose time {@code T} has leapt: each would open a part of its own, far from where readers look for it.
 *
 * <p>Two witnesses know the time: this machine's wall clock, and the symbol's trades before. A trade has leapt if it is more than
 * 12 h from both. One witness suffices, because either may be wrong for good: the wall clock of a machine without time
 * synchronisation by years, and the trades of a replay are as old as its recording. The first trade is believed. When a
 * trade agrees with the wall clock, that becomes what later trades are compared with; in between, time is measured by the
 * monotonic clock, so a step of the wall clock changes nothing.
 *
 * <p>Trades that have leapt alike for 10 s, with none in between that has not, are the exchange's new time and believed
 * from then on: doubt hides 10 s at most.
 *
 * <p>One for all connections that carry the symbol. Thread-safe.
 */
final class TradeTimeCheck {

    /** Why such a trade is kept in {@code unparsed/}. */
    static final String LEAP = "a trade whose time T is more than 12 h from now and from the trades before";

    /** Far above a late trade or a clock that is off, and half a day, so that a trade is at most in a neighbouring one. */
    private static final long MAX_DISTANCE_MS = Duration.ofHours(12).toMillis();

    private static final long BELIEVED_AFTER_MS = 10_000;
    private static final long UNKNOWN = Long.MIN_VALUE;

    /** What the trades' clock showed when the monotonic clock was 0, ms since 1970 UTC. */
    @GuardedBy("this")
    private long base = UNKNOWN;

    /** The same according to the trades that have leapt. */
    @GuardedBy("this")
    private long leaptBase = UNKNOWN;

    /** When the first of them arrived, monotonic, ms. */
    @GuardedBy("this")
    private long leaptAtMs;

    /**
     * Whether a trade's time has leapt.
     *
     * @param tradeTimeMs {@code T}, ms since 1970 UTC
     * @param receivedMs wall clock when it was received, ms since 1970 UTC
     * @param nowNanos monotonic clock
     */
    synchronized boolean hasLeapt(long tradeTimeMs, long receivedMs, long nowNanos) {
        long nowMs = nowNanos / 1_000_000;
        long tradeBase = tradeTimeMs - nowMs;
        if (areNear(tradeTimeMs, receivedMs)) {
            base = receivedMs - nowMs;
        } else if (base == UNKNOWN || hasLasted(tradeBase, nowMs)) {
            base = tradeBase;
        } else if (!areNear(tradeBase, base)) {
            return true;
        }
        leaptBase = UNKNOWN;
        return false;
    }

    @GuardedBy("this")
    private boolean hasLasted(long tradeBase, long nowMs) {
        if (areNear(tradeBase, base)) {
            return false;
        }
        if (leaptBase == UNKNOWN || !areNear(tradeBase, leaptBase)) {
            leaptBase = tradeBase;
            leaptAtMs = nowMs;
        }
        return nowMs - leaptAtMs >= BELIEVED_AFTER_MS;
    }

    private static boolean areNear(long one, long other) {
        return Math.abs(one - other) <= MAX_DISTANCE_MS;
    }
}
