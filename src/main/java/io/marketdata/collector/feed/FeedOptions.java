package io.marketdata.collector.feed;

import io.marketdata.collector.model.Backoff;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the feed connects.
 *
 * @param servers scheme, host and port, for example {@code wss://stream.binance.com:9443}; at least one
 * @param fallback taken when all of them refuse this location; null: none
 * @param connections live connections that carry the same streams, at least 1
 * @param connectTimeout for TCP to connect, and again for TLS and the WebSocket handshake to be answered
 * @param idleTimeout a connection that brings no frame for so long is dead: the exchange pings every 20 s (Binance
 *     web-socket-streams.md, 2026-06-09)
 * @param maxFrame bytes; a longer frame ends the connection
 * @param reconnect waits after the second and later failures in a row; the first attempt is made at once
 * @param attemptsPerWindow connections that may be tried in {@link ConnectBudget#WINDOW}
 * @param maxAge a connection is replaced at this age: the exchange ends it at 24 h (web-socket-streams.md)
 * @param maxAgeJitter a random part of this is taken off
 * @param staleAfter a connection that brings nothing of a symbol for so long, while others do, is replaced
 * @param maxLag a connection whose trades all come so much later than its quickest one is replaced
 */
public record FeedOptions(
        List<URI> servers,
        @Nullable URI fallback,
        int connections,
        Duration connectTimeout,
        Duration idleTimeout,
        int maxFrame,
        Backoff reconnect,
        int attemptsPerWindow,
        Duration maxAge,
        Duration maxAgeJitter,
        Duration staleAfter,
        Duration maxLag) {

    public FeedOptions {
        servers = List.copyOf(servers);
        if (servers.isEmpty() || connections < 1) {
            throw new IllegalArgumentException("a feed needs a server and a connection");
        }
    }
}
