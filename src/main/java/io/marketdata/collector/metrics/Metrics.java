package io.marketdata.collector.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.function.DoubleSupplier;

/**
 * The metrics of a process: the figures of the JVM, and the {@link MetricSet} that each package owns ({@code FeedMetrics},
 * {@code SpoolMetrics}, …). Any thread.
 */
public final class Metrics {

    private final PrometheusRegistry registry = new PrometheusRegistry();

    /** With the figures of the JVM, read at each scrape. */
    public Metrics() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        onScrape(
                "jvm_heap_used_bytes",
                "Heap in use, garbage included. Worry when it stays near jvm_heap_max_bytes after collections.",
                () -> memory.getHeapMemoryUsage().getUsed());
        onScrape(
                "jvm_heap_max_bytes",
                "Largest heap that the JVM may use (-Xmx). For comparison, not for worry.",
                () -> memory.getHeapMemoryUsage().getMax());
        onScrape(
                "jvm_threads",
                "Threads of the process. About 30 are usual; worry when it grows for hours.",
                () -> ManagementFactory.getThreadMXBean().getThreadCount());
        onScrape(
                "jvm_gc_seconds",
                "Seconds spent on garbage collection since the start. Worry when it grows by more than 0.05 a second.",
                () -> ManagementFactory.getGarbageCollectorMXBeans().stream()
                                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                                .sum()
                        / 1e3);
    }

    private void onScrape(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /** The sum of a counter over all its labels. */
    public static long sum(Counter counter) {
        return counter.collect().getDataPoints().stream()
                .mapToLong(point -> (long) point.getValue())
                .sum();
    }

    /** Adds what a package counts; the same names only once. */
    public void register(MetricSet set) {
        set.all().forEach(registry::register);
    }

    /** Everything registered, for exposition. */
    public PrometheusRegistry registry() {
        return registry;
    }
}
