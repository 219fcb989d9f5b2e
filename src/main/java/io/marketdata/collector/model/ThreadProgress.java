package io.marketdata.collector.model;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one thread tells of itself: busy with a round of work, or idle until the next. Only the thread itself beats; anyone
 * may look. A beat is one ordered write, a few nanoseconds.
 */
public final class ThreadProgress {

    private final String name;

    /** Odd while busy; moves with every beat. */
    private final AtomicLong beats = new AtomicLong();

    /** @param name of the thread */
    public ThreadProgress(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** A round of work begins; in the middle of one it ends that, and begins the next. */
    public void busy() {
        long now = beats.getPlain();
        beats.setRelease(now + 1 + (now & 1));
    }

    /** The round is over: whatever the thread waits for now may take as long as it likes. */
    public void idle() {
        long now = beats.getPlain();
        beats.setRelease(now + (now & 1));
    }

    /** The number of the round that the thread is busy with; -1 while it is idle. */
    public long round() {
        long now = beats.getAcquire();
        return (now & 1) == 0 ? -1 : now;
    }
}
