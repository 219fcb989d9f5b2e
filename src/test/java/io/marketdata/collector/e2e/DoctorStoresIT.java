package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.BucketReader;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.testkit.StoreKind;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar's {@code doctor} at stores that refuse the defaults, and then a collector with the settings that it printed. */
class DoctorStoresIT {

    private static final Pattern FOUND = Pattern.compile("works with the settings ((?:S3_[A-Z_]+=\\S+ )+)\\(");

    @TempDir
    private Path home;

    private ExchangeSimulator exchange;

    @BeforeEach
    void start() throws Exception {
        exchange = Exchange.inventing(
                Trades.BTCUSDT, 100, true, ExchangeOptions.defaults().startingAfter(0));
        Await.until("some trades", () -> exchange.issuedCount() > 50);
    }

    @AfterEach
    void stop() throws Exception {
        exchange.close();
    }

    @ParameterizedTest
    @CsvSource({
        "MINIO_WITHOUT_KMS, S3_ENCRYPTION=none",
        "AWS_WITH_KMS_POLICY, S3_ENCRYPTION=aws:kms",
        "BACKBLAZE_B2, S3_CONDITIONAL_PUT=check S3_CHECKSUM=content-md5",
        "GOOGLE_CLOUD_STORAGE, S3_CONDITIONAL_PUT=check",
        "ALIBABA_OSS, S3_ADDRESSING=virtual S3_CONDITIONAL_PUT=check",
    })
    void collectorUploadsWithTheSettingsThatDoctorPrints(StoreKind kind, String expected) throws Exception {
        try (StubS3 server = new StubS3().like(kind)) {
            URI endpoint = URI.create("http://store.internal:" + server.uri().getPort());
            Map<String, String> environment =
                    Exchange.environment(exchange, home, "my-bucket", endpoint, "test", "secret");

            checkAndRecord(environment, expected, () -> server.objects().keySet());
        }
    }

    /** S3Proxy on a directory refuses the encryption header. */
    @Test
    void collectorUploadsToAThirdPartyServerWithTheSettingsThatDoctorPrints() throws Exception {
        try (S3ProxyServer server = S3ProxyServer.onDisk(Files.createDirectory(home.resolve("s3")));
                BucketReader reader = new BucketReader(
                        server.uri(), S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY, S3ProxyServer.BUCKET, null)) {
            Map<String, String> environment = Exchange.environment(
                    exchange,
                    home,
                    S3ProxyServer.BUCKET,
                    server.uri(),
                    S3ProxyServer.ACCESS_KEY,
                    S3ProxyServer.SECRET_KEY);

            checkAndRecord(
                    environment, "S3_ENCRYPTION=none", () -> reader.objects().keySet());
        }
    }

    private void checkAndRecord(Map<String, String> environment, String expected, Callable<Set<String>> keys)
            throws Exception {
        Path hosts = Files.writeString(
                home.resolve("hosts"),
                "127.0.0.1 localhost\n127.0.0.1 store.internal\n127.0.0.1 my-bucket.store.internal\n");
        List<String> names = List.of("-Djdk.net.hosts.file=" + hosts);
        try (CollectorProcess doctor = CollectorProcess.start(home, environment, names, "doctor")) {
            assertThat(doctor.awaitExit()).as(doctor.text()).isEqualTo(1);
            Matcher found = FOUND.matcher(doctor.text());
            assertThat(found.find()).as(doctor.text()).isTrue();
            assertThat(found.group(1).strip()).isEqualTo(expected);
        }
        for (String setting : expected.split(" ")) {
            environment.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        try (CollectorProcess collector = CollectorProcess.start(home, environment, names)) {
            Await.until(
                    "a part and its manifest are in the bucket",
                    () -> keys.call().stream().anyMatch(key -> key.contains("/manifest-"))
                            && keys.call().stream().anyMatch(key -> key.contains("/part-")));
            collector.stop();
            assertThat(collector.text()).doesNotContain(" ERROR ");
        }
    }
}
