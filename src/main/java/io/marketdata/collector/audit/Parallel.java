package io.marketdata.collector.audit;

import io.marketdata.collector.upload.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Requests to a store, several at once. */
public final class Parallel {

    private static final long REPORT_MS = 200;

    /** After so many refusals the rest is not tried. */
    private static final int MOST_FAILURES = 20;

    private final ThreadFactory threads;
    private final int width;
    private final Progress progress;

    /** What happens to one of several; {@code number} counts from 0. */
    public interface Step {
        void run(int number) throws StoreException;
    }

    /** @param width requests at once */
    public Parallel(ThreadFactory threads, int width, Progress progress) {
        this.threads = threads;
        this.width = width;
        this.progress = progress;
    }

    /**
     * Takes every step once.
     *
     * @param what it is, for the progress: {@code hours listed}
     * @return why steps failed: one message for each, at most {@value #MOST_FAILURES}; after so many the rest is left out
     */
    public List<String> run(String what, int steps, Step step) throws InterruptedException {
        Run run = new Run(steps, step);
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < Math.min(width, steps); i++) {
            Thread thread = threads.newThread(run);
            started.add(thread);
            thread.start();
        }
        for (Thread thread : started) {
            while (thread.isAlive()) {
                progress.at(what, run.done.get(), steps);
                TimeUnit.MILLISECONDS.timedJoin(thread, REPORT_MS);
            }
        }
        progress.at(what, run.done.get(), steps);
        Throwable fault = run.fault.get();
        if (fault != null) {
            throw new IllegalStateException("a step of " + what + " failed", fault);
        }
        return run.failures;
    }

    private static final class Run implements Runnable {
        private final int steps;
        private final Step step;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicReference<Throwable> fault = new AtomicReference<>();
        private final List<String> failures = new ArrayList<>();

        Run(int steps, Step step) {
            this.steps = steps;
            this.step = step;
        }

        @Override
        public void run() {
            try {
                for (int i = next.getAndIncrement(); i < steps && fault.get() == null; i = next.getAndIncrement()) {
                    if (!takes(i)) {
                        return;
                    }
                    done.incrementAndGet();
                }
            } catch (Throwable t) {
                fault.compareAndSet(null, t);
            }
        }

        private boolean takes(int number) {
            try {
                step.run(number);
                return true;
            } catch (StoreException e) {
                synchronized (failures) {
                    if (failures.size() < MOST_FAILURES) {
                        failures.add(String.valueOf(e.getMessage()));
                    }
                    return failures.size() < MOST_FAILURES;
                }
            }
        }
    }
}
