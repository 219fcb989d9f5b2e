package io.marketdata.collector.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Accepts faults over HTTP on the loopback address. {@code POST /fault} with one step of a {@link FaultScript} without its
 * time, in YAML or JSON, is answered with 200 and what was done, or with 400 and what is wrong. {@code GET /status} is
 * answered with the state as JSON.
 *
 * <p>A page in a browser of this machine could send such a request too, so what a browser sends for another site is refused:
 * it names its {@code Origin} or {@code Sec-Fetch-Site} (also with bodies of type {@code text/plain}), or, after DNS
 * rebinding, another {@code Host} than this machine.
 */
final class ControlServer implements AutoCloseable {

    private static final int MAX_BODY = 65_536;

    /** This machine, with any port: a tunnel has another one. */
    private static final Pattern OWN_HOST =
            Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);

    private static final Set<String> OWN_SITE = Set.of("none", "same-origin");

    private final HttpServer server;
    private final Function<Fault, String> inflict;
    private final Supplier<ObjectNode> status;

    ControlServer(int port, Function<Fault, String> inflict, Supplier<ObjectNode> status, ThreadFactory threads)
            throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        this.inflict = inflict;
        this.status = status;
        server.setExecutor(task -> threads.newThread(task).start());
        server.createContext("/", this::serve);
    }

    int port() {
        return server.getAddress().getPort();
    }

    void start() {
        server.start();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (isForeign(exchange.getRequestHeaders())) {
                answer(exchange, 403, "Requests of pages of other sites are refused: Host must be localhost");
                return;
            }
            switch (exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath()) {
                case "POST /fault" -> fault(exchange);
                case "GET /status" -> new Page(200, Page.JSON_TYPE, status.get() + "\n").sendTo(exchange, false);
                default -> answer(exchange, 404, "POST /fault or GET /status");
            }
        }
    }

    private static boolean isForeign(Headers headers) {
        String host = headers.getFirst("Host");
        String origin = headers.getFirst("Origin");
        String site = headers.getFirst("Sec-Fetch-Site");
        return host == null
                || !OWN_HOST.matcher(host).matches()
                || (origin != null && !origin.equals("http://" + host))
                || (site != null && !OWN_SITE.contains(site));
    }

    private void fault(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readNBytes(MAX_BODY), StandardCharsets.UTF_8);
        Fault fault;
        try {
            fault = FaultScript.readFault(body);
        } catch (IllegalArgumentException e) {
            answer(exchange, 400, String.valueOf(e.getMessage()));
            return;
        }
        answer(exchange, 200, inflict.apply(fault));
    }

    private static void answer(HttpExchange exchange, int status, String line) throws IOException {
        new Page(status, "text/plain", line + "\n").sendTo(exchange, false);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
