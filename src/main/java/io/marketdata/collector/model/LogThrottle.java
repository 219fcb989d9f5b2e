package io.marketdata.collector.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what happens again and again from filling the log: it is told at once, at once again when it is of another kind,
 * and otherwise once in a while. Any thread; its own lock.
 */
public final class LogThrottle {

    private final long silenceNanos;

    private @Nullable Object toldKind;

    private long toldNanos;

    /** @param silence how long the same kind is not told again */
    public LogThrottle(Duration silence) {
        silenceNanos = silence.toNanos();
    }

    /**
     * Whether this is to be told; who gets true tells it.
     *
     * @param nowNanos monotonic
     */
    public synchronized boolean admits(Object kind, long nowNanos) {
        if (kind.equals(toldKind) && nowNanos - toldNanos < silenceNanos) {
            return false;
        }
        toldKind = kind;
        toldNanos = nowNanos;
        return true;
    }

    /** The same, for what has one kind only. */
    public boolean admits(long nowNanos) {
        return admits("", nowNanos);
    }

    /** It is over: what comes next is told at once. */
    public synchronized void reset() {
        toldKind = null;
    }
}
