package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Credentials are used but never shown: at log level DEBUG, and with servers that refuse and repeat what they got. */
@Execution(ExecutionMode.CONCURRENT)
class SecretsIT {

    static final String KEY_ID = "AKIAKEYIDOFNOBODY000";
    static final String SECRET = "SecretAccessKeyOfNobody/0123456789abcdef";
    private static final String NEWEST = "[{\"id\":100,\"price\":\"1.0\",\"qty\":\"1.0\",\"quoteQty\":\"1.0\","
            + "\"time\":1736950336567,\"isBuyerMaker\":true,\"isBestMatch\":true}]";
    private static final String TOKEN = "SessionTokenOfNobody0123456789";
    private static final String API_KEY = "BinanceApiKeyOfNobody0123456789";
    private static final String[] SECRETS = {KEY_ID, SECRET, TOKEN, API_KEY};

    @TempDir
    private Path home;

    /** An error of S3 that repeats the key's name and the string to sign, as S3 does for a wrong signature. */
    static StubS3.Answer refusal(String code) {
        String repeated = KEY_ID + " and " + TOKEN;
        return (http, request, server) -> StubS3.answer(
                http,
                403,
                "<Error><Code>" + code + "</Code><Message>Not for " + repeated + "</Message><AWSAccessKeyId>" + KEY_ID
                        + "</AWSAccessKeyId><StringToSign>" + repeated + "</StringToSign></Error>");
    }

    private ExchangeSimulator exchange;
    private StubS3 bucket;
    private Map<String, String> environment;

    @BeforeEach
    void start() throws IOException {
        exchange = Exchange.inventing(
                Trades.BTCUSDT, 100, true, ExchangeOptions.defaults().startingAfter(0));
        bucket = new StubS3();
        bucket.script(request -> Optional.of(refusal("SignatureDoesNotMatch")));
        environment = Exchange.environment(exchange, home, "my-bucket", bucket.uri(), KEY_ID, SECRET);
        environment.put("AWS_SESSION_TOKEN", TOKEN);
        environment.put("LOG_LEVEL", "DEBUG");
        environment.put("ROT_SECS", "1");
        Files.writeString(
                home.resolve(".env"), "BINANCE_API_KEY=" + API_KEY + "\nAWS_SECRET_ACCESS_KEY=" + SECRET + "\n");
        Exchange.writeSettings(
                home, "upload: {attempts: 1, retry_first: 100ms, retry_max: 200ms}\nshutdown: {budget: 2s}\n");
    }

    @AfterEach
    void stop() throws IOException {
        exchange.close();
        bucket.close();
    }

    private static String get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    private String run(int code, String... arguments) throws Exception {
        try (CollectorProcess process = CollectorProcess.start(home, environment, arguments)) {
            assertThat(process.awaitExit()).as(process.text()).isEqualTo(code);
            assertThat(process.text()).as(String.join(" ", arguments)).doesNotContain(SECRETS);
            return process.text();
        }
    }

    private void noFileHoldsOne() throws IOException {
        try (Stream<Path> files = Files.walk(home.resolve("spool"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(SECRETS);
            }
        }
    }

    @Test
    void refusedCollectorShowsNoSecretInLogPagesOrFiles() throws Exception {
        int port = FreePort.find();
        environment.put("HTTP_PORT", Integer.toString(port));
        try (CollectorProcess collector = CollectorProcess.start(home, environment)) {
            collector.awaitLine("Status: ");
            collector.awaitLine("Upload failed");
            for (String path : List.of("/", "/health", "/health/live", "/metrics", "/?" + KEY_ID)) {
                assertThat(get(port, path)).as(path).isNotEmpty().doesNotContain(SECRETS);
            }
            int code = collector.terminate().awaitExit();
            assertThat(code).as(collector.text()).isEqualTo(143);
            assertThat(collector.text())
                    .contains(" DEBUG ", "SignatureDoesNotMatch")
                    .doesNotContain(SECRETS);
        }
        assertThat(bucket.puts()).as("the credentials were in use").isNotEmpty().allSatisfy(put -> {
            assertThat(put.header("authorization")).contains(KEY_ID);
            assertThat(put.header("x-amz-security-token")).isEqualTo(TOKEN);
        });
        noFileHoldsOne();
        assertThat(run(1, "doctor")).contains("SignatureDoesNotMatch");
        assertThat(run(0, "spool", "ls")).contains("part");
        environment.put("ROT_SECS", "0");
        environment.put("WS_URL", "http://nowhere");
        assertThat(run(78)).contains("ROT_SECS", "WS_URL");
    }

    @Test
    void exchangeKeyIsSentAndNotShownWhenRefused() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        HttpServer rest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        rest.createContext("/", http -> {
            try (http) {
                String key = http.getRequestHeaders().getFirst("X-MBX-APIKEY");
                // Requests for the newest trade carry no key, and are answered.
                if (key != null) {
                    keys.add(key);
                }
                String answer = key == null ? NEWEST : "{\"code\":-2015,\"msg\":\"Invalid API-key " + key + "\"}";
                byte[] body = answer.getBytes(StandardCharsets.UTF_8);
                http.sendResponseHeaders(key == null ? 200 : 401, body.length);
                http.getResponseBody().write(body);
            }
        });
        rest.start();
        environment.put("REST_URL", "http://127.0.0.1:" + rest.getAddress().getPort());
        environment.put("RAW_BUCKET", "file:./bucket");
        try (CollectorProcess backfill = CollectorProcess.start(
                home, environment, "backfill", "--symbol", "BTCUSDT", "--from-id", "1", "--to-id", "9")) {
            backfill.awaitLine("the API key is not accepted");
            Await.until("the key is sent", () -> keys.contains(API_KEY));
            backfill.terminate().awaitExit();
            assertThat(backfill.text()).contains("Invalid API-key").doesNotContain(SECRETS);
        } finally {
            rest.stop(0);
        }
    }
}
