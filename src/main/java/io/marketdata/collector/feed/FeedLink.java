package io.marketdata.collector.feed;

import io.marketdata.collector.feed.FrameParser.Kind;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the exchange, from the first packet to the last: {@link #run()} lives on the caller's thread, which
 * becomes the read thread, and returns when the connection is over, however it ends.
 *
 * <p>What the library would leave open is closed here by a read time-out on the socket: a server that accepts and never
 * answers, and a link that goes silent, both end in time.
 *
 * <p>No exception leaves a callback: the library would swallow it and keep the socket open, and trades would be lost
 * without a word. A fault in taking a trade goes to {@code fatal}, and the link takes nothing more.
 */
final class FeedLink {

    private static final Logger LOG = LoggerFactory.getLogger(FeedLink.class);

    /**
     * How a connection ended.
     *
     * @param wasOpen whether the handshake had succeeded
     * @param reason for people, one line
     */
    record End(boolean wasOpen, long trades, String reason) {}

    private final FrameParser parser;
    private final Time time;
    private final TradeSink sink;
    private final Consumer<Throwable> fatal;
    private final FeedOptions options;
    private final Connection connection;

    private volatile boolean open;
    private volatile boolean refusing;
    private long trades;
    private String endReason = "the connection ended";

    /** @param fatal told of a fault that must end the process; called on the read thread */
    FeedLink(FeedOptions options, Time time, TradeSink sink, Consumer<Throwable> fatal) {
        this.options = options;
        this.parser = new FrameParser(options.symbols());
        this.time = time;
        this.sink = sink;
        this.fatal = fatal;
        this.connection = new Connection(options.streams(), options.maxFrame(), options.connectTimeout());
    }

    /** Connects, receives until the end, and tells how it ended. At most once. */
    End run() {
        try {
            connection.run();
        } finally {
            connection.cut();
        }
        return new End(open, trades, endReason);
    }

    /** Asks the server to close; the link goes on until it does. Any thread. */
    void close() {
        connection.close();
    }

    /** Cuts the connection without a word; {@link #run()} returns soon. Any thread. */
    void cut() {
        connection.cut();
    }

    private void receive(byte[] bytes, int offset, int length) {
        if (refusing) {
            return;
        }
        try {
            long receivedMicros = time.epochMicros();
            Kind kind = parser.parse(bytes, offset, length);
            if (kind == Kind.TRADE) {
                int from = parser.eventFrom();
                sink.accept(new TradeEvent(
                        parser.symbol(),
                        parser.id(),
                        parser.tradeTimeMs(),
                        receivedMicros,
                        bytes,
                        from,
                        parser.eventTo() - from));
                trades++;
            } else {
                other(kind, bytes, offset, length);
            }
        } catch (IOException | RuntimeException | Error e) {
            refusing = true;
            fatal.accept(e);
        }
    }

    private void other(Kind kind, byte[] bytes, int offset, int length) {
        switch (kind) {
            case TRADE -> throw new IllegalStateException("a trade is no other frame");
            case REPLY -> LOG.debug("The exchange answered: {}", LogText.of(bytes, offset, length));
            case ERROR -> LOG.warn("The exchange refused a request: {}", LogText.of(bytes, offset, length));
            case SHUTDOWN_NOTICE -> LOG.info("The exchange announces that it will close this connection");
            case UNKNOWN -> {
                LOG.debug("Not understood ({}): {}", parser.problem(), LogText.of(bytes, offset, length));
                sink.reject(bytes, offset, length, parser.problem());
            }
        }
    }

    /** The library's client; everything it calls back is handed to the link at once. */
    private final class Connection extends WebSocketClient {

        private final int connectTimeoutMs;
        private @Nullable Exception lastError;

        Connection(URI uri, int maxFrame, Duration connectTimeout) {
            super(
                    uri,
                    new DirectDraft(maxFrame, FeedLink.this::receive),
                    null,
                    Math.toIntExact(connectTimeout.toMillis()));
            this.connectTimeoutMs = Math.toIntExact(connectTimeout.toMillis());
            setTcpNoDelay(true);
            setConnectionLostTimeout(0); // the read time-out below is stricter, and needs no pings of ours
            setDnsResolver(this::resolve);
        }

        /** Called after the socket is made and before it connects: the one moment to set the first read time-out. */
        private InetAddress resolve(URI uri) throws UnknownHostException {
            readTimeout(connectTimeoutMs);
            return InetAddress.getByName(uri.getHost());
        }

        private void readTimeout(int millis) {
            try {
                Socket socket = getSocket();
                if (socket != null) {
                    socket.setSoTimeout(millis);
                }
            } catch (SocketException e) {
                LOG.debug("The socket was closed already: {}", e.getMessage());
            }
        }

        @Override
        public void onOpen(@Nullable ServerHandshake handshake) {
            open = true;
            readTimeout(Math.toIntExact(options.silenceTimeout().toMillis()));
            LOG.info("Connected: {}", getURI());
        }

        @Override
        public void onMessage(String message) {
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            receive(bytes, 0, bytes.length);
        }

        @Override
        public void onMessage(ByteBuffer message) {
            byte[] bytes = new byte[message.remaining()];
            message.get(bytes);
            receive(bytes, 0, bytes.length);
        }

        @Override
        public void onClose(int code, @Nullable String reason, boolean byServer) {
            String text = reason == null || reason.isEmpty() ? "" : ", " + LogText.of(reason);
            if (lastError == null) {
                endReason = "closed by " + (byServer ? "the exchange" : "us") + ", code " + code + text;
            }
        }

        @Override
        public void onError(@Nullable Exception e) {
            lastError = e;
            endReason = e == null ? "unknown error" : LogText.of(String.valueOf(e));
        }

        void cut() {
            try {
                Socket socket = getSocket();
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException e) {
                LOG.debug("The socket could not be closed: {}", e.getMessage());
            }
        }
    }
}
