package io.marketdata.collector.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pages over HTTP on the loopback address; GET and HEAD only. The {@link Page}s take no lock of the collector, so
 * that clients, however many or slow, cost the collector nothing but processor time.
 *
 * <p>Bounded by the executor: with every thread busy and the queue full, a connection is closed without an answer. That a
 * request must arrive, and its answer leave, within {@link #REQUEST_SECONDS} is a setting of the JDK's server for the
 * whole process: {@link #limitRequests()}.
 */
public final class StatusServer implements AutoCloseable {

    /** The content of one path. Any thread. */
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
            this(status, contentType, body, "default-src 'none'");
        }

        /** Plain text. */
        public static Answer text(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", text);
        }
    }

    /** The longest time, s, for a request to arrive, and for its answer to be read. */
    public static final int REQUEST_SECONDS = 5;

    /** Bytes of a request's body that are read although no page takes one. */
    private static final int MOST_IGNORED_BYTES = 1 << 20;

    /** Connections that the system keeps waiting. */
    private static final int BACKLOG = 16;

    private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);

    private final HttpServer server;
    private final Map<String, Page> pages;
    private final Consumer<Throwable> fault;

    /**
     * Listens from now on.
     *
     * @param port 0: any free one
     * @param pages by their paths; each path begins with a slash
     * @param threads answers the requests; what it rejects is not answered
     * @param fault takes errors that no page may swallow, such as too little memory
     * @throws IOException if the port is in use
     */
    public StatusServer(int port, Map<String, Page> pages, Executor threads, Consumer<Throwable> fault)
            throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        this.pages = new TreeMap<>(pages);
        this.fault = fault;
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    /**
     * Limits the time of a request of every JDK HTTP server in this process. Must be called before the first server is made
     * (module jdk.httpserver, its list of system properties).
     */
    public static void limitRequests() {
        System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(REQUEST_SECONDS));
        System.setProperty("sun.net.httpserver.maxRspTime", Integer.toString(REQUEST_SECONDS));
    }

    /** Where it listens. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            answer(exchange);
        } catch (RuntimeException e) {
            // A failing page does not end the process; its client sees a closed connection.
            LOG.error("Page {} failed: {}", exchange.getRequestURI().getPath(), e.toString(), e);
        } catch (Error e) {
            fault.accept(e);
            throw e;
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        Page page = pages.get(exchange.getRequestURI().getPath());
        if (!method.equals("GET") && !method.equals("HEAD")) {
            // A connection that is closed while its client still sends resets, and the client loses the answer.
            exchange.getRequestBody().readNBytes(MOST_IGNORED_BYTES);
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            send(exchange, Answer.text(405, "Only GET and HEAD are allowed.\n"));
        } else if (page == null) {
            send(exchange, Answer.text(404, "Available pages: " + String.join(" ", pages.keySet()) + "\n"));
        } else {
            send(exchange, page.show(exchange.getRequestHeaders().getFirst("Accept")));
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.contentType());
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Content-Security-Policy", answer.policy());
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    /** Stops listening and aborts requests in progress. */
    @Override
    public void close() {
        server.stop(0);
    }
}
