package io.marketdata.collector.process;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Reports SIGTERM and Ctrl-C to the program and keeps the JVM alive until the program has stopped. A second one ends the
 * process at once; the exit code is that of the signal in both cases, 130 or 143. The shutdown hook never waits for the main
 * thread itself, which may be in {@code System.exit} and thus be waiting for the hook.
 */
public final class StopSignal implements AutoCloseable {

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * @param patience how long the program may take to stop; then the JVM ends anyway
     * @param onAsked called when the process is asked to stop
     */
    public StopSignal(Duration patience, Runnable onAsked) {
        Runnable onSignal = () -> {
            asked.countDown();
            if (stopped.getCount() > 0) {
                onAsked.run();
                awaitStop(patience);
            }
            Outputs.flush();
        };
        Runtime.getRuntime().addShutdownHook(new Thread(onSignal, "on-signal"));
        SecondSignal.watch(Time.SYSTEM);
    }

    /** The same for a command that prints on standard error what its end waits for. */
    public static StopSignal announcing(Duration patience, Supplier<String> awaited) {
        return new StopSignal(
                patience, () -> System.err.println("Stopping: " + awaited.get() + "; Ctrl-C again ends at once"));
    }

    private void awaitStop(Duration patience) {
        try {
            if (!stopped.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                System.err.println("Stopping took longer than " + patience.toSeconds()
                        + " s, the process ends now. The next start uploads the backlog in the spool.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for at most {@code time}; returns whether the process is asked to stop. */
    public boolean await(Duration time) throws InterruptedException {
        return asked.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Reports that the program has stopped cleanly. */
    @Override
    public void close() {
        stopped.countDown();
    }
}
