package io.marketdata.collector.status;

import io.marketdata.collector.health.Health;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.status.EventRing.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data of the status page at one moment.
 *
 * @param upSeconds since this process started recording
 * @param clockOffsetMs how far this machine's clock is ahead of the exchange's, ms; null if unknown
 * @param atMs that moment, ms since 1970 UTC
 */
public record Board(
        About about,
        long upSeconds,
        Health.Report health,
        List<SymbolRow> symbols,
        List<ConnectionRow> connections,
        Store store,
        Latency received,
        Latency stored,
        @Nullable Long clockOffsetMs,
        List<Event> events,
        long atMs) {

    public Board {
        symbols = List.copyOf(symbols);
        connections = List.copyOf(connections);
        events = List.copyOf(events);
    }

    /**
     * Constant data.
     *
     * @param rotateBytes a part is sealed at this size, uncompressed
     * @param rotateSeconds and at this age
     * @param maxBytes the limit of the spool's size
     */
    public record About(
            String version, String instance, String bucket, long rotateBytes, long rotateSeconds, long maxBytes) {}

    /**
     * A symbol.
     *
     * @param perSecond trades per second, one value for each {@link RateHistory#STEP}, the newest last; NaN if not known
     * @param lastTradeId -1 before the first
     * @param lastTradeAgeMs since the last trade, or since the start
     * @param lastStoredId -1 before the first
     * @param missing trades in open gaps; at least so many while {@code unknown} is not empty
     * @param unknown why rate and gaps are not known; empty while they are
     * @param unrecoverable trades of gaps that became unrecoverable since the start
     * @param partBytes in the open part; 0 if there is none
     * @param partAgeMs age of the open part
     */
    public record SymbolRow(
            Symbol symbol,
            List<Double> perSecond,
            long accepted,
            long lastTradeId,
            long lastTradeAgeMs,
            long lastStoredId,
            long missing,
            String unknown,
            long unrecoverable,
            long partBytes,
            long partAgeMs) {

        public SymbolRow {
            perSecond = List.copyOf(perSecond);
        }
    }

    /**
     * A connection.
     *
     * @param openMs for how long it has been open; -1 while it connects
     * @param trades delivered by it, duplicates included
     */
    public record ConnectionRow(String name, String server, long openMs, long trades) {}

    /**
     * Backlog, uploads and disk.
     *
     * @param error of the last failed upload, empty after a success
     */
    public record Store(
            int backlogParts,
            long oldestSeconds,
            String error,
            long partsStored,
            long bytesStored,
            long spoolBytes,
            long spoolFiles,
            double fillRatio,
            long freeBytes) {}

    /** Quantiles of the last minute, s; NaN without values, infinite above the last bucket bound. */
    public record Latency(double median, double p99) {}
}
