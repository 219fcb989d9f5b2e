package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A fault of the exchange simulator. Values only: {@link ExchangeSimulator#inflict} inflicts them, {@link FaultScript} says
 * when. Durations are real time.
 */
public sealed interface Fault {

    /** Until {@link Heal} or the end of the connection; a hundred years. */
    Duration FOREVER = Duration.ofDays(36_500);

    /** Affects connections that are open at that moment; frames queued before are sent first. */
    sealed interface OfConnection extends Fault {
        Target connection();
    }

    /** Affects upgrade requests that arrive from now on. */
    sealed interface OfUpgrades extends Fault {
        Extent extent();

        /** Index of the endpoint in {@link ExchangeSimulator#webSocketUris}; null: all endpoints. */
        @Nullable
        Integer endpoint();
    }

    /** Affects REST requests that arrive from now on. */
    sealed interface OfRest extends Fault {}

    /** Affects some REST requests. */
    sealed interface OfRequests extends OfRest {
        Extent extent();

        /** End of the paths affected, such as {@code historicalTrades}; empty for all. */
        String path();
    }

    /** Affects the trade source itself, and so every connection and REST. */
    sealed interface OfTrades extends Fault {}

    /** How a connection is cut without a close frame. */
    enum How {
        /** TCP reset. */
        RST,
        /** Orderly end of TCP. */
        FIN
    }

    /** Form of a shutdown notice (web-socket-streams.md, 2026-06-09). */
    enum Form {
        /** The form of the connection's trades. */
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

    /** Pings and answers continue, trades do not; they are not delivered later. */
    record Stall(Target connection, Duration lasting) implements OfConnection {}

    /** Nothing more is sent, and the socket stays open. Cannot be healed. */
    record Freeze(Target connection) implements OfConnection {}

    /** Everything sent from now on is delayed by this time, in order. Zero ends it. */
    record Lag(Target connection, Duration by) implements OfConnection {}

    /** The next n trades of the connection are not delivered. */
    record Skip(Target connection, int trades) implements OfConnection {}

    /** The next trade is delivered twice. */
    record Repeat(Target connection) implements OfConnection {}

    /** The next two trades are delivered in the wrong order; the first waits for the second. */
    record Swap(Target connection) implements OfConnection {}

    /**
     * After the next trade a false one is delivered, which was never issued: with the price 0, and an id that is ahead of
     * that trade's.
     *
     * @param idsAhead negative: below; 0: another payload of the same id
     */
    record Forge(Target connection, long idsAhead) implements OfConnection {}

    /**
     * The exchange announces its shutdown; trades continue until then.
     *
     * @param closeAfter time until close frame 1001; null: never
     */
    record ShutdownNotice(
            Target connection, Form form, @Nullable Duration closeAfter) implements OfConnection {}

    /** A text frame with any content. */
    record SendText(Target connection, String text) implements OfConnection {}

    /** A binary frame with these bytes of UTF-8. */
    record SendBinary(Target connection, String text) implements OfConnection {}

    /** A text message in three frames. */
    record SendFragments(Target connection, String text) implements OfConnection {}

    /** The header of a text frame that announces this many bytes; none of them follows. */
    record SendHugeHeader(Target connection, long bytes) implements OfConnection {
        public static final long NEARLY_2_GIB = 1_900_000_000L;
    }

    /**
     * The upgrade request is answered with an HTTP status and the body that the exchange sends with it.
     *
     * @param retryAfter value of the header, whole seconds; null: no header
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

    /** The TCP connection is accepted and then reset before the request is read. */
    record ResetUpgrades(Extent extent, @Nullable Integer endpoint) implements OfUpgrades {}

    /** The TCP connection is accepted, and nothing follows. */
    record HangUpgrades(Extent extent, @Nullable Integer endpoint) implements OfUpgrades {}

    /**
     * The request is answered with an HTTP status and the body that the exchange sends with it.
     *
     * @param retryAfter value of the header, whole seconds; null: no header
     */
    record RestStatus(int status, @Nullable Duration retryAfter, Extent extent, String path) implements OfRequests {
        public RestStatus(int status, Extent extent) {
            this(status, null, extent, "");
        }
    }

    /** The request is not answered, and the connection ends after this time; some clients, including Java's, then retry. */
    record RestHang(Duration hold, Extent extent, String path) implements OfRequests {}

    /** The answer ends in the middle of its body. */
    record RestTruncate(Extent extent, String path) implements OfRequests {}

    /**
     * Some answers with trades are wrong: every id in them is ahead of the true one.
     *
     * @param idsAhead negative: below
     * @param oneIn every so many requests are answered so
     */
    record RestLie(long idsAhead, int oneIn, Extent extent, String path) implements OfRequests {}

    /** {@code historicalTrades} has a trade only this long after it was issued, {@code trades} at once. Zero ends it. */
    record HistoryLag(Duration by) implements OfRest {}

    /** {@code historicalTrades} answers 404, as on {@code data-api.binance.vision}. */
    record DataOnlyHost(boolean on) implements OfRest {}

    /**
     * {@code historicalTrades} has no older trades; an older {@code fromId} silently returns the oldest that is kept
     * (binance-public-data issue 376).
     *
     * @param symbol null for all
     */
    record OldestKept(@Nullable Symbol symbol, long id) implements OfRest {}

    /** The same, by the number of trades kept of those issued so far. */
    record KeepNewest(@Nullable Symbol symbol, int trades) implements OfRest {}

    /**
     * Sequence reset: ids start again at 0 with the next trade, and earlier trades are forgotten, as at the testnet's monthly
     * reset.
     *
     * @param symbol null for all
     */
    record ResetIds(@Nullable Symbol symbol) implements OfTrades {}

    /** A change of format: every trade is delivered with one text in place of another; REST is unchanged. */
    record Reformat(String replace, String with) implements OfTrades {}

    /** No trade for this long; ids continue afterwards. */
    record Halt(Duration lasting) implements OfTrades {}

    /** Ends all lasting faults, except frozen connections and forgotten trades. */
    record Heal() implements Fault {}
}
