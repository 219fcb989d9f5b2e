package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One thing that goes wrong at the exchange simulator. Values only; {@link ExchangeSimulator#inflict} carries them out, and
 * {@link FaultScript} says when. Durations are real time.
 */
public sealed interface Fault {

    /** Until {@link Heal} or the end of the connection; a hundred years. */
    Duration FOREVER = Duration.ofDays(36_500);

    /** Meets connections that are open at that moment; what was delivered before still goes out first. */
    sealed interface OfConnection extends Fault {
        Target connection();
    }

    /** Meets upgrades that arrive from now on. */
    sealed interface OfUpgrades extends Fault {
        Extent extent();

        /** Only at this endpoint, in the order of {@link ExchangeSimulator#webSocketUris}; null at every one. */
        @Nullable
        Integer endpoint();
    }

    /** Meets REST requests that arrive from now on. */
    sealed interface OfRest extends Fault {}

    /** Meets some REST requests. */
    sealed interface OfRequests extends OfRest {
        Extent extent();

        /** Only paths that end so, such as {@code historicalTrades}; empty for all. */
        String path();
    }

    /** Meets the trade source itself, so every connection and REST alike. */
    sealed interface OfTrades extends Fault {}

    /** How a connection is cut without a close frame. */
    enum How {
        /** TCP reset. */
        RST,
        /** An orderly end of TCP. */
        FIN
    }

    /** In which form a notice is sent (web-socket-streams.md, 2026-06-09). */
    enum Form {
        /** As the connection's trades are. */
        AUTO,
        /** {@code {"e":"serverShutdown","E":…}}. */
        RAW,
        /** {@code {"stream":"!serverShutdown","data":{"e":"serverShutdown","E":…}}}. */
        COMBINED
    }

    /** The connection ends without a close frame. */
    record Cut(Target connection, How how) implements OfConnection {}

    /** The connection ends with a close frame. */
    record Close(Target connection, int code, String reason) implements OfConnection {}

    /** Pings and answers go on, trades do not; they are not delivered later. */
    record Stall(Target connection, Duration lasting) implements OfConnection {}

    /** Nothing at all any more, and the socket stays open. Cannot be healed. */
    record Freeze(Target connection) implements OfConnection {}

    /** All that is sent from now on leaves so much later, in order. Zero ends it. */
    record Lag(Target connection, Duration by) implements OfConnection {}

    /** The next n trades of the connection are not delivered. */
    record Skip(Target connection, int trades) implements OfConnection {}

    /** The next trade is delivered twice. */
    record Repeat(Target connection) implements OfConnection {}

    /** The next two trades are delivered in the wrong order; the first waits for the second. */
    record Swap(Target connection) implements OfConnection {}

    /**
     * The exchange says that it will shut down; trades go on until then.
     *
     * @param closeAfter close frame 1001 after so long; null never
     */
    record ShutdownNotice(
            Target connection, Form form, @Nullable Duration closeAfter) implements OfConnection {}

    /** A text frame of any content. */
    record SendText(Target connection, String text) implements OfConnection {}

    /** A binary frame with these bytes of UTF-8. */
    record SendBinary(Target connection, String text) implements OfConnection {}

    /** A text message in three frames. */
    record SendFragments(Target connection, String text) implements OfConnection {}

    /** The header of a text frame that announces so many bytes; none of them follows. */
    record SendHugeHeader(Target connection, long bytes) implements OfConnection {
        public static final long NEARLY_2_GIB = 1_900_000_000L;
    }

    /**
     * The upgrade gets an HTTP status, with the body that the exchange sends with it.
     *
     * @param retryAfter of the header, whole seconds; null for none
     */
    record RefuseUpgrades(
            int status,
            @Nullable Duration retryAfter,
            Extent extent,
            @Nullable Integer endpoint) implements OfUpgrades {
        public RefuseUpgrades(int status, Extent extent) {
            this(status, null, extent, null);
        }
    }

    /** The TCP connection is accepted, and reset before the request is read. */
    record ResetUpgrades(Extent extent, @Nullable Integer endpoint) implements OfUpgrades {}

    /** The TCP connection is accepted, and nothing follows. */
    record HangUpgrades(Extent extent, @Nullable Integer endpoint) implements OfUpgrades {}

    /**
     * The request gets an HTTP status, with the body that the exchange sends with it.
     *
     * @param retryAfter of the header, whole seconds; null for none
     */
    record RestStatus(int status, @Nullable Duration retryAfter, Extent extent, String path) implements OfRequests {
        public RestStatus(int status, Extent extent) {
            this(status, null, extent, "");
        }
    }

    /** The request gets nothing for so long, and then the connection ends; some clients, Java's too, then ask again. */
    record RestHang(Duration hold, Extent extent, String path) implements OfRequests {}

    /** The answer ends in the middle of its body. */
    record RestTruncate(Extent extent, String path) implements OfRequests {}

    /** {@code historicalTrades} knows a trade only so long after it was issued; {@code trades} at once. Zero ends it. */
    record HistoryLag(Duration by) implements OfRest {}

    /** {@code historicalTrades} answers 404, as on {@code data-api.binance.vision}. */
    record DataOnlyHost(boolean on) implements OfRest {}

    /**
     * {@code historicalTrades} has nothing older; an older {@code fromId} silently gives the oldest that is kept
     * (binance-public-data issue 376).
     *
     * @param symbol null for all
     */
    record OldestKept(@Nullable Symbol symbol, long id) implements OfRest {}

    /** The same, by the number of trades that are kept of those issued by now. */
    record KeepNewest(@Nullable Symbol symbol, int trades) implements OfRest {}

    /**
     * Ids begin again at 0 with the next trade, and what was before is forgotten, as at the testnet's monthly reset.
     *
     * @param symbol null for all
     */
    record ResetIds(@Nullable Symbol symbol) implements OfTrades {}

    /** No trade for so long; ids go on afterwards. */
    record Halt(Duration lasting) implements OfTrades {}

    /** All that lasts is over, except frozen connections and what was forgotten. */
    record Heal() implements Fault {}
}
