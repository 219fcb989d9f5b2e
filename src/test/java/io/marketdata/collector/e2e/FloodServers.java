package io.marketdata.collector.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.e2e.Flood.Attack;
import io.marketdata.collector.testkit.StubS3;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The attacks of {@link FloodIT} that come over HTTP: a REST server and a store that answer badly now and then, and
 * clients of the status port. */
final class FloodServers implements AutoCloseable {

    private static final int HALF_REQUESTS = 40;
    private static final int SLOW_READERS = 5;
    private static final int RENEWED_AFTER_MS = 5_000;
    private static final Duration PROBE = Duration.ofSeconds(2);

    private final URI exchange;
    private final Set<Attack> attacks;
    private final HttpServer rest;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger restRequests = new AtomicInteger();
    private final AtomicInteger badAnswers = new AtomicInteger();
    private final AtomicInteger puts = new AtomicInteger();
    private final AtomicInteger badPuts = new AtomicInteger();
    private final AtomicInteger probes = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean calm;

    /** @param exchange where honest answers come from */
    FloodServers(URI exchange, Set<Attack> attacks) throws IOException {
        this.exchange = exchange;
        this.attacks = attacks;
        rest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        rest.setExecutor(threads);
        rest.createContext("/", this::answer);
        rest.start();
    }

    URI restUri() {
        return URI.create("http://127.0.0.1:" + rest.getAddress().getPort());
    }

    /** From now on everything is answered as it should be. */
    void calm() {
        calm = true;
    }

    private boolean attacks(Attack attack, int turn, int every, int when) {
        boolean now = !calm && attacks.contains(attack) && turn % every == when;
        if (now) {
            badAnswers.incrementAndGet();
        }
        return now;
    }

    private void answer(HttpExchange request) throws IOException {
        int turn = restRequests.getAndIncrement();
        try (request) {
            String path = request.getRequestURI().getPath();
            if (attacks(Attack.REST_BODIES, turn, 6, 0)) {
                send(request, 200, Flood.emptyObjects(path));
            } else if (attacks(Attack.REST_BODIES, turn, 6, 3)) {
                send(request, 200, Flood.deep(50_000).getBytes(StandardCharsets.US_ASCII));
            } else if (attacks(Attack.REST_LIMITS, turn, 20, 8)) {
                request.getResponseHeaders().set("Retry-After", "259200");
                send(request, 429, "{\"code\":-1003}".getBytes(StandardCharsets.US_ASCII));
            } else {
                HttpResponse<byte[]> honest = client.send(
                        HttpRequest.newBuilder(exchange.resolve(request.getRequestURI()))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                send(request, honest.statusCode(), honest.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange request, int status, byte[] body) throws IOException {
        request.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        request.getResponseBody().write(body);
    }

    /** What the store answers instead of behaving like S3. */
    Optional<StubS3.Answer> storeAnswer(StubS3.Request request) {
        if (calm || !request.method().equals("PUT")) {
            return Optional.empty();
        }
        int turn = puts.getAndIncrement() % 20;
        Optional<StubS3.Answer> bad = Optional.empty();
        if (turn == 5 && attacks.contains(Attack.S3_XML)) {
            bad = Optional.of((exchange, put, server) -> StubS3.answer(exchange, 403, Flood.nestedXml()));
        } else if (turn == 9 && attacks.contains(Attack.S3_REFUSALS)) {
            bad = Optional.of(StubS3.error(412, "PreconditionFailed"));
        } else if (turn == 13 && attacks.contains(Attack.S3_REFUSALS)) {
            bad = Optional.of(StubS3.error(501, "NotImplemented"));
        } else if (turn == 17 && attacks.contains(Attack.S3_SLOW)) {
            bad = Optional.of(StubS3.after(Duration.ofSeconds(3)));
        }
        bad.ifPresent(answer -> badPuts.incrementAndGet());
        return bad;
    }

    void attackStatusPort(int port) {
        if (attacks.contains(Attack.STATUS_PORT)) {
            threads.execute(() -> repeat(() -> requests(port)));
            threads.execute(() -> repeat(() -> probe(port)));
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void repeat(Step step) {
        try {
            while (!closing.await(100, TimeUnit.MILLISECONDS)) {
                try {
                    step.run();
                } catch (IOException e) {
                    // refused, or cut
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** Requests without an end, and requests whose answers are read byte by byte. */
    private void requests(int port) throws IOException, InterruptedException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < HALF_REQUESTS + SLOW_READERS && !calm; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.setReceiveBufferSize(1_024);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                String end = i < HALF_REQUESTS ? "" : "\r\n";
                socket.getOutputStream()
                        .write(("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + end)
                                .getBytes(StandardCharsets.US_ASCII));
            }
            for (int left = RENEWED_AFTER_MS; left > 0 && !closing.await(500, TimeUnit.MILLISECONDS); left -= 500) {
                for (Socket socket : sockets) {
                    InputStream in = socket.getInputStream();
                    if (in.available() > 0) {
                        in.read();
                    }
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private void probe(int port) throws IOException, InterruptedException {
        closing.await(1, TimeUnit.SECONDS);
        probes.incrementAndGet();
        HttpResponse<Void> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/live"))
                        .timeout(PROBE)
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        answered.addAndGet(answer.statusCode() == 200 ? 1 : 0);
    }

    /** The share of probes of liveness that were answered in time; 1 if there was none. */
    double livenessAnswers() {
        return probes.get() < 2 ? 1 : (double) answered.get() / (probes.get() - 1);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "REST %d requests, %d bad answers; store %d puts, %d bad answers; /health/live %d of %d",
                restRequests.get(),
                badAnswers.get(),
                puts.get(),
                badPuts.get(),
                answered.get(),
                probes.get());
    }

    @Override
    public void close() {
        closing.countDown();
        rest.stop(0);
        threads.shutdownNow();
    }
}
