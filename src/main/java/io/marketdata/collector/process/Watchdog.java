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
 * Finds the thread that is busy with one round of work for too long: a deadlock, a disk or a log that does not return, a
 * loop without end. A thread that waits for its next round is never found, however long it waits.
 *
 * <p>Time is counted in its own looks, one a second, and no clock is asked: a process that was stopped as a whole (SIGSTOP,
 * a suspended machine, a debugger) has looked once in that time, and nothing is found. One thread looks, any thread
 * registers.
 */
public final class Watchdog {

    /** Between two looks. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    /** A thread that hangs, and since when, to the second. */
    public record Hang(Thread thread, Duration lasting) {}

    private final Consumer<List<Hang>> onHang;
    private final Map<ThreadProgress, Watched> watched = new ConcurrentHashMap<>();
    private final AtomicLong cleanLooks = new AtomicLong();

    /**
     * @param onHang called on the thread that looks, with every thread that hangs, the one that does so for longest first:
     *     the others may wait for a lock that it holds
     */
    public Watchdog(Consumer<List<Hang>> onHang) {
        this.onHang = onHang;
    }

    /** A thread under watch; everything that changes belongs to the thread that looks. */
    private static final class Watched {
        private final Thread thread;
        private final long limit;
        private long round = -1;
        private long looks;

        Watched(Thread thread, Duration limit) {
            this.thread = thread;
            this.limit = Math.max(1, limit.plus(PERIOD).minusNanos(1).dividedBy(PERIOD));
        }
    }

    /**
     * Watches a thread from now on.
     *
     * @param limit the longest that one round may take; rounded up to whole seconds
     */
    public void watch(ThreadProgress progress, Thread thread, Duration limit) {
        watched.put(progress, new Watched(thread, limit));
    }

    /** The thread has ended, or is about to. */
    public void forget(ThreadProgress progress) {
        watched.remove(progress);
    }

    /** Names of the threads under watch, sorted. */
    public List<String> names() {
        return watched.keySet().stream().map(ThreadProgress::name).sorted().toList();
    }

    /** How many looks have found nothing; that it grows is the proof that somebody looks. Any thread may ask. */
    public long cleanLooks() {
        return cleanLooks.get();
    }

    /** Looks at every thread. To be called once a second. */
    public void look() {
        List<Hang> hangs = new ArrayList<>();
        watched.forEach((progress, it) -> {
            long round = progress.cycle();
            it.looks = round >= 0 && round == it.round ? it.looks + 1 : 0;
            it.round = round;
            if (it.looks >= it.limit) {
                hangs.add(new Hang(it.thread, PERIOD.multipliedBy(it.looks)));
            }
        });
        if (hangs.isEmpty()) {
            cleanLooks.incrementAndGet();
        } else {
            hangs.sort(Comparator.comparing(Hang::lasting).reversed());
            onHang.accept(List.copyOf(hangs));
        }
    }
}
