package io.marketdata.collector.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * A CloudWatch server that accepts {@code PutMetricData} in the SDK's protocol: Smithy RPC v2 with bodies of
 * CBOR (smithy.io, "Smithy RPC v2 CBOR protocol"). It records every call, and answers differently when a test says so.
 */
public final class StubCloudWatch implements AutoCloseable {

    /** A call as it arrived: its body is inflated and read; {@code bytes} is the size before reading. */
    public record Call(String path, Map<String, String> headers, int bytes, JsonNode body) {

        /** The values that it publishes, in order. */
        public List<JsonNode> data() {
            List<JsonNode> data = new ArrayList<>();
            body.at("/MetricData").forEach(data::add);
            return data;
        }

        /** The sum of one metric's values of one symbol. */
        public double sum(String metric, String symbol) {
            return data().stream()
                    .filter(datum -> datum.at("/MetricName").asText().equals(metric)
                            && datum.at("/Dimensions/0/Value").asText().equals(symbol))
                    .mapToDouble(datum -> datum.at("/Value").asDouble())
                    .sum();
        }
    }

    /** What is answered. */
    public interface Answer {
        void give(HttpExchange exchange, Call call) throws IOException;
    }

    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Call> calls = new ArrayList<>();
    private final List<Call> taken = new ArrayList<>();
    private Answer answer = success();

    public StubCloudWatch() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Every call, whatever was answered. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The sum of what was published by calls that were answered with success. */
    public synchronized double published(String metric, String symbol) {
        return taken.stream().mapToDouble(call -> call.sum(metric, symbol)).sum();
    }

    /** From now on this is answered. */
    public synchronized void answerWith(Answer next) {
        answer = next;
    }

    /** Success, in CloudWatch's form. */
    public Answer success() {
        return (exchange, call) -> {
            synchronized (this) {
                taken.add(call);
            }
            answer(exchange, 200, Map.of());
        };
    }

    /** An error in the protocol's form. */
    public static Answer error(int status, String code) {
        return (exchange, call) -> answer(
                exchange,
                status,
                Map.of("__type", "com.amazonaws.cloudwatch.v2010_08_01#" + code, "message", "scripted"));
    }

    /** Accepts the call and does not answer until the server is closed. */
    public Answer never() {
        return (exchange, call) -> {
            try {
                closing.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Begins an answer and continues with a byte every 50 ms, so that no single read takes long. */
    public Answer drip() {
        return (exchange, call) -> {
            exchange.sendResponseHeaders(200, 1_000);
            try {
                for (int i = 0; i < 1_000 && !closing.await(50, TimeUnit.MILLISECONDS); i++) {
                    exchange.getResponseBody().write('x');
                    exchange.getResponseBody().flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new LinkedHashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (headers.getOrDefault("content-encoding", "").contains("gzip")) {
                body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
            }
            Call call = new Call(exchange.getRequestURI().getPath(), headers, body.length, CBOR.readTree(body));
            Answer now;
            synchronized (this) {
                calls.add(call);
                now = answer;
            }
            now.give(exchange, call);
        }
    }

    /** Answers with a status and a body of CBOR. */
    public static void answer(HttpExchange exchange, int status, Map<String, String> members) throws IOException {
        exchange.getResponseHeaders().set("smithy-protocol", "rpc-v2-cbor");
        exchange.getResponseHeaders().set("Content-Type", "application/cbor");
        byte[] body = CBOR.writeValueAsBytes(members);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
