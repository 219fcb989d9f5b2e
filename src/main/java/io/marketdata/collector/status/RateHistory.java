package io.marketdata.collector.status;

import java.time.Duration;

/** How fast a counter grew, over the last quarter of an hour. One thread. */
public final class RateHistory {

    /** What one value stands for. */
    public static final Duration STEP = Duration.ofSeconds(10);

    /** Values that are kept: 15 minutes. */
    public static final int STEPS = 90;

    private final double[] perSecond = new double[STEPS];
    private int full;
    private long stepNanos;
    private long stepCount;
    private boolean begun;

    /**
     * Takes the counter as it is now. To be called about every second.
     *
     * @param nanos monotonic
     */
    public void add(long count, long nanos) {
        if (!begun) {
            begun = true;
            stepNanos = nanos;
            stepCount = count;
            return;
        }
        long passed = nanos - stepNanos;
        if (passed >= STEP.toNanos()) {
            System.arraycopy(perSecond, 1, perSecond, 0, STEPS - 1);
            perSecond[STEPS - 1] = (count - stepCount) * 1e9 / passed;
            full = Math.min(STEPS, full + 1);
            stepNanos = nanos;
            stepCount = count;
        }
    }

    /** The whole steps there were, each per second, the newest last. */
    public double[] perSecond() {
        double[] known = new double[full];
        System.arraycopy(perSecond, STEPS - full, known, 0, full);
        return known;
    }
}
