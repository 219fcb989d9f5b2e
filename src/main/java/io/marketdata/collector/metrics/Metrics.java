package io.marketdata.collector.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.function.DoubleSupplier;

/**
 * Everything the program counts, in one list. The help text of each says when to worry.
 *
 * <p>Any thread; each call is a few nanoseconds.
 */
public final class Metrics {

    private final PrometheusRegistry registry = new PrometheusRegistry();

    /** Trades written to the spool. */
    public final Counter tradesAccepted = counter(
            "collector_trades_accepted_total",
            "Trades written to the spool. Worry when it stands still while the exchange trades.",
            "symbol");
    /** Frames that are not understood. */
    public final Counter framesRejected = counter(
            "collector_frames_rejected_total",
            "Frames that were not understood and were kept aside. Worry when it grows: the exchange may have changed its"
                    + " format.");
    /** Connections opened. */
    public final Counter connections = counter(
            "collector_connections_total",
            "WebSocket connections opened. Worry when it grows by more than one an hour.");
    /** Connection attempts that failed, and connections that ended. */
    public final Counter disconnections = counter(
            "collector_disconnections_total",
            "Connections that ended or could not be opened, by reason: unreachable, refused (HTTP status), closed (by the"
                    + " exchange), broken, silent, invalid (no WebSocket), fault (ours). Worry when it grows by more than one"
                    + " an hour.",
            "reason");
    /** Connections replaced while they still worked. */
    public final Counter replacements = counter(
            "collector_connection_replacements_total",
            "Connections replaced while they still worked: for their age, an announcement, a stall or lag. One a day for each"
                    + " connection is normal; worry when there are many an hour.");
    /** Connections that are open. */
    public final Gauge connectionsOpen = gauge(
            "collector_connections_open",
            "Open connections to the exchange. Worry when it is below WS_CONNECTIONS for minutes: the next loss of a connection"
                    + " opens a gap.");
    /** Ages of connections. */
    public final Gauge connectionAge = gauge(
            "collector_connection_age_seconds",
            "For how long each connection has been open, 0 while it connects. Worry when it never grows: it is lost again and"
                    + " again.",
            "line");
    /** Trades that were recorded already. */
    public final Counter duplicates = counter(
            "collector_duplicates_dropped_total",
            "Trades that another connection had brought already. Grows with the trades where there are two connections; worry when it"
                    + " stands still then: one of them brings nothing.",
            "symbol");
    /** Ids found missing. */
    public final Counter idsMissed = counter(
            "collector_ids_missed_total",
            "Trade ids that no connection had brought when a later one came. Most are filled within a second; worry when"
                    + " collector_ids_open stays above zero.",
            "symbol");
    /** Ids that came late over a connection. */
    public final Counter idsLate = counter(
            "collector_ids_late_total",
            "Missing trade ids that a connection brought late. No worry: nothing was lost.",
            "symbol");
    /** Ids that are missing now. */
    public final Gauge idsOpen = gauge(
            "collector_ids_open",
            "Trade ids that are missing and looked for. Worry when it is above zero for minutes: REST does not answer.",
            "symbol");
    /** Ids that are missing for good. */
    public final Counter idsUnrecoverable = counter(
            "collector_ids_unrecoverable_total",
            "Trade ids that are given up. Worry at once: this instance has a gap that stays.",
            "symbol");
    /** Parts sealed. */
    public final Counter partsSealed = counter(
            "collector_parts_sealed_total",
            "Parts sealed, by what sealed them. Worry when it stands still while trades are accepted.",
            "rotated_by");
    /** Parts committed. */
    public final Counter partsUploaded = counter(
            "collector_parts_uploaded_total",
            "Parts whose manifest the store confirmed. Worry when it stands still while parts are sealed.",
            "symbol");
    /** Trades in committed parts. */
    public final Counter tradesUploaded = counter(
            "collector_trades_uploaded_total",
            "Trades in parts whose manifest the store confirmed. Worry when it stands still while trades are accepted.",
            "symbol");
    /** Gzip bytes of committed parts. */
    public final Counter bytesUploaded =
            counter("collector_bytes_uploaded_total", "Gzip bytes of committed parts. For the bill, not for worry.");
    /** Puts that failed. */
    public final Counter putFailures = counter(
            "collector_put_failures_total",
            "Puts that failed after the client's own retries, by kind. Worry when 'refused' moves at all, or"
                    + " 'unavailable' for more than 5 minutes.",
            "kind");
    /** Names found taken. */
    public final Counter nameCollisions = counter(
            "collector_name_collisions_total",
            "Objects of our name with other content in the bucket. Worry at once: two instances share an INSTANCE_ID.");
    /** Lines that were not whole trades. */
    public final Counter linesQuarantined = counter(
            "collector_lines_quarantined_total",
            "Spool lines that were no valid trade and went to quarantine/. One after a crash is normal; worry when it"
                    + " grows otherwise.");
    /** Trade ids known to be missing when their part was packed. */
    public final Counter idsMissing = counter(
            "collector_ids_missing_total",
            "Trade ids that were missing when the part after them was packed. Worry when it grows.",
            "symbol");
    /** Parts on the local disk that the bucket has not confirmed yet. */
    public final Gauge backlogParts = gauge(
            "collector_backlog_parts",
            "Sealed parts on the local disk that the store has not confirmed. Worry when it grows for minutes.");
    /** Parts that are done with and still there. */
    public final Gauge partsNotDeleted = gauge(
            "collector_parts_not_deleted",
            "Parts that the store has confirmed and that cannot be deleted from the local disk. Worry above 0: the disk is"
                    + " not writable, and fills.");

    /** Bytes below the spool's directory. */
    public final Gauge spoolBytes = gauge(
            "collector_spool_bytes",
            "Bytes of all files below LOCAL_DIR. Worry above 80 % of spool.max_bytes: at the limit reading stops.");
    /** Room on the disk. */
    public final Gauge diskFreeBytes = gauge(
            "collector_disk_free_bytes",
            "Bytes that may still be written to the disk of LOCAL_DIR. Worry when it nears spool.min_free_bytes: below it"
                    + " reading stops.");
    /** Files below the spool's directory. */
    public final Gauge spoolFiles = gauge(
            "collector_spool_files",
            "Files below LOCAL_DIR, two for each part that waits. Worry when it grows for minutes: uploads fail.");
    /** How full the spool is. */
    public final Gauge spoolFillRatio = gauge(
            "collector_spool_fill_ratio",
            "How much of spool.max_bytes is used, or would be if spool.min_free_bytes decided; 1 is full. Worry above"
                    + " 0.8.");
    /** Whether trades are read. */
    public final Gauge reading = gauge(
            "collector_ingesting",
            "1 while trades are read, 0 while reading is stopped because the spool is full. Worry when it is 0: trades pass,"
                    + " and must be fetched over REST later.");

    /** REST requests. */
    public final Counter restRequests = counter(
            "collector_rest_requests_total",
            "REST requests by outcome: ok, unavailable, limited, refused, invalid. Worry when 'refused' moves at all, or"
                    + " the others but 'ok' for more than 5 minutes.",
            "kind");
    /** Request weight that the exchange counts for this address. */
    public final Gauge restUsedWeight = gauge(
            "collector_rest_used_weight",
            "Request weight of this address in the running minute, as the exchange told it last; it allows 6000. Worry"
                    + " above 4000: recovery pauses, and somebody else is using the address.");
    /** Trades recovered over REST. */
    public final Counter idsBackfilled = counter(
            "collector_ids_backfilled_total",
            "Trades that no connection had delivered, recovered over REST. Worry when it grows every minute: the connections lose"
                    + " trades.",
            "symbol");

    /** Calls to CloudWatch. */
    public final Counter cloudWatchPuts = counter(
            "collector_cloudwatch_puts_total",
            "Calls that tell CloudWatch the numbers for its alarms, by outcome: ok, unavailable, refused. Stays empty unless"
                    + " CLOUDWATCH_METRICS=on. Worry when 'refused' moves at all, or 'ok' stands still: the alarms there"
                    + " are blind.",
            "kind");

    /** How the collector is. */
    public final Gauge health = gauge(
            "collector_health",
            "0 is well, 1 degraded, 2 failing. Worry at once at 2, and at 1 for more than 15 minutes: /health tells the"
                    + " reasons.");
    /** Why it is as it is. */
    public final Gauge healthReason = gauge(
            "collector_health_reason",
            "1 while /health gives this reason, else 0. Worry as docs/RUNBOOK.md says for the code.",
            "code",
            "symbol");
    /** Our clock and theirs. */
    public final Gauge clockOffset = gauge(
            "collector_clock_offset_seconds",
            "How far this machine's clock is ahead of the exchange's, as it told last. Worry beyond 1 either way: times of"
                    + " arrival are wrong; no trade is lost by it.");
    /** Since a trade was new. */
    public final Gauge lastTradeAge = gauge(
            "collector_last_trade_age_seconds",
            "Seconds since a connection has brought a new trade. Worry only when it is far above what is usual for the symbol, or"
                    + " when /health calls it silent.",
            "symbol");
    /** How long parts wait. */
    public final Gauge oldestPartAge = gauge(
            "collector_oldest_part_age_seconds",
            "Seconds that the oldest part has waited for the store since this process knows it. Worry above 300: uploads"
                    + " fail, or are slower than recording.");

    /** From the exchange to this machine. */
    public final Histogram receiveDelay = histogram(
            "collector_receive_delay_seconds",
            "From the trade time to the arrival of the frame that brought it first, by the two wall clocks, for one new"
                    + " trade in 16. Worry when the upper values grow for minutes, or when many are below zero: this machine's"
                    + " clock is off.",
            new double[] {0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60});
    /** From the socket to the spool. */
    public final Histogram acceptTime = histogram(
            "collector_accept_seconds",
            "From the arrival of a frame to the end of the write of its line, for one new trade in 16. Worry above 0.1: the"
                    + " disk or this machine is too slow.",
            new double[] {0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10});
    /** Flush and rename. */
    public final Histogram sealTime = histogram(
            "collector_seal_seconds",
            "Flushing and renaming a part. Worry above 1: the disk is too slow.",
            new double[] {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5});
    /** Check, gzip, digest. */
    public final Histogram packTime = histogram(
            "collector_pack_seconds",
            "Checking, compressing and flushing a part. Worry when it nears ROT_SECS divided by the number of symbols: one"
                    + " thread packs for all.",
            new double[] {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5});
    /** One object. */
    public final Histogram putTime = histogram(
            "collector_put_seconds",
            "Puts that the store has answered, the client's own retries included, by object: part, manifest. Worry above"
                    + " 2: the way to the store is slow.",
            new double[] {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60},
            "object");
    /** From the exchange to the store. */
    public final Histogram storeDelay = histogram(
            "collector_store_delay_seconds",
            "From the trade time of a live part's last trade to the store's confirmation of its manifest, by the wall"
                    + " clock, once for each part. ROT_SECS and a second are usual; worry when the upper values grow for"
                    + " minutes.",
            new double[] {0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600});

    /** Adds what the JVM tells of itself when it is asked. */
    public Metrics() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        asked(
                "jvm_heap_used_bytes",
                "Heap in use, garbage included. Worry when it stays near jvm_heap_max_bytes after collections.",
                () -> memory.getHeapMemoryUsage().getUsed());
        asked(
                "jvm_heap_max_bytes",
                "The most that the heap may take (-Xmx). For comparison, not for worry.",
                () -> memory.getHeapMemoryUsage().getMax());
        asked(
                "jvm_threads",
                "Threads of the process. Some 30 are usual; worry when it grows for hours.",
                () -> ManagementFactory.getThreadMXBean().getThreadCount());
        asked(
                "jvm_gc_seconds",
                "Seconds spent on garbage since the start. Worry when it grows by more than 0.05 a second.",
                () -> ManagementFactory.getGarbageCollectorMXBeans().stream()
                                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                                .sum()
                        / 1e3);
    }

    private void asked(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /** What a counter has counted under all its labels together. */
    public static long sum(Counter counter) {
        return counter.collect().getDataPoints().stream()
                .mapToLong(point -> (long) point.getValue())
                .sum();
    }

    /** All of the above, for exposition. */
    public PrometheusRegistry registry() {
        return registry;
    }

    // Without exemplars: nobody traces here, and the library would wake a thread of its own to sample them.
    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private Histogram histogram(String name, String help, double[] upperBounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .withoutExemplars()
                .classicUpperBounds(upperBounds)
                .register(registry);
    }

    private Gauge gauge(String name, String help, String... labels) {
        return Gauge.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }
}
