package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeImpl1Server;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket server of the exchange simulator. It uses plain sockets, so that a burst is one write and every kind of
 * fault is possible; handshake and framing are the library's.
 */
final class StreamServer implements AutoCloseable {

    /** Characters in the longest URL that the exchange accepts (unicorn-binance-websocket-api issue 17). */
    private static final int MAX_URL = 8_004;

    private static final int MAX_HEAD = 16_384;

    /** "There is a limit of 300 connections per attempt every 5 minutes per IP" (web-socket-streams.md). */
    private static final int MAX_UPGRADES = 300;

    private static final long UPGRADE_WINDOW_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final List<ServerSocket> listeners = new ArrayList<>();
    private final ActiveFaults<Fault.OfUpgrades> faults;
    private final AtomicLong attempts = new AtomicLong();
    private final AtomicLong numbers = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExchangeOptions options;
    private final ThreadFactory threads;
    private final Time time;
    private final Consumer<String> journal;
    private final Consumer<StreamConnection> onOpen;
    private final List<StreamConnection> connections = new CopyOnWriteArrayList<>();

    @GuardedBy("this")
    private final Deque<Long> upgrades = new ArrayDeque<>();

    /** @param onOpen receives each connection when it is ready for delivery */
    StreamServer(
            ExchangeOptions options,
            ThreadFactory threads,
            Time time,
            Consumer<String> journal,
            Consumer<StreamConnection> onOpen)
            throws IOException {
        this.options = options;
        this.faults = new ActiveFaults<>(time);
        this.threads = threads;
        this.time = time;
        this.journal = journal;
        this.onOpen = onOpen;
        try {
            for (int i = 0; i < options.endpoints(); i++) {
                int port = options.port() == 0 ? 0 : options.port() + i;
                listeners.add(new ServerSocket(port, 100, InetAddress.getLoopbackAddress()));
            }
        } catch (IOException e) {
            closeListeners();
            throw e;
        }
    }

    List<Integer> ports() {
        return listeners.stream().map(ServerSocket::getLocalPort).toList();
    }

    void start() {
        for (int i = 0; i < listeners.size(); i++) {
            int endpoint = i;
            threads.newThread(() -> acceptAll(listeners.get(endpoint), endpoint))
                    .start();
        }
    }

    /** Oldest first; may include connections that have been closed. */
    List<StreamConnection> connections() {
        return connections;
    }

    /** The open connections, oldest first. */
    List<StreamConnection> open() {
        return connections.stream().filter(connection -> !connection.isClosed()).toList();
    }

    ActiveFaults<Fault.OfUpgrades> faults() {
        return faults;
    }

    /** Number of upgrade requests so far, including refused ones. */
    long attempts() {
        return attempts.get();
    }

    private void acceptAll(ServerSocket listener, int endpoint) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                attempts.incrementAndGet();
                threads.newThread(() -> serve(socket, endpoint)).start();
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    journal.accept("a connection could not be accepted: " + e.getMessage());
                }
            }
        }
    }

    private void serve(Socket socket, int endpoint) {
        try (socket) {
            socket.setTcpNoDelay(true);
            Fault.OfUpgrades fault = faults.take(each -> each.endpoint() == null || each.endpoint() == endpoint);
            if (fault == null) {
                StreamConnection connection = upgrade(socket);
                if (connection != null) {
                    serve(connection);
                }
            } else {
                refuse(socket, fault);
            }
        } catch (IOException e) {
            journal.accept("connection lost: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(StreamConnection connection) throws IOException {
        try {
            // Before the client has its answer: from then on it may expect that a fault meets the connection.
            connections.add(connection);
            startWriting(connection);
            onOpen.accept(connection);
            connection.read();
        } catch (IOException e) {
            if (!connection.isClosed()) {
                throw e;
            }
        } finally {
            connections.remove(connection);
            connection.drop();
        }
    }

    private void refuse(Socket socket, Fault.OfUpgrades fault) throws IOException, InterruptedException {
        if (fault instanceof Fault.RefuseUpgrades refusal) {
            readHead(socket.getInputStream());
            Page page = Page.of(refusal.status(), refusal.retryAfter(), time.epochMillis());
            String retryAfter = refusal.retryAfter() == null
                    ? ""
                    : "Retry-After: " + refusal.retryAfter().toSeconds() + "\r\n";
            String status = page.status() + " " + page.reason();
            refuse(socket.getOutputStream(), status, page.contentType(), retryAfter, page.body());
        } else if (fault instanceof Fault.ResetUpgrades) {
            journal.accept("upgrade reset");
            socket.setSoLinger(true, 0);
        } else {
            journal.accept("upgrade left hanging");
            closing.await();
        }
    }

    private void startWriting(StreamConnection connection) {
        threads.newThread(() -> {
                    try {
                        connection.write();
                    } catch (IOException e) {
                        connection.drop();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
    }

    /** Answers the upgrade request; null if it was refused. */
    private @Nullable StreamConnection upgrade(Socket socket) throws IOException {
        byte[] head = readHead(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        Draft_6455 draft = new Draft_6455();
        draft.setParseMode(Role.SERVER);
        try {
            if (!withinBudget()) {
                refuse(out, "429 Too Many Requests", "");
            } else if (!(draft.translateHandshake(ByteBuffer.wrap(head)) instanceof ClientHandshake request)
                    || draft.acceptHandshakeAsServer(request) != HandshakeState.MATCHED) {
                refuse(out, "400 Bad Request", "not a WebSocket upgrade");
            } else if (request.getResourceDescriptor().length() > MAX_URL) {
                refuse(out, "414 URI Too Long", "");
            } else {
                Subscriptions subscriptions = Subscriptions.fromUrl(request.getResourceDescriptor());
                StreamConnection connection =
                        new StreamConnection(numbers.incrementAndGet(), socket, subscriptions, options, time, journal);
                connection.enqueue(accepted(draft, request));
                return connection;
            }
        } catch (InvalidHandshakeException e) {
            refuse(out, "400 Bad Request", "not a WebSocket upgrade");
        } catch (Subscriptions.BadPath e) {
            refuse(out, "400 Bad Request", e.getMessage() == null ? "" : e.getMessage());
        }
        return null;
    }

    private static byte[] accepted(Draft_6455 draft, ClientHandshake request) throws InvalidHandshakeException {
        HandshakeImpl1Server response = new HandshakeImpl1Server();
        draft.postProcessHandshakeResponseAsServer(request, response);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        draft.createHandshake(response).forEach(part -> bytes.writeBytes(WireFrame.bytes(part)));
        return bytes.toByteArray();
    }

    private synchronized boolean withinBudget() {
        long now = time.nanoTime();
        while (!upgrades.isEmpty() && now - upgrades.getFirst() > UPGRADE_WINDOW_NANOS) {
            upgrades.removeFirst();
        }
        upgrades.addLast(now);
        return upgrades.size() <= MAX_UPGRADES;
    }

    private void refuse(OutputStream out, String status, String body) throws IOException {
        refuse(out, status, "text/plain", "", body);
    }

    private void refuse(OutputStream out, String status, String contentType, String moreHeaders, String body)
            throws IOException {
        journal.accept("upgrade refused: " + status + " " + body);
        out.write(("HTTP/1.1 " + status + "\r\nContent-Type: " + contentType + "\r\nContent-Length: " + body.length()
                        + "\r\n" + moreHeaders + "Connection: close\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int state = 0;
        while (state < 4) {
            int c = in.read();
            if (c < 0 || head.size() >= MAX_HEAD) {
                throw new IOException("the request has no complete head");
            }
            head.write(c);
            // Number of characters of CR LF CR LF matched so far.
            state = c == (state % 2 == 0 ? '\r' : '\n') ? state + 1 : c == '\r' ? 1 : 0;
        }
        return head.toByteArray();
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        closeListeners();
        connections.forEach(StreamConnection::drop);
    }

    private void closeListeners() throws IOException {
        for (ServerSocket listener : listeners) {
            listener.close();
        }
    }
}
