package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.CollectorProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The exchange simulator as a user tries it: one process beside the collector's, with a script and a control port. */
@Execution(ExecutionMode.CONCURRENT)
class SimulateIT {

    private static final Pattern PLACES = Pattern.compile("WS_URL=(\\S+) REST_URL=(\\S+)");

    @TempDir
    private Path folder;

    @Test
    void scriptAndControlPortInjectFaults() throws Exception {
        Path script = folder.resolve("faults.yaml");
        Files.writeString(script, "- {after_trades: 100, fault: close, code: 1008, reason: by script}\n");
        try (CollectorProcess exchange = CollectorProcess.start(
                folder,
                Map.of(),
                "simulate",
                "--port",
                "0",
                "--rest-port",
                "0",
                "--control-port",
                "0",
                "--rate",
                "200",
                "--script",
                script.toString())) {
            Matcher places = PLACES.matcher(exchange.awaitLine("WS_URL="));
            assertThat(places.find()).isTrue();
            String control = exchange.awaitLine("^control: ").substring("control: ".length());
            try (CollectorProcess collector = CollectorProcess.start(
                    folder,
                    Map.of(
                            "WS_URL", places.group(1),
                            "REST_URL", places.group(2),
                            "WS_CONNECTIONS", "1",
                            "RAW_BUCKET", "file:./bucket",
                            "LOCAL_DIR", "./spool"))) {
                collector.awaitLine("connection 1.1 ended: closed by the exchange, code 1008, by script");
                collector.awaitLine("Connected: connection 1.2");

                assertThat(post(control, "fault: cut").statusCode()).isEqualTo(200);
                collector.awaitLine("connection 1.2 ended");
                HttpResponse<String> wrong = post(control, "fault: cutt");
                assertThat(wrong.statusCode()).isEqualTo(400);
                assertThat(wrong.body()).contains("cutt");

                collector.stop();
            }
            exchange.stop();
            assertThat(exchange.text()).containsPattern("BTCUSDT: \\d+ trades issued");
        }
    }

    private static HttpResponse<String> post(String control, String fault) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(control + "/fault"))
                                .POST(BodyPublishers.ofString(fault))
                                .build(),
                        BodyHandlers.ofString());
    }
}
