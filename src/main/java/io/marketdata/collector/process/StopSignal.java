package io.marketdata.collector.process;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and Ctrl-C: tells the program that it is asked to stop, and keeps the JVM alive until it has. The shutdown hook
 * never waits for the main thread itself: that one may be in {@code System.exit}, which waits for the hook.
 */
public final class StopSignal implements AutoCloseable {

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * @param patience how long the JVM may take to stop; then it ends as it is
     * @param onAsked called when the process is asked to stop
     */
    public StopSignal(Duration patience, Runnable onAsked) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            asked.countDown();
                            onAsked.run();
                            awaitStop(patience);
                        },
                        "on-signal"));
    }

    public StopSignal(Duration patience) {
        this(patience, () -> {});
    }

    private void awaitStop(Duration patience) {
        try {
            if (!stopped.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                System.err.println("Stopping took longer than " + patience.toSeconds()
                        + " s and is broken off; what waits in the spool is uploaded by the next start.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for at most {@code time}; whether the process is asked to stop. */
    public boolean await(Duration time) throws InterruptedException {
        return asked.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The program has stopped in good order. */
    @Override
    public void close() {
        stopped.countDown();
    }
}
