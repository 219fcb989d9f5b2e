package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Applies faults to the trades of one connection: withholds, repeats or swaps some. Any thread. */
final class TradeFaults {

    private final Time time;

    @GuardedBy("this")
    private long stalledSinceNanos;

    @GuardedBy("this")
    private Duration stall = Duration.ZERO;

    @GuardedBy("this")
    private int toSkip;

    @GuardedBy("this")
    private int toRepeat;

    @GuardedBy("this")
    private int toSwap;

    /** How far the ids of false trades are ahead; each is sent after the next true one. */
    @GuardedBy("this")
    private final List<Long> toForge = new ArrayList<>();

    /** The first of two trades to be swapped. */
    @GuardedBy("this")
    private @Nullable Tick held;

    TradeFaults(Time time) {
        this.time = time;
    }

    synchronized void stall(Duration lasting) {
        stalledSinceNanos = time.nanoTime();
        stall = lasting;
    }

    synchronized void skip(int trades) {
        toSkip += trades;
    }

    synchronized void repeat() {
        toRepeat++;
    }

    synchronized void swap() {
        toSwap++;
    }

    synchronized void forge(long idsAhead) {
        toForge.add(idsAhead);
    }

    /** Ends all faults; a trade held for a swap is still sent after its successor. */
    synchronized void heal() {
        stall = Duration.ZERO;
        toSkip = 0;
        toRepeat = 0;
        toSwap = 0;
        toForge.clear();
    }

    /** The trades to send. */
    synchronized List<Tick> apply(List<Tick> ticks) {
        if (stall.isZero() && toSkip + toRepeat + toSwap + toForge.size() == 0 && held == null) {
            return ticks;
        }
        if (!stall.isZero()) {
            if (time.nanoTime() - stalledSinceNanos < stall.toNanos()) {
                return List.of();
            }
            stall = Duration.ZERO;
        }
        List<Tick> out = new ArrayList<>(ticks.size() + 2);
        ticks.forEach(tick -> apply(tick, out));
        return out;
    }

    private synchronized void apply(Tick tick, List<Tick> out) {
        if (toSkip > 0) {
            toSkip--;
        } else if (held != null) {
            out.add(tick);
            out.add(held);
            held = null;
        } else if (toSwap > 0) {
            toSwap--;
            held = tick;
        } else if (toRepeat > 0) {
            toRepeat--;
            out.add(tick);
            out.add(tick);
        } else {
            out.add(tick);
            toForge.forEach(idsAhead -> out.add(tick.forged(idsAhead)));
            toForge.clear();
        }
    }
}
