package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds the faults that apply to arriving requests, oldest first, each until its extent is used up. Any thread. */
final class ActiveFaults<F> {

    private final Time time;

    @GuardedBy("this")
    private final List<Entry<F>> entries = new ArrayList<>();

    private static final class Entry<F> {
        final F fault;
        final Extent extent;
        final long sinceNanos;
        int left;

        Entry(F fault, Extent extent, long sinceNanos) {
            this.fault = fault;
            this.extent = extent;
            this.sinceNanos = sinceNanos;
            this.left = extent.next();
        }
    }

    ActiveFaults(Time time) {
        this.time = time;
    }

    synchronized void add(F fault, Extent extent) {
        entries.add(new Entry<>(fault, extent, time.nanoTime()));
    }

    /** The oldest active fault that applies to a request; null for none. */
    synchronized @Nullable F take(Predicate<F> applies) {
        long now = time.nanoTime();
        for (Iterator<Entry<F>> all = entries.iterator(); all.hasNext(); ) {
            Entry<F> entry = all.next();
            if (now - entry.sinceNanos >= entry.extent.lasting().toNanos()) {
                all.remove();
            } else if (applies.test(entry.fault)) {
                if (--entry.left == 0) {
                    all.remove();
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
