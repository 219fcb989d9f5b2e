package io.marketdata.collector.collect;

import io.marketdata.collector.cloudwatch.CloudWatchMetrics;
import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.health.HealthMetrics;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.process.LogMetrics;
import io.marketdata.collector.rest.RestMetrics;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.UploadMetrics;

/**
 * The metrics of one process, as its packages own them.
 *
 * @param all for exposition
 */
public record CollectorMetrics(
        Metrics all,
        FeedMetrics feed,
        RestMetrics rest,
        SpoolMetrics spool,
        UploadMetrics upload,
        HealthMetrics health,
        CloudWatchMetrics cloudWatch,
        LogMetrics log) {

    /** Registers the metrics of every package. */
    public CollectorMetrics(Metrics all) {
        this(
                all,
                new FeedMetrics(all),
                new RestMetrics(all),
                new SpoolMetrics(all),
                new UploadMetrics(all),
                new HealthMetrics(all),
                new CloudWatchMetrics(all),
                new LogMetrics(all));
    }
}
