package io.marketdata.collector.process;

import io.marketdata.collector.model.ThreadProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Detects threads that are busy with one cycle of work for too long: a deadlock, a disk or a log that does not return, an
 * endless loop. A thread that waits for its next cycle is never reported, however long it waits.
 *
 * <p>Time is counted in the watchdog's own checks, one a second, not read from a clock: while the process is stopped as a
 * whole (SIGSTOP, a suspended machine, a debugger) only one check is counted, so nothing is reported. One thread checks, any
 * thread registers.
 */
public final class Watchdog {

    /** Between two checks. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    /** A thread that hangs, and for how long, to the second. */
    public record Hang(Thread thread, Duration lasting) {}

    private final Consumer<List<Hang>> onHang;
    private final Map<ThreadProgress, Watched> watched = new ConcurrentHashMap<>();
    private final AtomicLong cleanChecks = new AtomicLong();

    /**
     * @param onHang called on the checking thread with every hanging thread, the longest hang first: the others may be waiting
     *     for a lock that it holds
     */
    public Watchdog(Consumer<List<Hang>> onHang) {
        this.onHang = onHang;
    }

    /** A watched thread; the changing fields belong to the checking thread. */
    private static final class Watched {
        private final Thread thread;
        private final long limit;
        private long cycle = -1;
        private long checks;

        Watched(Thread thread, Duration limit) {
            this.thread = thread;
            this.limit = Math.max(1, limit.plus(PERIOD).minusNanos(1).dividedBy(PERIOD));
        }
    }

    /**
     * Watches a thread from now on.
     *
     * @param limit the longest that one cycle may take; rounded up to whole seconds
     */
    public void watch(ThreadProgress progress, Thread thread, Duration limit) {
        watched.put(progress, new Watched(thread, limit));
    }

    /** Ends the watch: the thread has ended, or is about to. */
    public void forget(ThreadProgress progress) {
        watched.remove(progress);
    }

    /** Names of the watched threads, sorted. */
    public List<String> names() {
        return watched.keySet().stream().map(ThreadProgress::name).sorted().toList();
    }

    /** Number of checks that found no hang; its growth proves that the watchdog itself runs. Any thread. */
    public long cleanChecks() {
        return cleanChecks.get();
    }

    /** Checks every thread. Called once a second. */
    public void look() {
        List<Hang> hangs = new ArrayList<>();
        watched.forEach((progress, it) -> {
            long cycle = progress.cycle();
            it.checks = cycle >= 0 && cycle == it.cycle ? it.checks + 1 : 0;
            it.cycle = cycle;
            if (it.checks >= it.limit) {
                hangs.add(new Hang(it.thread, PERIOD.multipliedBy(it.checks)));
            }
        });
        if (hangs.isEmpty()) {
            cleanChecks.incrementAndGet();
        } else {
            hangs.sort(Comparator.comparing(Hang::lasting).reversed());
            onHang.accept(List.copyOf(hangs));
        }
    }
}
