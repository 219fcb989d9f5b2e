package io.marketdata.collector.testkit;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small S3 server that behaves like S3 for conditional puts, digests and GET, records every request, and answers
 * differently when a test scripts it, or like another store ({@link #like}). Addressed by path, or by a
 * host name that ends in {@code .store.internal}.
 */
public final class StubS3 implements AutoCloseable {

    /**
     * A request as it arrived, whole, at a wall clock time; header names in lower case, no chunk framing in the body.
     */
    public record Request(String method, String key, Map<String, String> headers, byte[] body, long receivedMicros) {
        /** A header's value, or "" if it was not sent. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** Whether the bucket's name is in the host's name. */
        public boolean virtualHosted() {
            return header("host").matches(".+\\.store\\.internal(:\\d+)?");
        }
    }

    /** Sets the headers that say what an object is; S3 gives its SHA-256, and its MD5 as ETag. */
    public interface Proof {
        void describe(Headers headers, byte[] body);
    }

    /** What to do instead of behaving like S3. */
    public interface Answer {
        void give(HttpExchange exchange, Request request, StubS3 server) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<String, byte[]> objects = new LinkedHashMap<>();
    private final List<Request> requests = new ArrayList<>();
    private final List<Integer> breakAfter = new ArrayList<>();
    private Proof proof = StubS3::describeLikeS3;
    private boolean hasConditionalPuts = true;
    private Function<Request, Optional<Answer>> script = request -> Optional.empty();

    public StubS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Sets which requests are answered differently from now on, and how. */
    public synchronized void script(Function<Request, Optional<Answer>> newScript) {
        script = newScript;
    }

    /** From now on, this answers like that store. */
    public synchronized StubS3 like(StoreKind kind) {
        script = kind::refusal;
        proof = kind::describe;
        hasConditionalPuts = kind.hasConditionalPuts();
        return this;
    }

    /** From now on, objects are described in another way. */
    public synchronized void describeObjects(Proof newProof) {
        proof = newProof;
    }

    /** The next answers, one for each PUT; then S3's own behaviour again. */
    public void nextPuts(Answer... answers) {
        List<Answer> left = new ArrayList<>(List.of(answers));
        script(request ->
                !request.method().equals("PUT") || left.isEmpty() ? Optional.empty() : Optional.of(left.remove(0)));
    }

    /** The connections of the next PUTs break after so many bytes of the body, one PUT for each number. */
    public synchronized void breakNextBodies(List<Integer> bytes) {
        breakAfter.addAll(bytes);
    }

    /** How many of {@link #breakNextBodies} are still to come. */
    public synchronized int bodiesToBreak() {
        return breakAfter.size();
    }

    private synchronized int nextBreak(String method) {
        return method.equals("PUT") && !breakAfter.isEmpty() ? breakAfter.remove(0) : -1;
    }

    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    public List<Request> puts() {
        return requests().stream().filter(r -> r.method().equals("PUT")).toList();
    }

    public synchronized Map<String, byte[]> objects() {
        return new LinkedHashMap<>(objects);
    }

    public synchronized void plant(String key, byte[] body) {
        objects.put(key, body.clone());
    }

    /** An error as S3 words it. */
    public static Answer error(int status, String code, String... headers) {
        return (exchange, request, server) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            answer(exchange, status, "<Error><Code>" + code + "</Code><Message>scripted</Message></Error>");
        };
    }

    /** Stores the object, and breaks the connection before the answer. */
    public static Answer storeAndLoseTheAnswer() {
        return (exchange, request, server) -> {
            server.plant(request.key(), request.body());
            exchange.close();
        };
    }

    /** Ends the connection without an answer. */
    public static Answer hangUp() {
        return (exchange, request, server) -> exchange.close();
    }

    /** As S3, but only after so long, or not at all once the server is closed. */
    public static Answer after(Duration delay) {
        return (exchange, request, server) -> {
            try {
                if (!server.closing.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
                    server.behave(exchange, request);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Accepts the request and never answers. */
    public static Answer never() {
        return after(Duration.ofDays(1));
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            int bytes = nextBreak(exchange.getRequestMethod());
            if (bytes >= 0) {
                exchange.getRequestBody().readNBytes(bytes);
                return;
            }
            Request request = read(exchange);
            Optional<Answer> scripted;
            synchronized (this) {
                requests.add(request);
                scripted = script.apply(request);
            }
            if (scripted.isPresent()) {
                scripted.get().give(exchange, request, this);
            } else {
                behave(exchange, request);
            }
        }
    }

    private synchronized void behave(HttpExchange exchange, Request request) throws IOException {
        byte @Nullable [] there = objects.get(request.key());
        String sha256 = request.header("x-amz-checksum-sha256");
        if (request.method().equals("HEAD")) {
            exchange.sendResponseHeaders(there == null ? 404 : 200, -1);
        } else if (request.method().equals("GET")) {
            if (there == null) {
                error(404, "NoSuchKey").give(exchange, request, this);
                return;
            }
            proof.describe(exchange.getResponseHeaders(), there);
            exchange.sendResponseHeaders(200, there.length == 0 ? -1 : there.length);
            exchange.getResponseBody().write(there);
        } else if (!sha256.isEmpty() && !Sha256.of(request.body()).base64().equals(sha256)) {
            error(400, "BadDigest").give(exchange, request, this);
        } else if (there != null
                && hasConditionalPuts
                && request.header("if-none-match").equals("*")) {
            error(412, "PreconditionFailed").give(exchange, request, this);
        } else {
            objects.put(request.key(), request.body());
            proof.describe(exchange.getResponseHeaders(), request.body());
            answer(exchange, 200, "");
        }
    }

    static void describeLikeS3(Headers headers, byte[] body) {
        headers.set("ETag", '"' + md5(body) + '"');
        headers.set("x-amz-checksum-sha256", Sha256.of(body).base64());
        headers.set("x-amz-server-side-encryption", "AES256");
    }

    /** The ETag of an object put in one request, without its quotes. */
    public static String md5(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Answers with a status and a body. */
    public static void answer(HttpExchange exchange, int status, String xml) throws IOException {
        byte[] body = xml.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static Request read(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (headers.getOrDefault("content-encoding", "").contains("aws-chunked")) {
            body = unchunk(body);
        }
        String path = exchange.getRequestURI().getPath();
        Request byHost =
                new Request(exchange.getRequestMethod(), path.substring(1), headers, body, Time.SYSTEM.epochMicros());
        String key = byHost.virtualHosted() ? byHost.key() : path.substring(path.indexOf('/', 1) + 1);
        return new Request(byHost.method(), key, headers, body, byHost.receivedMicros());
    }

    /**
     * {@code size;chunk-signature=…\r\n bytes \r\n} until a size of 0 (AWS "Signature calculations: chunked upload").
     */
    private static byte[] unchunk(byte[] framed) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int end = at;
            while (framed[end] != '\r') {
                end++;
            }
            String head = new String(framed, at, end - at, StandardCharsets.US_ASCII);
            int size = Integer.parseInt(head.replaceFirst(";.*", ""), 16);
            if (size == 0) {
                return body.toByteArray();
            }
            body.write(framed, end + 2, size);
            at = end + 2 + size + 2;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
