package io.marketdata.collector.testkit;

import java.util.concurrent.TimeUnit;

/** Waits for what must come about; fails when it has not after a time that is far above what it takes. */
public final class Await {

    private static final int PATIENCE_SECONDS = 60;

    private Await() {}

    /** Something that can be looked at again and again. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** @param what is waited for, in words for the failure */
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
