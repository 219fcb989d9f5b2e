package io.marketdata.collector.model;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps repeating events from filling the log: of each kind the first events are logged at once, further ones once per
 * interval, also if the kinds alternate. Any thread; its own lock.
 */
public final class LogThrottle {

    /** Kinds remembered within an interval; events of more kinds than this are not logged. */
    private static final int MOST_KINDS = 50;

    private final long intervalNanos;
    private final int burst;
    private final Map<Object, Logged> kinds = new HashMap<>();

    private record Logged(long sinceNanos, int lines) {}

    /** @param interval shortest time between two log lines of the same kind */
    public LogThrottle(Duration interval) {
        this(interval, 1);
    }

    /** @param burst log lines of one kind that are admitted in each interval, at least 1 */
    public LogThrottle(Duration interval, int burst) {
        intervalNanos = interval.toNanos();
        this.burst = burst;
    }

    /**
     * Whether the caller should log this event; if true, the caller logs it.
     *
     * @param nowNanos monotonic
     */
    public synchronized boolean admits(Object kind, long nowNanos) {
        Logged logged = kinds.get(kind);
        if (logged != null && nowNanos - logged.sinceNanos() < intervalNanos) {
            if (logged.lines() < burst) {
                kinds.put(kind, new Logged(logged.sinceNanos(), logged.lines() + 1));
                return true;
            }
            return false;
        }
        kinds.values().removeIf(each -> nowNanos - each.sinceNanos() >= intervalNanos);
        if (kinds.size() >= MOST_KINDS) {
            return false;
        }
        kinds.put(kind, new Logged(nowNanos, 1));
        return true;
    }

    /** The same for events of a single kind. */
    public boolean admits(long nowNanos) {
        return admits("", nowNanos);
    }

    /** Makes the next event be logged at once; call when the condition has ended. */
    public synchronized void reset() {
        kinds.clear();
    }
}
