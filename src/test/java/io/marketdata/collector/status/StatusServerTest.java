package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.status.StatusServer.Answer;
import io.marketdata.collector.testkit.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
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

    private final Metrics metrics = new Metrics();
    private final SpoolMetrics spool = new SpoolMetrics(metrics);
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(2, 2, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(1));
    private final HttpClient client = HttpClient.newHttpClient();
    private StatusServer server;

    @BeforeEach
    void start() throws IOException {
        server = new StatusServer(
                0,
                Map.of(
                        "/metrics",
                        new MetricsPage(metrics.registry()),
                        "/health/live",
                        accept -> Answer.text(200, "alive\n"),
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
                        }),
                threads,
                faults::add);
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.close();
        threads.shutdownNow();
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
        assertThatThrownBy(() -> new StatusServer(server.uri().getPort(), Map.of(), threads, faults::add))
                .isInstanceOf(IOException.class);
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
        assertThatThrownBy(() -> get("/broken")).isInstanceOf(IOException.class);

        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(faults).isEmpty();
    }

    @Test
    void errorIsReportedAsFault() throws Exception {
        assertThatThrownBy(() -> get("/fatal")).isInstanceOf(IOException.class);

        Await.until("the fault", () -> !faults.isEmpty());
        assertThat(faults.get(0)).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void clientIsRejectedWhenThreadsAndQueueAreFull() throws Exception {
        for (int i = 0; i < 3; i++) {
            client.sendAsync(request("/waits").build(), BodyHandlers.ofString());
        }
        Await.until(
                "full",
                () -> threads.getActiveCount() == 2 && threads.getQueue().remainingCapacity() == 0);

        assertThatThrownBy(() -> get("/health/live")).isInstanceOf(IOException.class);

        released.countDown();
        Await.until("free again", () -> threads.getCompletedTaskCount() >= 3);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void closedServerDoesNotListen() {
        server.close();

        assertThatThrownBy(() -> get("/health/live")).isInstanceOf(ConnectException.class);
    }
}
