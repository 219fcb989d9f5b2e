package io.marketdata.collector.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a repeating event from filling the log: the first event of a kind is logged at once, further events of that kind
 * once per interval. Any thread; its own lock.
 */
public final class LogThrottle {

    private final long intervalNanos;
    private @Nullable Object loggedKind;
    private long loggedNanos;

    /** @param interval shortest time between two log lines of the same kind */
    public LogThrottle(Duration interval) {
        intervalNanos = interval.toNanos();
    }

    /**
     * Whether the caller should log this event; if true, the caller logs it.
     *
     * @param nowNanos monotonic
     */
    public synchronized boolean admits(Object kind, long nowNanos) {
        if (kind.equals(loggedKind) && nowNanos - loggedNanos < intervalNanos) {
            return false;
        }
        loggedKind = kind;
        loggedNanos = nowNanos;
        return true;
    }

    /** The same for events of a single kind. */
    public boolean admits(long nowNanos) {
        return admits("", nowNanos);
    }

    /** Makes the next event be logged at once; call when the condition has ended. */
    public synchronized void reset() {
        loggedKind = null;
    }
}
