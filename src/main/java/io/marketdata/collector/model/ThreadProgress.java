package io.marketdata.collector.model;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The progress of one thread: busy with a cycle of work, or idle until the next. Only the thread itself reports; any thread
 * may read. A report is one ordered write, a few nanoseconds.
 */
public final class ThreadProgress {

    private final String name;

    /** Odd while busy; grows with every change. */
    private final AtomicLong changes = new AtomicLong();

    /** @param name of the thread */
    public ThreadProgress(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** Begins a cycle of work; ends the current one, if any. */
    public void busy() {
        long now = changes.getPlain();
        changes.setRelease(now + 1 + (now & 1));
    }

    /** Ends the cycle: what the thread waits for now may take any time. */
    public void idle() {
        long now = changes.getPlain();
        changes.setRelease(now + (now & 1));
    }

    /** The number of the cycle that the thread is busy with; -1 while it is idle. */
    public long cycle() {
        long now = changes.getAcquire();
        return (now & 1) == 0 ? -1 : now;
    }
}
