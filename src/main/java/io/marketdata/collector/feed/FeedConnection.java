package io.marketdata.collector.feed;

import io.marketdata.collector.feed.FrameParser.Kind;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.ThreadProgress;
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
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ServerHandshake;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the exchange, from the first packet to the last: {@link #run()} lives on the caller's thread, which
 * becomes the read thread, and returns when the connection is over, however it ends. Everything else here may be asked
 * from any thread.
 *
 * <p>What the library would leave open is closed here by a read time-out on the socket: a server that accepts and never
 * answers, and a connection that goes silent, both end in time.
 *
 * <p>No exception leaves a callback: the library would swallow it and keep the socket open, and trades would be lost
 * without a word. A fault in taking a trade goes to {@code fault}, and the connection takes nothing more and ends.
 */
final class FeedConnection {

    private static final Logger LOG = LoggerFactory.getLogger(FeedConnection.class);

    /** How far a connection has come. */
    enum Phase {
        CONNECTING,
        OPEN,
        ENDED
    }

    private final String name;
    private final URI server;
    private final FrameParser parser;
    private final List<LineArbiter> arbiters;
    private final ConnectionProgress delivered;
    private final Time time;
    private final TradeSink sink;
    private final Consumer<Throwable> fault;
    private final ThreadProgress progress;
    private final Duration connectTimeout;
    private final Duration idleTimeout;
    private final Lateness lateness;
    private final ConnectionEnd end = new ConnectionEnd();
    private final Connection connection;
    private final long bornNanos;

    private volatile Phase phase = Phase.CONNECTING;
    private volatile boolean refusing;
    private volatile boolean noticed;
    private volatile long openedNanos;
    private volatile long lastFrameNanos;
    private final AtomicLong trades = new AtomicLong();

    /**
     * @param name for the log
     * @param arbiters of the symbols that the streams carry, in their order
     * @param sink takes what is not understood; trades go through the arbiters
     * @param random decides which of a server's addresses is taken
     * @param fault told of what a frame could not be taken for; called on the read thread, and the connection ends
     * @param progress of the read thread: busy while something that came is handled, idle while the socket is waited for
     */
    FeedConnection(
            String name,
            URI server,
            StreamSet streams,
            FeedOptions options,
            List<LineArbiter> arbiters,
            TradeSink sink,
            Time time,
            DoubleSupplier random,
            Consumer<Throwable> fault,
            ThreadProgress progress) {
        this.name = name;
        this.server = server;
        this.parser = new FrameParser(arbiters.stream().map(LineArbiter::symbol).toList());
        this.arbiters = List.copyOf(arbiters);
        delivered = new ConnectionProgress(arbiters.size());
        this.time = time;
        this.sink = sink;
        this.fault = fault;
        this.progress = progress;
        this.connectTimeout = options.connectTimeout();
        this.idleTimeout = options.idleTimeout();
        this.lateness = new Lateness(options.maxLag());
        this.connection = new Connection(streams.on(server), options.maxFrame(), options.connectTimeout(), random);
        this.bornNanos = time.nanoTime();
        this.lastFrameNanos = bornNanos;
    }

    /** Connects, and receives until the end. At most once. */
    void run() {
        try {
            connection.run();
        } finally {
            connection.cut();
            phase = Phase.ENDED;
        }
    }

    /**
     * Asks the server to close; {@link #run()} returns when it does. From now on the library hands no frame on any more. A
     * connection that is not open yet is cut.
     */
    void close() {
        if (phase == Phase.CONNECTING) {
            connection.cut();
        }
        connection.close();
    }

    /** Cuts the connection without a word; {@link #run()} returns soon. */
    void cut() {
        connection.cut();
    }

    /**
     * The same, for a reason.
     *
     * @param reason for people
     */
    void cut(EndCause cause, String reason) {
        end.because(cause, reason);
        connection.cut();
    }

    /** Takes nothing more, whatever still arrives: for a connection that does not even end when it is cut. */
    void abandon() {
        refusing = true;
    }

    String name() {
        return name;
    }

    URI server() {
        return server;
    }

    Phase phase() {
        return phase;
    }

    /** How it ended; meaningful in {@link Phase#ENDED}. */
    ConnectionEnd.Told end() {
        return end.told();
    }

    long bornNanos() {
        return bornNanos;
    }

    /** When the handshake had succeeded; meaningless before. */
    long openedNanos() {
        return openedNanos;
    }

    /** When the last frame of any kind came. */
    long lastFrameNanos() {
        return lastFrameNanos;
    }

    /** Whether the exchange has announced that it will close this connection. */
    boolean isNoticed() {
        return noticed;
    }

    /** Trades this connection has brought, recorded or not. */
    long trades() {
        return trades.getAcquire();
    }

    ConnectionProgress progress() {
        return delivered;
    }

    /** Over how long a time every trade came too late, up to the last one; zero if that did not, or was the first. */
    Duration lateFor() {
        return lateness.lasting();
    }

    /** Why a connection is over that nobody has closed; the library only says that it is. */
    private void brokenOff(String text) {
        long now = time.nanoTime();
        if (phase == Phase.CONNECTING) {
            end.because(
                    EndCause.UNREACHABLE,
                    (now - bornNanos >= connectTimeout.toNanos()
                                    ? "no answer within " + connectTimeout.toMillis() + " ms"
                                    : "the connection broke off before it was answered")
                            + text);
        } else if (now - lastFrameNanos >= idleTimeout.toNanos()) {
            end.because(EndCause.IDLE, "no frame for " + idleTimeout.toSeconds() + " s" + text);
        } else {
            end.because(EndCause.BROKEN, "the connection broke off" + text);
        }
    }

    private void receive(byte[] bytes, int offset, int length) {
        if (refusing) {
            return;
        }
        try {
            long receivedMicros = time.epochMicros();
            long now = time.nanoTime();
            lastFrameNanos = now;
            Kind kind = parser.parse(bytes, offset, length);
            if (kind == Kind.TRADE) {
                int from = parser.eventFrom();
                int symbol = parser.symbolIndex();
                arbiters.get(symbol)
                        .offer(new TradeEvent(
                                parser.symbol(),
                                parser.id(),
                                parser.tradeTimeMs(),
                                receivedMicros,
                                bytes,
                                from,
                                parser.eventTo() - from));
                delivered.add(symbol, parser.id(), now);
                lateness.note(receivedMicros / 1_000, parser.eventTimeMs(), now);
                trades.setRelease(trades.getPlain() + 1);
            } else {
                other(kind, bytes, offset, length);
            }
        } catch (IOException | RuntimeException | Error e) {
            refusing = true;
            fault.accept(e);
            cut(EndCause.FAULT, "a frame could not be taken: " + LogText.of(String.valueOf(e)));
        }
    }

    private void other(Kind kind, byte[] bytes, int offset, int length) {
        switch (kind) {
            case TRADE -> throw new IllegalStateException("a trade is no other frame");
            case REPLY -> LOG.debug("The exchange answered: {}", LogText.of(bytes, offset, length));
            case ERROR -> LOG.warn("The exchange refused a request: {}", LogText.of(bytes, offset, length));
            case SHUTDOWN_NOTICE -> {
                LOG.info("The exchange announces that it will close {}", name);
                noticed = true;
            }
            case UNKNOWN -> {
                LOG.debug("Not understood ({}): {}", parser.problem(), LogText.of(bytes, offset, length));
                sink.reject(bytes, offset, length, parser.problem());
            }
        }
    }

    /** The library's client; everything it calls back is handed to the connection at once. */
    private final class Connection extends WebSocketClient {

        private final int connectTimeoutMs;
        private final DoubleSupplier random;

        Connection(URI uri, int maxFrame, Duration connectTimeout, DoubleSupplier random) {
            super(
                    uri,
                    new DirectDraft(maxFrame, FeedConnection.this::receive, end::refused, progress),
                    null,
                    Math.toIntExact(connectTimeout.toMillis()));
            this.connectTimeoutMs = Math.toIntExact(connectTimeout.toMillis());
            this.random = random;
            setTcpNoDelay(true);
            setConnectionLostTimeout(0); // the read time-out below is stricter, and needs no pings of ours
            setDnsResolver(this::resolve);
        }

        /**
         * Called after the socket is made and before it connects: the one moment to set the first read time-out. One of
         * the server's addresses is drawn, so that a dead one is not tried again and again.
         */
        private InetAddress resolve(URI uri) throws UnknownHostException {
            readTimeout(connectTimeoutMs);
            InetAddress[] addresses = InetAddress.getAllByName(uri.getHost());
            return addresses[(int) (random.getAsDouble() * addresses.length)];
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
            progress.busy();
            long now = time.nanoTime();
            openedNanos = now;
            lastFrameNanos = now;
            phase = Phase.OPEN;
            readTimeout(Math.toIntExact(idleTimeout.toMillis()));
            LOG.info("Connected: {} to {}", name, server);
            progress.idle();
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
        public void onWebsocketPing(WebSocket socket, Framedata ping) {
            lastFrameNanos = time.nanoTime();
            super.onWebsocketPing(socket, ping);
        }

        @Override
        public void onClose(int code, @Nullable String reason, boolean byServer) {
            String text = reason == null || reason.isEmpty() ? "" : ", " + LogText.of(reason);
            if (code == CloseFrame.ABNORMAL_CLOSE || code == CloseFrame.NEVER_CONNECTED) {
                brokenOff(text);
            } else {
                end.because(
                        byServer ? EndCause.CLOSED : EndCause.INVALID,
                        "closed by " + (byServer ? "the exchange" : "us") + ", code " + code + text);
            }
        }

        @Override
        public void onError(@Nullable Exception e) {
            // The library wraps an Error that a frame has caused, and would go on as if nothing had been.
            if (e != null && e.getCause() instanceof Error error) {
                refusing = true;
                fault.accept(error);
            }
            end.because(
                    phase == Phase.CONNECTING ? EndCause.UNREACHABLE : EndCause.BROKEN,
                    e == null ? "unknown error" : LogText.of(String.valueOf(e)));
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
