package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code doctor} of the jar, where all is well and where it is not. */
@Execution(ExecutionMode.CONCURRENT)
class DoctorIT {

    private static final String SECRET = "ThisIsTheSecretOfNobody0123456789";

    @TempDir
    private Path home;

    private ExchangeSimulator exchange;
    private StubS3 bucket;
    private Map<String, String> environment;

    @BeforeEach
    void start() throws Exception {
        exchange = Exchange.inventing(
                Trades.BTCUSDT, 100, true, ExchangeOptions.defaults().startingAfter(0));
        bucket = new StubS3();
        environment = Exchange.environment(exchange, home, "my-bucket", bucket.uri(), "test", SECRET);
        environment.put("BINANCE_API_KEY", SECRET);
        Await.until("some trades", () -> exchange.issuedCount() > 50);
    }

    @AfterEach
    void stop() throws IOException {
        exchange.close();
        bucket.close();
    }

    private String doctor(int code, String... more) throws Exception {
        String[] arguments = Stream.concat(Stream.of("doctor"), Stream.of(more)).toArray(String[]::new);
        try (CollectorProcess process = CollectorProcess.start(home, environment, arguments)) {
            int exit = process.awaitExit();
            assertThat(exit).as(process.text()).isEqualTo(code);
            assertThat(process.text()).doesNotContain(SECRET, "\tat ", "Exception:", " ERROR ", "null");
            return process.text();
        }
    }

    @Test
    void bundleHoldsTheReportAndNoSecret() throws Exception {
        environment.put("HTTP_PORT", "1");
        String text = doctor(0, "--bundle", "bundle.zip");

        assertThat(text).contains("Bundle: ", "bundle.zip. Secrets are removed");
        Map<String, String> texts = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(home.resolve("bundle.zip")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                texts.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(texts)
                .containsOnlyKeys(
                        "doctor.txt",
                        "settings.txt",
                        "software.txt",
                        "health.json",
                        "metrics.txt",
                        "spool.txt",
                        "journal.txt")
                .allSatisfy((name, content) -> assertThat(content).doesNotContain(SECRET));
        assertThat(texts.get("doctor.txt")).contains("The collector can start here: 0 failed");
        assertThat(texts.get("settings.txt")).contains("symbols BTCUSDT");
        assertThat(texts.get("health.json")).startsWith("Not available: ");

        assertThat(doctor(64, "--bundle", "bundle.zip")).contains("bundle.zip already exists; choose a new file");
    }

    @Test
    void healthySetupPassesAndTheProbeIsPutTwiceLikeAPart() throws Exception {
        String text = doctor(0);

        assertThat(text).contains("The collector can start here: 0 failed").doesNotContain("fail  ");
        assertThat(text.lines().map(line -> line.replaceFirst("^(ok|warn) +", "")))
                .extracting(line -> line.split("  ")[0])
                .contains(
                        "java",
                        "settings",
                        "route",
                        "spool",
                        "disk",
                        "stream",
                        "rest",
                        "clock",
                        "symbols",
                        "backfill",
                        "outage",
                        "bucket",
                        "cost");
        assertThat(bucket.objects().keySet())
                .hasSize(1)
                .allMatch(key -> key.startsWith("raw/doctor/_probe-local-001-"));
        assertThat(bucket.puts()).hasSize(2).allSatisfy(put -> {
            assertThat(put.header("if-none-match")).isEqualTo("*");
            assertThat(put.header("x-amz-server-side-encryption")).isEqualTo("AES256");
            assertThat(put.header("x-amz-checksum-sha256")).isNotEmpty();
        });
        assertThat(bucket.requests()).extracting(StubS3.Request::method).containsExactly("PUT", "PUT", "GET");
        assertThat(home.resolve("spool")).doesNotExist();
    }

    @Test
    void problemsAreReportedWithARemedyAndTheOtherChecksContinue() throws Exception {
        environment.put("SYMBOL", "BTCUSDT,NOSUCHUSDT");
        exchange.inflict(new Fault.RefuseUpgrades(451, Extent.always()));
        bucket.script(request -> Optional.of(StubS3.error(403, "AccessDenied")));

        String text = doctor(1);

        assertThat(text.lines().filter(line -> line.startsWith("fail  "))).hasSize(3);
        assertThat(text)
                .containsPattern("fail  stream .*HTTP 451.*\n +-> Run the collector in another region")
                .containsPattern("fail  symbols .*does not know NOSUCHUSDT.*\n +-> correct SYMBOL")
                .containsPattern("fail  bucket .*HTTP 403 AccessDenied.*\n +-> allow this role s3:PutObject on raw/\\*")
                .contains("ok    rest", "ok    cost", "The collector would not work here: 3 failed");
        assertThat(bucket.objects()).isEmpty();
    }

    @Test
    void spoolThatAStartWouldRefuseIsReported() throws Exception {
        Path spool = Path.of(environment.get("LOCAL_DIR"));
        Files.createDirectories(spool);
        Files.createSymbolicLink(home.resolve("link"), spool);
        environment.put("LOCAL_DIR", home.resolve("link").toString());

        assertThat(doctor(1)).containsPattern("fail  spool .*a start would refuse it\n +-> .*is a symlink");
    }

    @Test
    void badUsageAndBadSettingsHaveTheirOwnCodes() throws Exception {
        try (CollectorProcess process = CollectorProcess.start(home, environment, "doctor", "--outage", "a day")) {
            assertThat(process.awaitExit()).as(process.text()).isEqualTo(64);
            assertThat(process.text()).contains("--outage a day", "See: java -jar collector.jar doctor --help");
        }
        environment.put("ROT_SECS", "0");
        environment.put("WS_URL", "http://nowhere");
        assertThat(doctor(78)).contains("ROT_SECS", "WS_URL").doesNotContain("ok  ");
        assertThat(bucket.requests()).isEmpty();
    }
}
