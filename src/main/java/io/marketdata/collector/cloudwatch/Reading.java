package io.marketdata.collector.cloudwatch;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A snapshot of counters and gauges by name and symbol, each summed over its other labels, so a label added to a counter
 * changes nothing here. Names are the registry's own, without {@code _total}.
 */
final class Reading {

    private final Map<String, Map<String, Double>> bySymbol = new HashMap<>();

    Reading(PrometheusRegistry registry) {
        for (MetricSnapshot metric : registry.scrape()) {
            for (DataPointSnapshot point : metric.getDataPoints()) {
                if (point instanceof CounterDataPointSnapshot counter) {
                    add(metric, point, counter.getValue());
                } else if (point instanceof GaugeDataPointSnapshot gauge) {
                    add(metric, point, gauge.getValue());
                }
            }
        }
    }

    private void add(MetricSnapshot metric, DataPointSnapshot point, double value) {
        String symbol = point.getLabels().contains("symbol") ? point.getLabels().get("symbol") : "";
        bySymbol.computeIfAbsent(metric.getMetadata().getName(), name -> new HashMap<>())
                .merge(symbol, value, Double::sum);
    }

    /** The value of one symbol; empty while it has none. */
    OptionalDouble of(String name, String symbol) {
        Double value = bySymbol.getOrDefault(name, Map.of()).get(symbol);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The value of the process; empty while it has none. */
    OptionalDouble of(String name) {
        Map<String, Double> values = bySymbol.getOrDefault(name, Map.of());
        double sum = values.values().stream().mapToDouble(value -> value).sum();
        return values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum);
    }
}
