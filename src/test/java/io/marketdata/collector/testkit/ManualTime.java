package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Clocks that a test moves by hand, the wall clock and the monotonic one separately. */
public final class ManualTime implements Time {

    /** 2025-01-15 14:12:16.567 UTC. */
    public static final long START_MS = 1_736_950_336_567L;

    private final AtomicLong micros = new AtomicLong(START_MS * 1_000);
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);

    @Override
    public long epochMicros() {
        return micros.get();
    }

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    /** Advances both clocks. */
    public void advance(Duration step) {
        micros.addAndGet(step.toNanos() / 1_000);
        nanos.addAndGet(step.toNanos());
    }

    /** Sets the wall clock back or forth; the monotonic one is not affected. */
    public void jumpWallClock(Duration jump) {
        micros.addAndGet(jump.toNanos() / 1_000);
    }
}
