package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The clocks of this machine; a test can advance the monotonic one by hours. For code that also waits in real time. */
public final class SkippingTime implements Time {

    private final AtomicLong skippedNanos = new AtomicLong();
    private final AtomicLong jumpedMicros = new AtomicLong();

    @Override
    public long epochMicros() {
        return Time.SYSTEM.epochMicros() + jumpedMicros.get();
    }

    @Override
    public long nanoTime() {
        return Time.SYSTEM.nanoTime() + skippedNanos.get();
    }

    /** Advances the monotonic clock at once; the wall clock stays as it is. */
    public void skip(Duration step) {
        skippedNanos.addAndGet(step.toNanos());
    }

    /** Sets the wall clock back or forth; the monotonic one is not affected. */
    public void jumpWallClock(Duration jump) {
        jumpedMicros.addAndGet(jump.toNanos() / 1_000);
    }
}
