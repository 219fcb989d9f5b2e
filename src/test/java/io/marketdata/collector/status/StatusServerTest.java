package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.status.StatusServer.Answer;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusServerTest {

    /** One line of the text format: a comment, or a name, perhaps labels, and a number. */
    private static final Pattern TEXT_LINE = Pattern.compile(
            "# (HELP|TYPE|UNIT) [a-z_:]+ .+|# EOF|[a-z_:]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? -?[0-9.E+-]+");

    /** Larger than what the system buffers of an answer. */
    private static final int LARGE = 6 << 20;

    private final Metrics metrics = new Metrics();
    private final SpoolMetrics spool = new SpoolMetrics(metrics);
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ThreadPoolExecutor renderer =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(1));
    private final ManualTime time = new ManualTime();
    private final HttpClient client = HttpClient.newHttpClient();
    private StatusServer server;
    private Thread thread;

    @BeforeEach
    void start() throws IOException {
        server = server(0);
    }

    private StatusServer server(int port) throws IOException {
        Map<String, StatusServer.Page> pages = Map.of(
                "/metrics",
                new MetricsPage(metrics.registry()),
                "/health/live",
                accept -> Answer.text(200, "alive\n"),
                "/large",
                accept -> Answer.text(200, "x".repeat(LARGE)),
                "/broken",
                accept -> {
                    throw new IllegalStateException("broken page");
                },
                "/fatal",
                accept -> {
                    throw new OutOfMemoryError("simulated");
                },
                "/waits",
                accept -> {
                    awaitRelease();
                    return Answer.text(200, "waited\n");
                });
        return new StatusServer(
                new InetSocketAddress("127.0.0.1", port),
                new PageAnswers(pages, "/health/live", new AllowedHosts("127.0.0.1", true), faults::add, time),
                renderer,
                task -> thread = new Thread(task, "status-under-test"),
                time);
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.close();
        renderer.shutdownNow();
    }

    private void awaitRelease() {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.uri() + path)).timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void listensOnTheLoopbackAddressOnly() throws Exception {
        assertThat(get("/health/live").body()).isEqualTo("alive\n");
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .toList();
        for (InetAddress address : others) {
            try (Socket socket = new Socket()) {
                assertThatThrownBy(() -> socket.connect(
                                new InetSocketAddress(address, server.uri().getPort()), 1_000))
                        .as("%s", address)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void portInUseIsAnError() {
        assertThatThrownBy(() -> server(server.uri().getPort())).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nothing", "/metrics/", "/../etc/passwd", "/%2e%2e/metrics"})
    void unknownPathListsTheAvailablePages(String path) throws Exception {
        HttpResponse<String> answer = get(path);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("/health/live", "/metrics");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
    void nothingCanBeChanged(String method) throws Exception {
        HttpResponse<String> answer = client.send(
                request("/metrics")
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void headSendsTheLengthAndNoBody() throws Exception {
        HttpResponse<String> answer = client.send(
                request("/health/live")
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(6);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void metricsArePrometheusText() throws Exception {
        spool.tradesAccepted.labelValues("BTCUSDT").inc(7);

        HttpResponse<String> answer = get("/metrics");

        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body())
                .contains("# TYPE collector_trades_accepted_total counter\n")
                .contains("\ncollector_trades_accepted_total{symbol=\"BTCUSDT\"} 7.0\n");
        assertThat(answer.body().lines()).allSatisfy(line -> assertThat(line).matches(TEXT_LINE));
    }

    @Test
    void metricsAreOpenMetricsOnRequest() throws Exception {
        HttpResponse<String> answer = get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");

        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text; version=1.0.0"));
        assertThat(answer.body()).endsWith("# EOF\n").contains("# TYPE collector_frames_unparsed counter\n");
        assertThat(answer.body().lines()).allSatisfy(line -> assertThat(line).matches(TEXT_LINE));
    }

    @Test
    void failingPageIsNoFaultOfTheCollector() throws Exception {
        assertThat(get("/broken").statusCode()).isEqualTo(500);

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(faults).isEmpty();
    }

    @Test
    void errorIsReportedAsFault() throws Exception {
        assertThat(get("/fatal").statusCode()).isEqualTo(500);

        assertThat(faults).hasSize(1).first().isInstanceOf(OutOfMemoryError.class);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    /** A page that takes long delays other pages, never liveness. */
    @Test
    void livenessIsAnsweredWhileEveryPageWaits() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            waiting.add(client.sendAsync(request("/waits").build(), BodyHandlers.ofString()));
        }
        Await.until("full", () -> renderer.getQueue().remainingCapacity() == 0);

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").statusCode()).isEqualTo(503);

        released.countDown();
        for (CompletableFuture<HttpResponse<String>> page : waiting) {
            assertThat(page.get(30, TimeUnit.SECONDS).body()).isEqualTo("waited\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:8080",
                "127.0.0.1:1",
                "127.0.0.1",
                "127.1.2.3",
                "[::1]",
                "[::1]:8080",
                "localhost:9"
            })
    void thisMachineMayBeNamed(String host) throws Exception {
        assertThat(exchange("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    /** With DNS rebinding a page's own domain leads to this server, and the page could read the answer. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rebind.example",
                "127.0.0.1.example",
                "localhost.example",
                "localhost.",
                "example:8080",
                "192.168.1.1",
                "10.0.0.1:8080",
                "[fe80::1]",
                "127.0.0.1:8080:9",
                "user@localhost",
                ""
            })
    void otherHostsAreRefused(String host) throws Exception {
        for (String path : List.of("/health/live", "/metrics", "/nothing")) {
            assertThat(exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 421 ")
                    .doesNotContain("alive", "collector_", "/health");
        }
    }

    @Test
    void openServerAlsoAnswersItsNameAndAddressesButNoOtherName() {
        AllowedHosts named = new AllowedHosts("Collector.Internal", false);
        assertThat(List.of("collector.internal:8080", "10.1.2.3:8080", "[fd00::7]:8080", "localhost"))
                .allMatch(named::allows);
        assertThat(List.of("rebind.example:8080", "collector.internal.example", "10.1.2.3.example"))
                .noneMatch(named::allows);
        assertThat(new AllowedHosts("fd00::7", false).allows("[fd00::7]")).isTrue();
    }

    @Test
    void answersProtectTheirReader() throws Exception {
        HttpHeaders headers = get("/metrics").headers();

        assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(headers.firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(headers.firstValue("Cache-Control")).hasValue("no-store");
        assertThat(headers.firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'"));
        assertThat(headers.map().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
                "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001"
            })
    void whatIsNoRequestIsRefused(String request) throws Exception {
        assertThat(exchange(request)).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void headThatIsTooLongIsRefused() throws Exception {
        String head = "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ";

        assertThat(exchange(head + "x".repeat(HttpConnection.MAX_HEAD))).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void bodyThatNeverEndsIsCutOff() throws Exception {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n"
                    .getBytes(StandardCharsets.ISO_8859_1));
            byte[] block = new byte[100_000];
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1_000; i++) {
                            out.write(block);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void slowRequestsDoNotDelayLiveness() throws Exception {
        List<Socket> half = new ArrayList<>();
        try {
            for (int check = 0; check < 15; check++) {
                for (int i = 0; i < 40; i++) {
                    Socket socket = connect();
                    half.add(socket);
                    socket.getOutputStream().write("GET /health HTTP/1.1\r\nHo".getBytes(StandardCharsets.ISO_8859_1));
                }
                assertLivenessWithinASecond();
            }
            assertThat(half).hasSize(600);
        } finally {
            for (Socket socket : half) {
                socket.close();
            }
        }
    }

    @Test
    void thousandsOfIdleConnectionsDoNotDelayLiveness() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 2_000; i++) {
                idle.add(connect());
            }
            for (int check = 0; check < 15; check++) {
                assertLivenessWithinASecond();
            }
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    /** Their answers are bounded in memory, and a reader that does read still gets its own. */
    @Test
    void slowReadersAreBounded() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                Socket socket = new Socket();
                slow.add(socket);
                socket.setReceiveBufferSize(4_096);
                socket.connect(new InetSocketAddress("127.0.0.1", server.uri().getPort()));
                int answered = i;
                Await.until("a free renderer", () -> renderer.getCompletedTaskCount() >= answered);
                socket.getOutputStream()
                        .write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                assertThat(server.pendingBytes()).isLessThanOrEqualTo(StatusServer.MAX_PENDING);
                assertLivenessWithinASecond();
            }
            Await.until("all were rendered", () -> renderer.getCompletedTaskCount() >= 30);
            assertThat(get("/large").body()).hasSize(LARGE);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void requestThatDoesNotArriveInTimeIsClosed() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            time.advance(Duration.ofSeconds(StatusServer.PATIENCE_SECONDS));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** Any bytes: every connection ends, no thread is added, the server continues, and nothing is logged. */
    @Test
    void randomBytesLeaveNothingBehind() throws Exception {
        Random random = new Random(11);
        String valid = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n";
        try (LogLines serving = new LogLines(StatusServer.class);
                LogLines pages = new LogLines(PageAnswers.class)) {
            for (int i = 0; i < 1_000; i++) {
                byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(200)] : valid.getBytes(StandardCharsets.ISO_8859_1);
                if (i % 2 == 0) {
                    random.nextBytes(bytes);
                } else {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                try (Socket socket = connect()) {
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (SocketException e) {
                    continue; // a reset is an end too
                }
            }
            assertThat(get("/metrics").statusCode()).isEqualTo(200);
            assertThat(serving.all()).isEmpty();
            assertThat(pages.all()).isEmpty();
        }
        assertThat(faults).isEmpty();
        assertThat(thread.isAlive()).isTrue();
        Await.until("every connection has ended", () -> server.open() == 0);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", server.uri().getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private void assertLivenessWithinASecond() throws IOException {
        long began = System.nanoTime();
        assertThat(exchange("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .endsWith("alive\n");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void closedServerDoesNotListen() throws Exception {
        server.close();

        assertThatThrownBy(() -> get("/health/live")).isInstanceOf(ConnectException.class);
        thread.join(30_000);
        assertThat(thread.isAlive()).isFalse();
    }
}
