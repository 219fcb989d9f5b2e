package io.marketdata.collector.status;

import io.marketdata.collector.health.Health;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.status.EventRing.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the status page shows, as it was at one moment.
 *
 * @param upSeconds since this process began to record
 * @param clockOffsetMs how far this machine's clock is ahead of the exchange's; null if that is not known
 * @param atMs when this was, ms since 1970 UTC
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
     * What does not change.
     *
     * @param rotateBytes a part is sealed at this size, uncompressed
     * @param rotateSeconds and at this age
     * @param maxBytes what the spool may take
     */
    public record About(
            String version, String instance, String bucket, long rotateBytes, long rotateSeconds, long maxBytes) {}

    /**
     * A symbol.
     *
     * @param perSecond trades a second, each value for {@link RateHistory#STEP}, the newest last
     * @param lastTradeId -1 before the first
     * @param lastTradeAgeMs since then, or since the start
     * @param lastStoredId -1 before the first
     * @param open trades that are missing and looked for
     * @param lost trades that were given up since the start
     * @param partBytes in the part that is open; 0 if there is none
     * @param partAgeMs its age
     */
    public record SymbolRow(
            Symbol symbol,
            List<Double> perSecond,
            long accepted,
            long lastTradeId,
            long lastTradeAgeMs,
            long lastStoredId,
            long open,
            long lost,
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
     * @param trades that it has brought, first or not
     */
    public record ConnectionRow(String name, String server, long openMs, long trades) {}

    /**
     * What waits and what was stored.
     *
     * @param error of the last failure, empty after a success
     */
    public record Store(
            int waiting,
            long oldestSeconds,
            String error,
            long partsStored,
            long bytesStored,
            long spoolBytes,
            long spoolFiles,
            double fillRatio,
            long freeBytes) {}

    /** Seconds, in the last minute; NaN if there was nothing, infinite above the last bound. */
    public record Latency(double median, double p99) {}
}
