package io.marketdata.collector.cloudwatch;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;

/** What publishing to CloudWatch counts. The help texts describe the fields. Any thread. */
public final class CloudWatchMetrics {

    private final MetricSet set = new MetricSet();

    public final Counter puts = set.counter(
            "collector_cloudwatch_puts_total",
            "Calls that publish the numbers for alarms to CloudWatch, by outcome: ok, unavailable, refused."
                    + " Stays empty unless CLOUDWATCH_METRICS=on. Worry when 'refused' moves at all, or 'ok' stands"
                    + " still: the alarms there see nothing.",
            "kind");

    /** @param metrics registers them; the same one only once */
    public CloudWatchMetrics(Metrics metrics) {
        metrics.register(set);
    }
}
