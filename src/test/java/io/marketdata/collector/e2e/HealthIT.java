package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the jar reports over HTTP. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class HealthIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
    }

    private boolean isWell() throws Exception {
        HttpResponse<String> answer = get("/health");
        return answer.statusCode() == 200
                && JSON.readTree(answer.body()).at("/status").asText().equals("ok");
    }

    private JsonNode symbol() throws Exception {
        return JSON.readTree(get("/health").body()).at("/symbols/0");
    }

    @Test
    void refusingStoreIsReportedWithItsRemedyWithinAMinute() throws Exception {
        port = FreePort.find();
        Exchange.writeSettings(folder, "upload: {retry_first: 100ms, retry_max: 500ms}\n");
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false);
                StubS3 s3 = new StubS3()) {
            Map<String, String> environment =
                    Exchange.environment(exchange, folder, "my-trades", s3.uri(), SecretsIT.KEY_ID, SecretsIT.SECRET);
            environment.put("ROT_SECS", "1");
            environment.put("HTTP_PORT", Integer.toString(port));
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Status: ");
                Await.until(
                        "something is stored",
                        () -> symbol().at("/last_stored_id").asLong() > 0);
                assertThat(isWell()).as(get("/health").body()).isTrue();
                JsonNode symbol = symbol();
                assertThat(symbol.at("/symbol").asText()).isEqualTo("BTCUSDT");
                assertThat(symbol.at("/last_trade_age_ms").asLong(-1)).isNotNegative();
                assertThat(get("/health/live").statusCode()).isEqualTo(200);
                assertThat(get("/metrics").body())
                        .contains("collector_trades_accepted_total{symbol=\"BTCUSDT\"}", "jvm_heap_used_bytes ");

                s3.script(request -> Optional.of(SecretsIT.refusal("AccessDenied")));
                Await.until("failing", 60, () -> get("/health").statusCode() == 503);
                JsonNode reason = JSON.readTree(get("/health").body()).at("/reasons/0");
                assertThat(reason.at("/code").asText()).isEqualTo("uploads_refused");
                assertThat(reason.at("/text").asText()).contains("AccessDenied");
                assertThat(get("/health").body() + get("/metrics").body())
                        .doesNotContain(SecretsIT.KEY_ID, SecretsIT.SECRET);
                assertThat(get("/health/live").statusCode()).isEqualTo(200);
                collector.awaitLine("WARN.*Health: failing, uploads_refused");

                s3.script(request -> Optional.empty());
                Await.until("well again", this::isWell);
                collector.awaitLine("INFO.*Health cleared: uploads_refused");

                awaitThatSlowClientsAreSentAway();
                collector.stop();
            }
        }
    }

    /** More clients than there are threads, each with half a request. */
    private void awaitThatSlowClientsAreSentAway() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                slow.add(socket);
                socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: x".getBytes(StandardCharsets.US_ASCII));
            }
            Await.until("other clients are served", () -> get("/health/live").statusCode() == 200);
        } finally {
            for (Socket socket : slow) {
                close(socket);
            }
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
