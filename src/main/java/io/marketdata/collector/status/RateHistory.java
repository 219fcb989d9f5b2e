package io.marketdata.collector.status;

import java.time.Duration;

/** Growth rate of a counter over the last 15 minutes. One thread. */
public final class RateHistory {

    /** Time covered by one value. */
    public static final Duration STEP = Duration.ofSeconds(10);

    /** Values kept: 15 minutes. */
    public static final int STEPS = 90;

    private final double[] perSecond = new double[STEPS];
    private int full;
    private long stepNanos;
    private long stepCount;
    private boolean begun;

    /**
     * Takes the current count. Called about once a second.
     *
     * @param known whether a count that stands still means that nothing happened
     * @param nanos monotonic
     */
    public void add(long count, boolean known, long nanos) {
        if (!begun) {
            begun = true;
            stepNanos = nanos;
            stepCount = count;
            return;
        }
        long passed = nanos - stepNanos;
        if (passed >= STEP.toNanos()) {
            System.arraycopy(perSecond, 1, perSecond, 0, STEPS - 1);
            perSecond[STEPS - 1] = known || count != stepCount ? (count - stepCount) * 1e9 / passed : Double.NaN;
            full = Math.min(STEPS, full + 1);
            stepNanos = nanos;
            stepCount = count;
        }
    }

    /** The rate in each complete step, per second, the newest last; NaN if it is not known. */
    public double[] perSecond() {
        double[] known = new double[full];
        System.arraycopy(perSecond, STEPS - full, known, 0, full);
        return known;
    }
}
