package io.marketdata.collector.status;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Quantiles of the last minute of a histogram without labels, as fine as its buckets. One thread. */
public final class RecentQuantiles {

    /** Samples kept, one per second. */
    private static final int SAMPLES = 60;

    private final Histogram histogram;
    private final Deque<long[]> samples = new ArrayDeque<>();
    private double[] bounds = new double[0];

    public RecentQuantiles(Histogram histogram) {
        this.histogram = histogram;
    }

    /** Called once a second. */
    public void sample() {
        List<HistogramDataPointSnapshot> points = histogram.collect().getDataPoints();
        if (points.isEmpty()) {
            return;
        }
        ClassicHistogramBuckets buckets = points.get(0).getClassicBuckets();
        int size = buckets.size();
        bounds = IntStream.range(0, size).mapToDouble(buckets::getUpperBound).toArray();
        samples.addLast(IntStream.range(0, size).mapToLong(buckets::getCount).toArray());
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
    }

    /**
     * The upper bound of the bucket that holds the quantile, s; infinite above the last bucket, NaN if nothing was
     * counted.
     *
     * @param q from 0 to 1
     */
    public double quantile(double q) {
        long[] oldest = samples.peekFirst();
        long[] newest = samples.peekLast();
        if (oldest == null || newest == null) {
            return Double.NaN;
        }
        long total = LongStream.of(newest).sum() - LongStream.of(oldest).sum();
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
