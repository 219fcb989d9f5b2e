package io.marketdata.collector.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * The metrics of one package, collected as they are declared. Help texts say when to worry.
 *
 * <p>Made by one thread. Counting is for any thread and takes a few nanoseconds. Without exemplars, for which the library
 * would wake a thread of its own.
 */
public final class MetricSet {

    private final List<Collector> all = new ArrayList<>();

    /** A counter of this set. */
    public Counter counter(String name, String help, String... labels) {
        return add(Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .build());
    }

    /** A counter without labels whose value is read at each scrape. */
    public void counterOnScrape(String name, String help, DoubleSupplier value) {
        add(CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .build());
    }

    /** A gauge of this set. */
    public Gauge gauge(String name, String help, String... labels) {
        return add(Gauge.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .build());
    }

    /** A histogram of this set with these upper bounds. */
    public Histogram histogram(String name, String help, double[] upperBounds, String... labels) {
        return add(Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .withoutExemplars()
                .classicUpperBounds(upperBounds)
                .build());
    }

    List<Collector> all() {
        return all;
    }

    private <T extends Collector> T add(T metric) {
        all.add(metric);
        return metric;
    }
}
