package io.marketdata.collector.feed;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.route.ProxyRule;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connection settings of the feed.
 *
 * @param servers scheme, host and port, for example {@code wss://stream.binance.com:9443}; at least one
 * @param fallback used when all of them refuse this location; null: none
 * @param connections redundant connections that carry the same streams, at least 1
 * @param connectTimeout for TCP to connect, and again for TLS and the WebSocket handshake to be answered
 * @param idleTimeout a connection without a frame for this long is closed: the exchange pings every 20 s (Binance
 *     web-socket-streams.md, 2026-06-09)
 * @param maxFrame bytes; a longer frame ends the connection
 * @param reconnect pauses after the second and later failures in a row; the first new attempt is made at once
 * @param attemptsPerWindow connection attempts allowed in {@link ConnectBudget#WINDOW}
 * @param longestRefusal a host that demands a longer pause with {@code Retry-After} is tried again after this: half of
 *     the time for which missed trades can be backfilled
 * @param maxAge a connection is replaced at this age: the exchange ends it at 24 h (web-socket-streams.md)
 * @param maxAgeJitter a random part of this is subtracted from {@code maxAge}
 * @param staleAfter a connection that delivers no trade of a symbol for this long, while others do, is stale and replaced
 * @param maxLag a connection whose trades all arrive this much later than its quickest one is replaced
 * @param proxies which proxy leads to which server
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
        Duration longestRefusal,
        Duration maxAge,
        Duration maxAgeJitter,
        Duration staleAfter,
        Duration maxLag,
        ProxyRule proxies) {

    public FeedOptions {
        servers = List.copyOf(servers);
        if (servers.isEmpty() || connections < 1) {
            throw new IllegalArgumentException("a feed needs a server and a connection");
        }
    }
}
