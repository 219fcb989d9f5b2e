package io.marketdata.collector.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The side of AWS Lambda that hands out invocations and takes their results (Lambda Developer Guide, "Using the Lambda runtime
 * API"), for a function that AWS's own runtime client runs.
 */
public final class LambdaRuntime implements AutoCloseable {

    private static final String ROOT = "/2018-06-01/runtime/";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<String> inputs = new LinkedBlockingQueue<>();
    private final BlockingQueue<Result> results = new LinkedBlockingQueue<>();
    private final AtomicInteger number = new AtomicInteger();

    /**
     * What the function answered.
     *
     * @param path {@code response}, {@code error}, or {@code init/error} if it could not be loaded
     */
    public record Result(String path, String body) {}

    public LambdaRuntime() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setExecutor(threads);
        server.createContext(ROOT, this::serve);
        server.start();
    }

    /** The value of {@code AWS_LAMBDA_RUNTIME_API}. */
    public String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** Invokes the function, and waits for the result. */
    public Result invoke(String input) throws InterruptedException {
        inputs.add(input);
        Result result = results.poll(60, TimeUnit.SECONDS);
        if (result == null) {
            throw new AssertionError("the function has not answered within 60 s");
        }
        return result;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath().substring(ROOT.length());
            if (path.equals("invocation/next")) {
                next(exchange);
                return;
            }
            results.add(
                    new Result(path.replaceFirst("^invocation/[^/]*/", ""), new String(body, StandardCharsets.UTF_8)));
            exchange.sendResponseHeaders(202, -1);
        }
    }

    private void next(HttpExchange exchange) throws IOException {
        try {
            byte[] input = inputs.take().getBytes(StandardCharsets.UTF_8);
            var headers = exchange.getResponseHeaders();
            headers.set("Lambda-Runtime-Aws-Request-Id", "invocation-" + number.incrementAndGet());
            headers.set("Lambda-Runtime-Deadline-Ms", Long.toString(System.currentTimeMillis() + 900_000));
            headers.set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:audit");
            headers.set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, input.length);
            exchange.getResponseBody().write(input);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
