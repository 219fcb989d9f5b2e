package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds the faults that apply to arriving requests, oldest first, each until its extent is used up. Any thread. */
final class ActiveFaults<F> {

    private final Time time;

    @GuardedBy("this")
    private final List<Entry<F>> entries = new ArrayList<>();

    private record Entry<F>(F fault, int left, long lastingNanos, long sinceNanos) {}

    ActiveFaults(Time time) {
        this.time = time;
    }

    synchronized void add(F fault, Extent extent) {
        entries.add(new Entry<>(fault, extent.next(), extent.lasting().toNanos(), time.nanoTime()));
    }

    /** The oldest active fault that applies to a request; null for none. */
    synchronized @Nullable F take(Predicate<F> applies) {
        long now = time.nanoTime();
        for (ListIterator<Entry<F>> all = entries.listIterator(); all.hasNext(); ) {
            Entry<F> entry = all.next();
            if (now - entry.sinceNanos >= entry.lastingNanos) {
                all.remove();
            } else if (applies.test(entry.fault)) {
                if (entry.left == 1) {
                    all.remove();
                } else {
                    all.set(new Entry<>(entry.fault, entry.left - 1, entry.lastingNanos, entry.sinceNanos));
                }
                return entry.fault;
            }
        }
        return null;
    }

    /** Whether no fault is active; one whose time is over counts until the next request. */
    synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    synchronized void clear() {
        entries.clear();
    }
}
