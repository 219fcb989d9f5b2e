package io.marketdata.collector.status;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.status.HttpHead.BadHeadException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pages over HTTP, one request on each connection; GET and HEAD only. One thread accepts, reads and writes, and
 * never waits for a client; another one renders the pages, except those that are answered at once. So no client, however
 * slow, delays liveness or the collector.
 *
 * <p>Bounded: {@value #MAX_CONNECTIONS} connections, of which the oldest gives way to a new one; {@link HttpConnection#MAX_HEAD}
 * bytes of a request; {@value #MAX_PENDING} bytes of answers that clients have not read; {@value #PATIENCE_SECONDS} s for a
 * request to arrive and for its answer to be read. What exceeds a bound is closed without a word.
 */
public final class StatusServer implements AutoCloseable {

    /** The content of one path. */
    @FunctionalInterface
    public interface Page {
        /**
         * Produces the page.
         *
         * @param accept the client's {@code Accept} header, null if it sent none
         */
        Answer show(@Nullable String accept) throws IOException;
    }

    /**
     * An answer over HTTP; the body is sent as UTF-8.
     *
     * @param policy what the page may load and do ({@code Content-Security-Policy})
     */
    public record Answer(int status, String contentType, String body, String policy) {

        /** An answer that may load and do nothing. */
        public Answer(int status, String contentType, String body) {
            this(status, contentType, body, "default-src 'none'; frame-ancestors 'none'");
        }

        /** Plain text. */
        public static Answer text(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", text);
        }
    }

    static final int MAX_CONNECTIONS = 64;
    static final int MAX_PENDING = 8 << 20;
    static final int PATIENCE_SECONDS = 5;

    private static final long PATIENCE_NANOS =
            Duration.ofSeconds(PATIENCE_SECONDS).toNanos();

    /** Between two checks for connections that are overdue, ms. */
    private static final long TICK_MS = 500;

    /** Connections accepted before the others are served again. */
    private static final int ACCEPTED_AT_ONCE = 16;

    /** Connections that the system keeps waiting. */
    private static final int BACKLOG = 256;

    private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);

    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final SelectionKey accepting;
    private final PageAnswers answers;
    private final Executor renderer;
    private final Time time;

    /** The oldest first. */
    private final Set<HttpConnection> connections = new LinkedHashSet<>();

    private volatile long pendingBytes;

    /** Answers that were rendered, to be sent by the server's thread. */
    private final Queue<Runnable> rendered = new ConcurrentLinkedQueue<>();

    /**
     * Listens from now on.
     *
     * @param address port 0: any free one
     * @param answers what is answered
     * @param renderer renders pages; what it rejects is answered with 503
     * @param threads makes the one thread that serves
     * @throws IOException if the port is in use, or the address is not one of this machine
     */
    StatusServer(InetSocketAddress address, PageAnswers answers, Executor renderer, ThreadFactory threads, Time time)
            throws IOException {
        this.answers = answers;
        this.renderer = renderer;
        this.time = time;
        try {
            listener.bind(address, BACKLOG).configureBlocking(false);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
        threads.newThread(this::run).start();
    }

    /** Where it listens. */
    public URI uri() {
        InetSocketAddress address = (InetSocketAddress) listener.socket().getLocalSocketAddress();
        return URI.create(
                "http://" + AllowedHosts.bracketed(address.getAddress().getHostAddress()) + ":" + address.getPort());
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                boolean isBusy = !connections.isEmpty() || accepting.interestOps() == 0;
                selector.select(isBusy ? TICK_MS : 0);
                turn();
            }
        } catch (ClosedSelectorException | CancelledKeyException e) {
            LOG.debug("The status server is closed");
        } catch (IOException e) {
            LOG.error("The status page, health and metrics are not served any more; recording continues", e);
        } finally {
            List.copyOf(connections).forEach(this::end);
            close();
        }
    }

    private void turn() {
        for (Runnable answer = rendered.poll(); answer != null; answer = rendered.poll()) {
            answer.run();
        }
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.isValid() && key.attachment() instanceof HttpConnection connection) {
                proceed(connection);
            }
        }
        selector.selectedKeys().clear();
        accept();
        long now = time.nanoTime();
        List.copyOf(connections).stream()
                .filter(connection -> now - connection.beganNanos() >= PATIENCE_NANOS)
                .forEach(this::end);
    }

    /** Too many open files: the listener would be ready again at once, so it pauses until the next tick. */
    private void accept() {
        try {
            accepting.interestOps(SelectionKey.OP_ACCEPT);
            for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
                SocketChannel channel = listener.accept();
                if (channel == null) {
                    return;
                }
                accept(channel);
            }
        } catch (IOException e) {
            accepting.interestOps(0);
        }
    }

    private void accept(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        HttpConnection connection = new HttpConnection(key, time.nanoTime());
        key.attach(connection);
        connections.add(connection);
        if (connections.size() > MAX_CONNECTIONS) {
            end(connections.iterator().next());
        }
        proceed(connection);
    }

    private void end(HttpConnection connection) {
        connections.remove(connection);
        connection.close();
    }

    private void proceed(HttpConnection connection) {
        try {
            HttpHead head = connection.proceed();
            if (head != null) {
                answer(connection, head);
            }
        } catch (BadHeadException e) {
            send(connection, PageAnswers.bad(e.getMessage()));
        } catch (IOException e) {
            end(connection);
        }
    }

    private void answer(HttpConnection connection, HttpHead head) {
        ByteBuffer atOnce = answers.atOnce(head);
        if (atOnce != null) {
            send(connection, atOnce);
            return;
        }
        try {
            renderer.execute(() -> render(connection, head));
        } catch (RejectedExecutionException e) {
            send(connection, PageAnswers.busy(head));
        }
    }

    /** On the renderer's thread. */
    private void render(HttpConnection connection, HttpHead head) {
        if (connection.isOpen()) {
            ByteBuffer answer = answers.rendered(head);
            rendered.add(() -> send(connection, answer));
            selector.wakeup();
        }
    }

    private void send(HttpConnection connection, ByteBuffer answer) {
        if (!connections.contains(connection)) {
            return;
        }
        try {
            connection.answer(answer, time.nanoTime());
        } catch (IOException e) {
            end(connection);
        }
        while (pending() > MAX_PENDING) {
            connections.stream()
                    .filter(other -> other.pending() > 0)
                    .findFirst()
                    .ifPresent(this::end);
        }
        pendingBytes = pending();
    }

    private long pending() {
        return connections.stream().mapToLong(HttpConnection::pending).sum();
    }

    /** Bytes of answers that were unread when the last one was sent; any thread. */
    long pendingBytes() {
        return pendingBytes;
    }

    /** Connections that are open now; any thread, so only an approximation. */
    int open() {
        return selector.keys().size() - 1;
    }

    /** Stops listening and aborts requests in progress. */
    @Override
    public void close() {
        try (listener;
                selector) {
            LOG.debug("Closing the status server");
        } catch (IOException e) {
            LOG.debug("The status server could not be closed: {}", e.toString());
        }
    }
}
