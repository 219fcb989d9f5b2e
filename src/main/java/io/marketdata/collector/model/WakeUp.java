package io.marketdata.collector.model;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets a thread wait for work that others make. What comes while it does not wait ends its next wait at once. */
public final class WakeUp {

    private final Semaphore calls = new Semaphore(0);

    /** Ends the wait, or the next one. Any thread; waits for nothing. */
    public void wake() {
        // One is as good as many, and a semaphore has room for two billions only.
        if (calls.availablePermits() == 0) {
            calls.release();
        }
    }

    /**
     * Waits until somebody calls {@link #wake()}, or has since the last wait. One thread.
     *
     * @param most returns after this time in any case
     * @return whether it was woken
     */
    public boolean await(Duration most) throws InterruptedException {
        boolean woken = calls.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
        if (woken) {
            calls.drainPermits();
        }
        return woken;
    }
}
