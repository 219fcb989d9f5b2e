package io.marketdata.collector.spool;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.List;

/** What the spool counts: accepted trades, parts, and room on the disk. The help texts describe the fields. Any thread. */
public final class SpoolMetrics {

    private final MetricSet set = new MetricSet();

    public final Counter tradesAccepted = set.counter(
            "collector_trades_accepted_total",
            "Trades written to the spool. Worry when it stands still while the exchange trades.",
            "symbol");
    public final Counter framesUnparsed = set.counter(
            "collector_frames_unparsed_total",
            "Frames that were not understood, by what became of them: kept in unparsed/ and uploaded, or not_kept."
                    + " Worry when it grows: the exchange may have changed its format. Worry at once about not_kept.",
            "outcome");
    public final Counter unparsedBytes = set.counter(
            "collector_unparsed_bytes_total",
            "Bytes of these frames as received, by what became of them. Worry when it nears"
                    + " unparsed.max_bytes_per_hour.",
            "outcome");
    public final Counter partsSealed = set.counter(
            "collector_parts_sealed_total",
            "Parts sealed, by what sealed them. Worry when it stands still while trades are accepted.",
            "rotated_by");
    public final Histogram sealTime = set.histogram(
            "collector_seal_seconds",
            "Flushing and renaming a part. Worry above 1: the disk is too slow.",
            new double[] {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5});
    public final Gauge spoolBytes = set.gauge(
            "collector_spool_bytes",
            "Bytes of the parts below LOCAL_DIR that are not uploaded. Worry above 80 % of spool.max_bytes: at the"
                    + " limit ingestion pauses.");
    public final Gauge uncountedBytes = set.gauge(
            "collector_spool_uncounted_bytes",
            "Bytes below LOCAL_DIR that do not count against spool.max_bytes, by kind: index, quarantine, unparsed, other."
                    + " Worry when quarantine grows, or when other is large: it takes the disk of the trades.",
            "kind");
    public final Gauge diskFreeBytes = set.gauge(
            "collector_disk_free_bytes",
            "Bytes that may still be written to the disk of LOCAL_DIR. Worry when it nears"
                    + " spool.min_free_bytes: below it ingestion pauses.");
    public final Gauge spoolFiles = set.gauge(
            "collector_spool_files",
            "Files of parts below LOCAL_DIR, two for each part of the backlog. Worry when it grows for minutes:"
                    + " uploads fail.");
    public final Gauge spoolFillRatio = set.gauge(
            "collector_spool_fill_ratio",
            "Used share of spool.max_bytes, or of the disk if spool.min_free_bytes is the tighter limit; 1 is"
                    + " full. Worry above 0.8.");
    public final Gauge ingesting = set.gauge(
            "collector_ingesting",
            "1 while trades are ingested, 0 while ingestion is paused because the spool is full. Worry when"
                    + " it is 0: trades are missed and must be backfilled over REST later.");

    /** @param metrics registers them; the same one only once */
    public SpoolMetrics(Metrics metrics) {
        // A counter that first appears with its first event has not increased for Prometheus.
        for (String outcome : List.of(UnparsedFrames.KEPT, UnparsedFrames.NOT_KEPT)) {
            framesUnparsed.initLabelValues(outcome);
            unparsedBytes.initLabelValues(outcome);
        }
        metrics.register(set);
    }
}
