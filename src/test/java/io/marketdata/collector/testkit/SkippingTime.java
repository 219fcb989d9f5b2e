package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The clocks of this machine, whose monotonic one a test can move on by hours; for code that waits in real time too. */
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

    /** Lets time pass at once on the monotonic clock; the wall clock stays as it is. */
    public void skip(Duration step) {
        skippedNanos.addAndGet(step.toNanos());
    }

    /** Sets the wall clock back or forth; the monotonic one goes on. */
    public void jumpWallClock(Duration jump) {
        jumpedMicros.addAndGet(jump.toNanos() / 1_000);
    }
}
