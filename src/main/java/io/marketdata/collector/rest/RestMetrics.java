package io.marketdata.collector.rest;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/** What backfill and the other REST requests count. The help texts describe the fields. Any thread. */
public final class RestMetrics {

    private final MetricSet set = new MetricSet();

    public final Counter requests = set.counter(
            "collector_rest_requests_total",
            "REST requests by outcome: ok, unavailable, limited, refused, invalid. Worry when 'refused' moves"
                    + " at all, or any other than 'ok' for more than 5 minutes.",
            "kind");
    public final Gauge usedWeight = set.gauge(
            "collector_rest_used_weight",
            "Request weight of this address in the current minute, as the exchange last reported it; the"
                    + " limit is 6000. Worry above 4000: backfill pauses, and another process is using the address.");
    public final Counter idsBackfilled = set.counter(
            "collector_ids_backfilled_total",
            "Trades that no connection had delivered, backfilled over REST. Worry when it grows every minute:"
                    + " the connections lose trades.",
            "symbol");
    public final Gauge clockOffset = set.gauge(
            "collector_clock_offset_seconds",
            "Seconds that this machine's clock is ahead of the exchange's, as last measured. Worry beyond 1"
                    + " either way: times of arrival are wrong; no trade is lost by it.");

    /** @param metrics registers them; the same one only once */
    public RestMetrics(Metrics metrics) {
        metrics.register(set);
    }
}
