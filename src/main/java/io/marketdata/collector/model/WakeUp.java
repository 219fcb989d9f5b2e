package io.marketdata.collector.model;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes a thread that waits for work. A signal sent while the thread is not waiting ends its next wait at once. */
public final class WakeUp {

    private final Semaphore calls = new Semaphore(0);

    /** Ends the current wait, or the next one. Any thread; never blocks. */
    public void wake() {
        // One permit is enough, and a semaphore overflows at two billion.
        if (calls.availablePermits() == 0) {
            calls.release();
        }
    }

    /**
     * Waits for a call of {@link #wake()} since the last wait. One thread.
     *
     * @param most longest wait
     * @return whether the thread was woken
     */
    public boolean await(Duration most) throws InterruptedException {
        boolean woken = calls.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
        if (woken) {
            calls.drainPermits();
        }
        return woken;
    }
}
