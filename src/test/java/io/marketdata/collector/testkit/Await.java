package io.marketdata.collector.testkit;

import java.util.concurrent.TimeUnit;

/** Waits until a condition holds; fails after a time far above what it usually takes. */
public final class Await {

    private static final int PATIENCE_SECONDS = 60;

    private Await() {}

    /** A condition that is polled every 20 ms. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** @param what the condition in words, for the failure message */
    public static void until(String what, Condition condition) throws Exception {
        until(what, PATIENCE_SECONDS, condition);
    }

    /** As {@link #until(String, Condition)}, for what takes longer. */
    public static void until(String what, int seconds, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + seconds + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
