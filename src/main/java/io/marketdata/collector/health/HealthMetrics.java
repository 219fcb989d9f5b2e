package io.marketdata.collector.health;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Gauge;

/** Health and its reasons as metrics. The help texts describe the fields. Any thread. */
public final class HealthMetrics {

    private final MetricSet set = new MetricSet();

    public final Gauge health = set.gauge(
            "collector_health",
            "0 is ok, 1 degraded, 2 failing. Worry at once at 2, and at 1 for more than 15 minutes: /health"
                    + " gives the reasons.");
    public final Gauge healthReason = set.gauge(
            "collector_health_reason",
            "1 while /health gives this reason, else 0. Worry as docs/RUNBOOK.md says for the code.",
            "code",
            "symbol");
    public final Gauge lastTradeAge = set.gauge(
            "collector_last_trade_age_seconds",
            "Seconds since a connection delivered a new trade. Worry only when it is far above what is usual"
                    + " for the symbol, or when /health calls it stale.",
            "symbol");
    public final Gauge oldestPartAge = set.gauge(
            "collector_oldest_part_age_seconds",
            "Seconds that the oldest part has waited for the store since this process has known it. Worry"
                    + " above 300: uploads fail, or are slower than recording.");

    /** @param metrics registers them; the same one only once */
    public HealthMetrics(Metrics metrics) {
        metrics.register(set);
    }
}
