package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.status.StatusPages;
import io.marketdata.collector.status.StatusServer;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What {@code health} prints and with which code it ends, against the collector's own pages and against other servers. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class HealthCommandIT {

    @TempDir
    private Path folder;

    private final Faults faults = new Faults(Time.SYSTEM, Duration.ofDays(1), fault -> ExitCode.INTERNAL);

    private final ScheduledExecutorService checks = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void endChecks() {
        checks.shutdownNow();
    }

    private record Answer(int code, String text) {}

    private Answer health(int port, String... options) throws Exception {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "health";
        System.arraycopy(options, 0, arguments, 1, options.length);
        Map<String, String> environment = Map.of("HTTP_PORT", Integer.toString(port));
        try (CollectorProcess process = CollectorProcess.start(folder, environment, arguments)) {
            return new Answer(process.awaitExit(), process.text());
        }
    }

    /** The pages of a collector with one finding; {@code OK}: none. */
    private StatusServer pages(Health.Status severity) throws IOException {
        Health.Finding finding = new Health.Finding("the spool is 91 % full; see RUNBOOK", null);
        Health.Check check = new Health.Check(
                "spool_filling", severity, Duration.ZERO, () -> severity == Health.Status.OK ? null : finding);
        Health health = new Health(List.of(check), List::of, Time.SYSTEM);
        health.check();
        // A report that is too old is a reason of its own.
        checks.scheduleWithFixedDelay(health::check, 1, 1, TimeUnit.SECONDS);
        return StatusPages.listen("127.0.0.1", 0, new Metrics(), health, () -> null, faults);
    }

    @Test
    void okIsZero() throws Exception {
        try (StatusServer pages = pages(Health.Status.OK)) {
            int port = pages.uri().getPort();
            assertThat(health(port)).isEqualTo(new Answer(0, "ok"));
            assertThat(health(port, "--live")).isEqualTo(new Answer(0, "alive"));
            assertThat(health(port, "--live", "--json")).isEqualTo(new Answer(0, "{\"live\":true}"));
        }
    }

    @Test
    void degradedIsOneWithTheReason() throws Exception {
        try (StatusServer pages = pages(Health.Status.DEGRADED)) {
            assertThat(health(pages.uri().getPort()))
                    .isEqualTo(new Answer(1, "degraded\ndegraded  spool_filling: the spool is 91 % full; see RUNBOOK"));
        }
    }

    @Test
    void failingIsOneButTheProcessLives() throws Exception {
        try (StatusServer pages = pages(Health.Status.FAILING)) {
            int port = pages.uri().getPort();
            assertThat(health(port))
                    .isEqualTo(new Answer(1, "failing\nfailing  spool_filling: the spool is 91 % full; see RUNBOOK"));
            Answer json = health(port, "--json");
            JsonNode document = new ObjectMapper().readTree(json.text());
            assertThat(json.code()).isEqualTo(1);
            assertThat(document.at("/status").asText()).isEqualTo("failing");
            assertThat(document.at("/reasons/0/code").asText()).isEqualTo("spool_filling");
            assertThat(health(port, "--live")).isEqualTo(new Answer(0, "alive"));
        }
    }

    @Test
    void processThatEndsAfterAFaultDoesNotLive() throws Exception {
        faults.accept(new IOException("full"));
        try (StatusServer pages = pages(Health.Status.OK)) {
            int port = pages.uri().getPort();
            assertThat(health(port, "--live")).isEqualTo(new Answer(1, "ending after a fault"));
            assertThat(health(port, "--live", "--json")).isEqualTo(new Answer(1, "{\"live\":false}"));
        }
    }

    @Test
    void recordingIsAwaited() throws Exception {
        try (StatusServer pages = pages(Health.Status.OK)) {
            Answer answer = health(pages.uri().getPort(), "--await-recording", "0s");
            assertThat(answer).isEqualTo(new Answer(1, "Recording is not proven: the collector names no symbol yet"));
        }
        Answer answer = health(FreePort.find(), "--await-recording", "2s");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.text()).contains("Waiting: no collector answers", "Recording is not proven: no collector");
    }

    @Test
    void nothingListeningIsTwo() throws Exception {
        int port = FreePort.find();
        for (String option : new String[] {"--json", "--live"}) {
            Answer answer = health(port, option);
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.text())
                    .contains("no collector answers on 127.0.0.1, port " + port, "start it", "HTTP_PORT");
        }
    }

    @Test
    void serverThatNeverAnswersIsTwoWithinSeconds() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Answer answer = health(mute.getLocalPort());
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.text()).contains("no collector answers", "HTTP_PORT");
        }
    }

    @Test
    void anotherProgramIsTwo() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answerOnce(other, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
            server.start();
            Answer answer = health(other.getLocalPort());
            server.join();
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.text()).contains("is not this collector (HTTP 200)", "HTTP_PORT");
        }
    }

    private static void answerOnce(ServerSocket server, String answer) {
        try (var socket = server.accept()) {
            socket.getInputStream().read(new byte[4096]);
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
