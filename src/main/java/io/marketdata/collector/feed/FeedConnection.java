package io.marketdata.collector.feed;

import io.marketdata.collector.feed.LineArbiter.Outcome;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.Tunnel;
import io.marketdata.collector.trade.FrameParser;
import io.marketdata.collector.trade.FrameParser.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ServerHandshake;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the exchange, from the first packet to the last. {@link #run()} makes the caller's thread the read
 * thread, and returns when the connection has ended, for whatever reason. Every other method may be called from any
 * thread.
 *
 * <p>A read time-out on the socket closes what the library would leave open: a server that accepts and never answers,
 * and a connection on which no bytes arrive.
 *
 * <p>No exception leaves a callback: the library would swallow it and keep the socket open, and trades would be lost
 * unnoticed. A fault in accepting a trade goes to {@code fault}; the connection then accepts no more frames and ends.
 */
final class FeedConnection {

    private static final Logger LOG = LoggerFactory.getLogger(FeedConnection.class);

    enum Phase {
        CONNECTING,
        OPEN,
        ENDED
    }

    private final int line;
    final String name;
    final URI server;
    private final FrameParser parser;
    private final List<LineArbiter> arbiters;
    final ConnectionProgress delivered;
    private final Time time;
    private final TradeSink sink;
    private final List<TradeTimeCheck> times;
    private final Consumer<Throwable> fault;
    private final ThreadProgress threadProgress;
    private final FeedLog log;
    private final FeedOptions options;
    private final Lateness lateness;
    private final ConnectionEnd end;
    private final Connection connection;
    final long createdNanos;

    private volatile Phase phase = Phase.CONNECTING;
    private volatile boolean abandoned;
    private volatile boolean shutdownAnnounced;
    private volatile long openedNanos;
    private volatile long lastFrameNanos;
    private final AtomicLong trades = new AtomicLong();

    /**
     * @param line number of its feed line
     * @param name for the log
     * @param arbiters of the symbols that the streams carry, in their order
     * @param sink receives the frames that cannot be parsed; trades go through the arbiters
     * @param times one for each arbiter, shared by the connections that carry the same streams
     * @param random chooses one of the server's addresses, in [0, 1)
     * @param fault receives the fault that made a frame impossible to accept; called on the read thread, and the connection ends
     * @param threadProgress of the read thread: busy while received bytes are handled, idle while waiting for the socket
     */
    FeedConnection(
            int line,
            String name,
            URI server,
            StreamSet streams,
            FeedOptions options,
            List<LineArbiter> arbiters,
            TradeSink sink,
            List<TradeTimeCheck> times,
            Time time,
            DoubleSupplier random,
            Consumer<Throwable> fault,
            ThreadProgress threadProgress,
            FeedLog log) {
        this.line = line;
        this.name = name;
        this.server = server;
        this.parser = new FrameParser(arbiters.stream().map(LineArbiter::symbol).toList());
        this.arbiters = List.copyOf(arbiters);
        this.delivered = new ConnectionProgress(arbiters.size());
        this.time = time;
        this.sink = sink;
        this.times = List.copyOf(times);
        this.fault = fault;
        this.threadProgress = threadProgress;
        this.end = new ConnectionEnd(time, options.connectTimeout(), options.idleTimeout());
        this.log = log;
        this.options = options;
        this.lateness = new Lateness(options.maxLag());
        this.connection = new Connection(streams.on(server), options.maxFrame(), random);
        this.createdNanos = time.nanoTime();
        this.lastFrameNanos = createdNanos;
    }

    /** Connects, and receives until the end. At most once. */
    void run() {
        try {
            if (connection.isTunnelled()) {
                connection.run();
            }
        } finally {
            connection.cut();
            phase = Phase.ENDED;
        }
    }

    /**
     * Requests the close handshake; {@link #run()} returns when the server answers. The library delivers no more frames
     * from now on. A connection that is not open yet is cut.
     */
    void close() {
        if (phase == Phase.CONNECTING) {
            connection.cut();
        }
        connection.close();
    }

    /** Closes the socket without a close handshake; {@link #run()} returns soon. */
    void cut() {
        connection.cut();
    }

    /** The same, and records why. */
    void cut(EndCause cause, String reason) {
        end.because(cause, reason);
        connection.cut();
    }

    /** Ignores every further frame: for a connection that does not end when it is cut. */
    void abandon() {
        abandoned = true;
    }

    Phase phase() {
        return phase;
    }

    /** How it ended; meaningful in {@link Phase#ENDED}. */
    ConnectionEnd.Outcome end() {
        return end.outcome();
    }

    /** When the handshake succeeded, monotonic; 0 before. */
    long openedNanos() {
        return openedNanos;
    }

    /** When the last frame of any kind arrived, monotonic. */
    long lastFrameNanos() {
        return lastFrameNanos;
    }

    /** Whether the exchange has announced that it will close this connection. */
    boolean isShutdownAnnounced() {
        return shutdownAnnounced;
    }

    /** How many trades this connection has delivered, duplicates included. */
    long trades() {
        return trades.getAcquire();
    }

    ConnectionState state(int line) {
        return new ConnectionState(line, name, server, phase == Phase.OPEN, openedNanos, trades());
    }

    /** For how long every trade has lagged, up to the last one; zero if that one did not, or was the first. */
    Duration lateFor() {
        return lateness.lasting();
    }

    private void receive(byte[] bytes, int offset, int length) {
        if (abandoned) {
            return;
        }
        try {
            long receivedMicros = time.epochMicros();
            long now = time.nanoTime();
            lastFrameNanos = now;
            Kind kind = parser.parse(bytes, offset, length);
            if (kind == Kind.TRADE) {
                trade(bytes, offset, length, receivedMicros, now);
            } else {
                other(kind, bytes, offset, length);
            }
        } catch (IOException | RuntimeException | Error e) {
            abandoned = true;
            fault.accept(e);
            cut(EndCause.FAULT, "a frame could not be accepted: " + LogText.of(String.valueOf(e)));
        }
    }

    private void trade(byte[] bytes, int offset, int length, long receivedMicros, long now) throws IOException {
        int symbol = parser.symbolIndex();
        if (times.get(symbol).hasLeapt(parser.tradeTimeMs(), receivedMicros / 1_000, now)) {
            sink.unparsed(name, bytes, offset, length, TradeTimeCheck.LEAP);
            return;
        }
        long id = parser.id();
        if (arbiters.get(symbol).offer(parser.trade(receivedMicros), line, name) != Outcome.KEPT_APART) {
            delivered.add(symbol, id, now);
        }
        lateness.add(receivedMicros / 1_000, parser.eventTimeMs(), now);
        trades.setRelease(trades.getPlain() + 1);
    }

    private void other(Kind kind, byte[] bytes, int offset, int length) {
        switch (kind) {
            case TRADE, REPLY -> {
                // a trade is handled elsewhere, and nothing was requested that needs an answer
            }
            case ERROR -> log.refusedRequest(bytes, offset, length);
            case SHUTDOWN_NOTICE -> {
                if (!shutdownAnnounced) {
                    log.shutdownAnnounced(name);
                    shutdownAnnounced = true;
                }
            }
            case UNKNOWN -> sink.unparsed(name, bytes, offset, length, parser.problem());
        }
    }

    /** The library's client; its callbacks run on the read thread. */
    private final class Connection extends WebSocketClient {

        private final DoubleSupplier random;

        /** To the proxy, while the tunnel through it is opened; the library knows no socket yet. */
        private volatile @Nullable Socket toProxy;

        Connection(URI uri, int maxFrame, DoubleSupplier random) {
            super(
                    uri,
                    new DirectDraft(maxFrame, FeedConnection.this::receive, end::refused, threadProgress, time),
                    null,
                    Math.toIntExact(options.connectTimeout().toMillis()));
            this.random = random;
            setTcpNoDelay(true);
            setConnectionLostTimeout(0); // the read time-out below is stricter, and needs no pings from this side
            setDnsResolver(this::resolve);
        }

        /** Opens the tunnel if a proxy leads to the server; false if that failed. */
        @SuppressWarnings("deprecation") // a socket factory would do the same in more lines
        boolean isTunnelled() {
            Optional<ForwardProxy> proxy = options.proxies().to(uri);
            if (proxy.isEmpty()) {
                return true;
            }
            try {
                // The library checks the certificate's host, as on a direct connection: see onSetSSLParameters.
                setSocket(Tunnel.to(uri, proxy.get(), options.connectTimeout(), time, socket -> toProxy = socket));
                readTimeout(options.connectTimeout());
                return true;
            } catch (IOException e) {
                end.because(EndCause.UNREACHABLE, LogText.of(String.valueOf(e.getMessage())));
                return false;
            }
        }

        /**
         * Called after the socket is made and before it connects: the only moment to set the first read time-out.
         * Chooses one of the server's addresses at random, so that a dead one is not tried repeatedly.
         */
        private InetAddress resolve(URI uri) throws UnknownHostException {
            readTimeout(options.connectTimeout());
            InetAddress[] addresses = InetAddress.getAllByName(uri.getHost());
            return addresses[(int) (random.getAsDouble() * addresses.length)];
        }

        private void readTimeout(Duration timeout) {
            try {
                Socket socket = getSocket();
                if (socket != null) {
                    socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
                }
            } catch (SocketException e) {
                LOG.debug("The socket is already closed: {}", e.getMessage());
            }
        }

        /**
         * Does the TLS handshake on this thread. If the library's write thread did it, this one might learn of a refused
         * certificate only that the socket is closed.
         */
        @Override
        protected void onSetSSLParameters(SSLParameters parameters) {
            super.onSetSSLParameters(parameters);
            try {
                SSLSocket socket = (SSLSocket) getSocket();
                socket.setSSLParameters(parameters);
                socket.startHandshake();
            } catch (SSLException e) {
                onError(e);
                cut();
            } catch (IOException e) {
                end.brokenOff(true, lastFrameNanos, "");
                cut();
            }
        }

        @Override
        public void onOpen(@Nullable ServerHandshake handshake) {
            threadProgress.busy();
            long now = time.nanoTime();
            openedNanos = now;
            lastFrameNanos = now;
            phase = Phase.OPEN;
            readTimeout(options.idleTimeout());
            log.connected(name, server);
            threadProgress.idle();
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
                end.brokenOff(phase == Phase.CONNECTING, lastFrameNanos, text);
            } else {
                end.closed(code, text, byServer);
            }
        }

        @Override
        public void onError(@Nullable Exception e) {
            // The library wraps an Error that a frame has caused, and would continue.
            if (e != null && e.getCause() instanceof Error error) {
                abandoned = true;
                fault.accept(error);
            }
            EndCause cause = phase == Phase.CONNECTING ? EndCause.UNREACHABLE : EndCause.BROKEN;
            end.because(cause, e == null ? "unknown error" : LogText.of(String.valueOf(e)));
        }

        void cut() {
            try {
                for (Socket socket : Arrays.asList(getSocket(), toProxy)) {
                    if (socket != null) {
                        socket.close();
                    }
                }
            } catch (IOException e) {
                LOG.debug("Closing the socket failed: {}", e.getMessage());
            }
        }
    }
}
