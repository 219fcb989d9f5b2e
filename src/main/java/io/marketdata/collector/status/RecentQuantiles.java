package io.marketdata.collector.status;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Quantiles of what a histogram without labels has counted in the last minute, as fine as its buckets. One thread. */
public final class RecentQuantiles {

    /** Looks, one a second. */
    private static final int LOOKS = 60;

    private final Histogram histogram;
    private final Deque<long[]> looks = new ArrayDeque<>();
    private double[] bounds = new double[0];

    public RecentQuantiles(Histogram histogram) {
        this.histogram = histogram;
    }

    /** To be called once a second. */
    public void look() {
        List<HistogramSnapshot.HistogramDataPointSnapshot> points =
                histogram.collect().getDataPoints();
        if (points.isEmpty()) {
            return;
        }
        ClassicHistogramBuckets buckets = points.get(0).getClassicBuckets();
        long[] counts = new long[buckets.size()];
        double[] upper = new double[buckets.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = buckets.getCount(i);
            upper[i] = buckets.getUpperBound(i);
        }
        bounds = upper;
        looks.addLast(counts);
        if (looks.size() > LOOKS) {
            looks.removeFirst();
        }
    }

    /**
     * The upper bound of the bucket that the quantile lies in, seconds; infinite above the last, NaN if nothing was
     * counted.
     *
     * @param q from 0 to 1
     */
    public double quantile(double q) {
        long[] oldest = looks.peekFirst();
        long[] newest = looks.peekLast();
        if (oldest == null || newest == null) {
            return Double.NaN;
        }
        long total = 0;
        for (int i = 0; i < newest.length; i++) {
            total += newest[i] - oldest[i];
        }
        long below = 0;
        for (int i = 0; i < newest.length; i++) {
            below += newest[i] - oldest[i];
            if (total > 0 && below >= q * total) {
                return bounds[i];
            }
        }
        return Double.NaN;
    }
}
