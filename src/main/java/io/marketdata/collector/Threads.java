package io.marketdata.collector;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Named daemon threads that never die quietly: whatever escapes one goes to {@code fatal}. Each runs until its work
 * returns, or, for a loop, until {@link #stop}.
 */
final class Threads {

    /** Work that may wait and may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    private final Time time;
    private final Consumer<Throwable> fatal;
    private final CountDownLatch stopping = new CountDownLatch(1);

    @GuardedBy("this")
    private final List<Thread> threads = new ArrayList<>();

    Threads(Time time, Consumer<Throwable> fatal) {
        this.time = time;
        this.fatal = fatal;
    }

    /** Daemon threads with numbered names, for others' pools and servers. */
    static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Runs {@code work} once, on a thread of its own. */
    void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (Throwable t) {
                        fatal.accept(t);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        remember(thread);
    }

    /** Links come and go for months; only threads that live are kept. */
    private synchronized void remember(Thread thread) {
        threads.removeIf(each -> !each.isAlive());
        threads.add(thread);
    }

    private synchronized List<Thread> threads() {
        return List.copyOf(threads);
    }

    /** Runs {@code work} again and again with pauses of {@code period} between, until {@link #stop}. */
    void repeat(String name, Duration period, Work work) {
        start(name, () -> {
            do {
                work.run();
            } while (!stopping.await(period.toNanos(), TimeUnit.NANOSECONDS));
        });
    }

    /** Runs {@code work} again and again without pauses, until {@link #stop}; the work itself waits. */
    void loop(String name, Work work) {
        start(name, () -> {
            while (stopping.getCount() > 0) {
                work.run();
            }
        });
    }

    /**
     * Ends loops and repetitions after the round they are in, and waits for all threads.
     *
     * @return whether all had ended within {@code patience}
     */
    boolean stop(Duration patience) throws InterruptedException {
        stopping.countDown();
        long deadline = time.nanoTime() + patience.toNanos();
        boolean ended = true;
        for (Thread thread : threads()) {
            long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - time.nanoTime()));
            thread.join(left);
            ended &= !thread.isAlive();
        }
        return ended;
    }
}
