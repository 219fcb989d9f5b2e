package io.marketdata.collector.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs named daemon threads: every uncaught exception or error goes to {@code fatal}, and the {@link Watchdog} watches each
 * thread. Each runs until its work returns or, for a loop, until {@link #stop}. They are never interrupted, so an interrupt
 * is a fault like any other.
 */
public final class Threads {

    /** Work of a thread; it may wait and may fail. */
    @FunctionalInterface
    public interface Work {
        /**
         * Runs it.
         *
         * @param progress busy when a cycle begins; the work sets it idle for a planned wait, and busy again for each step of
         *     a long cycle
         */
        void run(ThreadProgress progress) throws Exception;
    }

    /** A planned wait between two cycles. */
    @FunctionalInterface
    public interface Pause {
        void await() throws InterruptedException;
    }

    private final Time time;
    private final Watchdog watchdog;
    private final Consumer<Throwable> fatal;
    private final CountDownLatch stopping = new CountDownLatch(1);

    @GuardedBy("this")
    private final List<Thread> threads = new ArrayList<>();

    /** @param fatal called on the thread that has failed */
    public Threads(Time time, Watchdog watchdog, Consumer<Throwable> fatal) {
        this.time = time;
        this.watchdog = watchdog;
        this.fatal = fatal;
    }

    /** Daemon threads with numbered names, for pools and servers of libraries. */
    public static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** A pool of such threads that grows as needed and shrinks when idle, for a library that needs an executor. */
    public static ExecutorService daemonPool(String name) {
        return Executors.newCachedThreadPool(daemons(name));
    }

    /**
     * Runs {@code work} once, on a new thread with the name of {@code progress}.
     *
     * @param limit the longest that one cycle may take
     */
    public void start(ThreadProgress progress, Duration limit, Work work) {
        Runnable task = () -> {
            try {
                work.run(progress);
            } catch (Throwable t) {
                fatal.accept(t);
            } finally {
                watchdog.forget(progress);
            }
        };
        Thread thread = new Thread(task, progress.name());
        thread.setDaemon(true);
        watchdog.watch(progress, thread, limit);
        thread.start();
        remember(thread);
    }

    /** Connection threads come and go for months, so ended threads are removed. */
    private synchronized void remember(Thread thread) {
        threads.removeIf(each -> !each.isAlive());
        threads.add(thread);
    }

    private synchronized List<Thread> threads() {
        return List.copyOf(threads);
    }

    /** Runs {@code work} again and again with pauses of {@code period} between, until {@link #stop}. */
    public void repeat(String name, Duration limit, Duration period, Work work) {
        start(new ThreadProgress(name), limit, progress -> {
            do {
                progress.busy();
                work.run(progress);
                progress.idle();
            } while (!stopping.await(period.toNanos(), TimeUnit.NANOSECONDS));
        });
    }

    /** The same; {@code pause} waits between two cycles, and the caller of {@link #stop(Duration, Runnable)} ends that wait. */
    public void repeat(String name, Duration limit, Work work, Pause pause) {
        loop(name, limit, progress -> {
            work.run(progress);
            progress.idle();
            pause.await();
        });
    }

    /** Runs {@code work} again and again without pauses, until {@link #stop}; the work itself waits. */
    public void loop(String name, Duration limit, Work work) {
        start(new ThreadProgress(name), limit, progress -> {
            while (stopping.getCount() > 0) {
                progress.busy();
                work.run(progress);
            }
            progress.idle();
        });
    }

    /**
     * Ends loops and repetitions after their current cycle, and waits for all threads.
     *
     * @return whether all had ended within {@code patience}
     */
    public boolean stop(Duration patience) throws InterruptedException {
        return stop(patience, () -> {});
    }

    /** The same; {@code wake} is called after the request to end, for threads whose work waits. */
    public boolean stop(Duration patience, Runnable wake) throws InterruptedException {
        stopping.countDown();
        wake.run();
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
