package io.marketdata.collector.simulator;

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
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAdder;

/**
 * Simulates S3 on the loopback address and keeps the objects as files under their keys: conditional puts, SHA-256 checksums
 * and GET like S3 (Amazon S3 API reference, PutObject and GetObject), path-style addresses, one bucket of any name,
 * signatures not checked. A {@link Trouble} can be inflicted at any time.
 */
public final class S3Simulator implements AutoCloseable {

    private static final int PRECONDITION_FAILED = 412;

    private final HttpServer server;
    private final Path root;
    private final Path incoming;
    private final ActiveFaults<Trouble> troubles;
    private final Map<Integer, Long> answers = new ConcurrentHashMap<>();
    private final LongAdder lostAnswers = new LongAdder();

    /** A fault of puts that arrive from now on. */
    public sealed interface Trouble {

        /** The put is answered with an error, and nothing is stored. */
        record Refuse(int status, String code) implements Trouble {}

        /** The object is stored, and the connection ends before the answer; only affects puts that store an object. */
        record LoseAnswer() implements Trouble {}
    }

    /**
     * @param root directory of the objects
     * @param incoming directory of incomplete files, on the same file system
     * @param threads creates the server's threads
     */
    public S3Simulator(Path root, Path incoming, ThreadFactory threads, Time time) throws IOException {
        this.root = Files.createDirectories(root).toAbsolutePath().normalize();
        this.incoming = Files.createDirectories(incoming);
        this.troubles = new ActiveFaults<>(time);
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(task -> threads.newThread(task).start());
        server.createContext("/", this::serve);
        server.start();
    }

    /** For {@code AWS_ENDPOINT_URL_S3}. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public void inflict(Trouble trouble, Extent extent) {
        troubles.add(trouble, extent);
    }

    /** Whether no trouble is left. */
    public boolean isCalm() {
        return troubles.isEmpty();
    }

    /** Number of puts answered with that status. */
    public long puts(int status) {
        return answers.getOrDefault(status, 0L);
    }

    /** Number of puts that were stored and not answered. */
    public long lostAnswers() {
        return lostAnswers.sum();
    }

    /** Number of puts of objects that already existed; answered with 412. */
    public long repeatedPuts() {
        return puts(PRECONDITION_FAILED);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Path file = root.resolve(path.substring(path.indexOf('/', 1) + 1)).normalize();
            if (!file.startsWith(root) || file.equals(root)) {
                answer(exchange, 400, "InvalidURI");
            } else if (exchange.getRequestMethod().equals("GET")) {
                get(exchange, file);
            } else if (exchange.getRequestMethod().equals("PUT")) {
                put(exchange, file, body(exchange));
            } else {
                answer(exchange, 501, "NotImplemented");
            }
        }
    }

    private static void get(HttpExchange exchange, Path file) throws IOException {
        if (!Files.exists(file)) {
            answer(exchange, 404, "NoSuchKey");
            return;
        }
        byte[] body = Files.readAllBytes(file);
        describe(exchange, body);
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private void put(HttpExchange exchange, Path file, byte[] body) throws IOException {
        if (troubles.take(Trouble.Refuse.class::isInstance) instanceof Trouble.Refuse refuse) {
            answerPut(exchange, refuse.status(), refuse.code());
            return;
        }
        String sha256 = exchange.getRequestHeaders().getFirst("x-amz-checksum-sha256");
        if (!Sha256.of(body).base64().equals(sha256)) {
            answerPut(exchange, 400, "BadDigest");
            return;
        }
        boolean onlyNew = "*".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
        if (!store(file, body, onlyNew)) {
            answerPut(exchange, PRECONDITION_FAILED, "PreconditionFailed");
        } else if (troubles.take(Trouble.LoseAnswer.class::isInstance) != null) {
            lostAnswers.increment();
        } else {
            describe(exchange, body);
            answerPut(exchange, 200, "");
        }
    }

    /** Stores the object; false if it exists and {@code onlyNew}. */
    private synchronized boolean store(Path file, byte[] body, boolean onlyNew) throws IOException {
        Path temporary = Files.createTempFile(incoming, "put-", "");
        try {
            Files.write(temporary, body);
            Files.createDirectories(file.resolve("..").normalize());
            if (!onlyNew) {
                Files.deleteIfExists(file);
            }
            Files.move(temporary, file);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void describe(HttpExchange exchange, byte[] body) {
        exchange.getResponseHeaders().set("ETag", '"' + md5(body) + '"');
        exchange.getResponseHeaders()
                .set("x-amz-checksum-sha256", Sha256.of(body).base64());
        exchange.getResponseHeaders().set("x-amz-server-side-encryption", "AES256");
    }

    /** The ETag of an object that was uploaded in one request. */
    private static String md5(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
    }

    private void answerPut(HttpExchange exchange, int status, String code) throws IOException {
        answers.merge(status, 1L, Long::sum);
        answer(exchange, status, code);
    }

    /** @param code of the error; empty for success */
    private static void answer(HttpExchange exchange, int status, String code) throws IOException {
        String xml = code.isEmpty() ? "" : "<Error><Code>" + code + "</Code><Message>as scripted</Message></Error>";
        byte[] body = xml.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        return encoding != null && encoding.contains("aws-chunked") ? unchunked(body) : body;
    }

    /** {@code size;chunk-signature=…\r\n bytes \r\n} until a size of 0 (AWS "Signature calculations: chunked upload"). */
    private static byte[] unchunked(byte[] framed) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int at = 0; ; ) {
            int end = at;
            while (end < framed.length && framed[end] != '\r') {
                end++;
            }
            int size = chunkSize(new String(framed, at, end - at, StandardCharsets.US_ASCII));
            if (size == 0) {
                return body.toByteArray();
            }
            if (size < 0 || end + 2 + size > framed.length) {
                throw new IOException("a chunk of " + size + " bytes is incomplete");
            }
            body.write(framed, end + 2, size);
            at = end + 2 + size + 2;
        }
    }

    private static int chunkSize(String head) throws IOException {
        try {
            return Integer.parseInt(head.replaceFirst(";.*", ""), 16);
        } catch (NumberFormatException e) {
            throw new IOException("not a chunk: " + head, e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
