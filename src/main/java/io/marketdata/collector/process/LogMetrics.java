package io.marketdata.collector.process;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;

/** What the log of this process counts. */
public final class LogMetrics {

    /** @param metrics registers them; the same one only once */
    public LogMetrics(Metrics metrics) {
        MetricSet set = new MetricSet();
        set.counterOnScrape(
                "collector_log_lines_dropped_total",
                "Log lines that were dropped because standard output was not read or could not be written. Worry when it"
                        + " grows: the reasons of the next fault may be missing.",
                Outputs::droppedLines);
        metrics.register(set);
    }
}
