package io.marketdata.collector.feed;

import io.marketdata.collector.metrics.MetricSet;
import io.marketdata.collector.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;

/** What the feed counts: connections, and the trade ids that they deliver or miss. The help texts describe the fields. Any thread. */
public final class FeedMetrics {

    private final MetricSet set = new MetricSet();

    public final Counter connections = set.counter(
            "collector_connections_total",
            "WebSocket connections opened. Worry when it grows by more than one an hour.");
    public final Counter disconnections = set.counter(
            "collector_disconnections_total",
            "Connections that ended or could not be opened, by reason: unreachable, refused (HTTP status),"
                    + " closed (by the exchange), broken, idle, invalid (not WebSocket), fault (ours). Worry when it"
                    + " grows by more than one an hour.",
            "reason");
    public final Counter replacements = set.counter(
            "collector_connection_replacements_total",
            "Connections replaced while they still worked: because of age, an announced end, staleness or"
                    + " lag. One a day for each connection is normal; worry when there are many an hour.");
    public final Gauge connectionsOpen = set.gauge(
            "collector_connections_open",
            "Open connections to the exchange. Worry when it is below WS_CONNECTIONS for minutes: losing one"
                    + " more connection opens a gap.");
    public final Gauge connectionAge = set.gauge(
            "collector_connection_age_seconds",
            "Seconds since the connection of each feed line was opened, 0 while it connects. Worry when it"
                    + " never grows: the connection is lost again and again.",
            "line");
    public final Counter duplicates = set.counter(
            "collector_duplicates_dropped_total",
            "Trades that another connection had delivered before. With two connections it grows as fast as"
                    + " the trades; worry when it stands still then: one of them delivers nothing.",
            "symbol");
    public final Counter contradictions = set.counter(
            "collector_trades_contradicting_total",
            "Trades whose id is recorded with another payload. Both copies are kept, the later one in unparsed/."
                    + " Worry at once: one of the connections or REST is wrong.",
            "symbol");
    public final Counter doubted = set.counter(
            "collector_trades_doubted_total",
            "Trades that were recorded although their id does not follow, and that moved nothing until there was"
                    + " evidence. A few after a long stop are normal; worry when it keeps growing.",
            "symbol");
    public final Counter resets = set.counter(
            "collector_sequence_resets_total",
            "Times the exchange's trade ids started again. Normal on the test network, about once a month; worry on"
                    + " the main network.",
            "symbol");
    public final Counter idsMissed = set.counter(
            "collector_ids_missed_total",
            "Trade ids that no connection had delivered when a later id arrived. Most arrive within a second;"
                    + " worry when collector_ids_open stays above zero.",
            "symbol");
    public final Counter idsLate = set.counter(
            "collector_ids_late_total",
            "Missing trade ids that a connection delivered late. No worry: nothing was lost.",
            "symbol");
    public final Gauge idsOpen = set.gauge(
            "collector_ids_open",
            "Trade ids in open gaps, which are being backfilled; NaN while no connection delivers trades, because it"
                    + " is unknown then. Worry when it is above zero for minutes: REST does not answer.",
            "symbol");
    public final Counter idsUnrecoverable = set.counter(
            "collector_ids_unrecoverable_total",
            "Trade ids in unrecoverable gaps. Worry at once: this instance will not have these trades.",
            "symbol");
    public final Histogram receiveDelay = set.histogram(
            "collector_receive_delay_seconds",
            "From the trade time to the arrival of the frame that delivered it first, by the two wall clocks,"
                    + " for one new trade in 16. Worry when the upper values grow for minutes, or when many are below"
                    + " zero: this machine's clock is off.",
            new double[] {0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60});
    public final Histogram acceptTime = set.histogram(
            "collector_accept_seconds",
            "From the arrival of a frame to the end of the write of its line, for one new trade in 16. Worry"
                    + " above 0.1: the disk or this machine is too slow.",
            new double[] {0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10});

    /** @param metrics registers them; the same one only once */
    public FeedMetrics(Metrics metrics) {
        metrics.register(set);
    }
}
