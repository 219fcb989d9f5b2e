package io.marketdata.collector.feed;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Symbol;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How the feed connects.
 *
 * @param server scheme, host and port, for example {@code wss://stream.binance.com:9443}
 * @param connectTimeout for TCP to connect, and again for TLS and the WebSocket handshake to be answered
 * @param silenceTimeout a link that brings no byte for so long is dead: the exchange pings every 20 s (Binance
 *     web-socket-streams.md, 2026-06-09)
 * @param maxFrame bytes; a longer frame ends the connection
 * @param reconnect waits after the second and later failures in a row; the first attempt is made at once
 */
public record FeedOptions(
        URI server,
        List<Symbol> symbols,
        Duration connectTimeout,
        Duration silenceTimeout,
        int maxFrame,
        Backoff reconnect) {

    public FeedOptions {
        symbols = List.copyOf(symbols);
        if (symbols.isEmpty()) {
            throw new IllegalArgumentException("a feed needs at least one symbol");
        }
    }

    /** The combined stream of all symbols; subscribed by URL, because a request can stay unanswered. */
    URI streams() {
        return URI.create(server
                + "/stream?streams="
                + symbols.stream().map(Symbol::tradeStream).collect(Collectors.joining("/")));
    }
}
