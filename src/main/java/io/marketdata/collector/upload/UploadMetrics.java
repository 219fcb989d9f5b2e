package io.marketdata.collector.upload;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;

/** What packing and uploading count. The help texts describe the fields. Any thread. */
public final class UploadMetrics {

    private final MetricSet set = new MetricSet();

    public final Counter partsUploaded = set.counter(
            "collector_parts_uploaded_total",
            "Parts whose manifest the store confirmed. Worry when it stands still while parts are sealed.",
            "symbol");
    public final Counter tradesUploaded = set.counter(
            "collector_trades_uploaded_total",
            "Trades in parts whose manifest the store confirmed. Worry when it stands still while trades are"
                    + " accepted.",
            "symbol");
    public final Counter bytesUploaded = set.counter(
            "collector_bytes_uploaded_total", "Gzip bytes of committed parts. For the bill, not for worry.");
    public final Counter putFailures = set.counter(
            "collector_put_failures_total",
            "Puts that failed after the client's own retries, by kind. Worry when 'refused' moves at all, or"
                    + " 'unavailable' for more than 5 minutes.",
            "kind");
    public final Counter nameCollisions = set.counter(
            "collector_name_collisions_total",
            "Objects with one of our names and other content in the bucket. Worry at once: two instances"
                    + " share an INSTANCE_ID.");
    public final Counter linesQuarantined = set.counter(
            "collector_lines_quarantined_total",
            "Spool lines that were not a valid trade and went to quarantine/. One after a crash is normal;"
                    + " worry when it grows otherwise.");
    public final Counter unparsedUploaded = set.counter(
            "collector_unparsed_files_uploaded_total",
            "Files of frames that were not understood, confirmed by the store. Worry when it stands still while"
                    + " such frames are kept.");
    public final Counter indexesUploaded = set.counter(
            "collector_indexes_uploaded_total",
            "Indexes of an hour's manifests, confirmed by the store. Worry when it stands still for 2 hours while parts"
                    + " are uploaded: readers then need a request for each manifest.");
    public final Counter indexFailures = set.counter(
            "collector_index_failures_total",
            "Failures to keep a manifest for an index or to upload an index. Trades are not affected. Worry when it"
                    + " grows for hours: the role may lack the permission for index/*.");
    public final Counter idsMissing = set.counter(
            "collector_ids_missing_total",
            "Trade ids that were missing when the part after them was packed. Worry when it grows.",
            "symbol");
    public final Gauge backlogParts = set.gauge(
            "collector_backlog_parts",
            "Sealed parts on the local disk that the store has not confirmed. Worry when it grows for minutes.");
    public final Gauge partsNotDeleted = set.gauge(
            "collector_parts_not_deleted",
            "Parts that the store has confirmed and that cannot be deleted from the local disk. Worry above"
                    + " 0: the disk is not writable and fills up.");
    public final Histogram packTime = set.histogram(
            "collector_pack_seconds",
            "Checking, compressing and flushing a part. Worry when it nears ROT_SECS divided by the number of"
                    + " symbols: one thread packs for all.",
            new double[] {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5});
    public final Histogram putTime = set.histogram(
            "collector_put_seconds",
            "Puts that the store has answered, the client's own retries included, by object: part, manifest."
                    + " Worry above 2: the connection to the store is slow.",
            new double[] {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60},
            "object");
    public final Histogram storeDelay = set.histogram(
            "collector_store_delay_seconds",
            "From the trade time of a live part's last trade to the store's confirmation of its manifest, by"
                    + " the wall clock, once for each part. ROT_SECS and a second are usual; worry when the upper"
                    + " values grow for minutes.",
            new double[] {0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600});

    /** @param metrics registers them; the same one only once */
    public UploadMetrics(Metrics metrics) {
        metrics.register(set);
    }
}
