package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.BucketReader;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.TlsKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * One replay file, four collectors at once, each into another kind of bucket: S3Proxy over HTTP and over HTTPS, a stub
 * that writes every request down, and a directory. Every trade must be in each, once, byte for byte.
 */
class ReplayToBucketIT {

    /** The default of WS_CONNECTIONS: the replay begins when every connection of the four collectors is open. */
    private static final int CONNECTIONS = 2;

    @TempDir
    private Path folder;

    @Test
    void everyFrameOfARealRecordingIsInEveryKindOfBucket() throws Exception {
        Optional<Path> source = Samples.realFrames();
        Assumptions.assumeTrue(source.isPresent(), "no recorded frames on this machine");

        replay(source.get(), 20);
    }

    @Test
    void everyFrameOfAMadeUpReplayIsInEveryKindOfBucket() throws Exception {
        replay(Samples.madeUp(folder, 6_000, 60), 10);
    }

    private void replay(Path source, double speed) throws Exception {
        Map<Long, String> issued = Samples.events(source);
        Path keyStore = TlsKeys.valid(folder);
        try (ExchangeSimulator exchange = Exchange.replaying(source, speed, 4 * CONNECTIONS);
                S3ProxyServer http = S3ProxyServer.http();
                S3ProxyServer https = S3ProxyServer.https(keyStore);
                StubS3 stub = new StubS3();
                CollectorProcess toHttp = start(exchange, "http", http.uri());
                CollectorProcess toHttps = start(
                        exchange,
                        "https",
                        https.uri(),
                        TlsKeys.trusting(keyStore).toArray(String[]::new));
                CollectorProcess toStub = start(exchange, "stub", stub.uri());
                CollectorProcess toDirectory = CollectorProcess.start(
                        folder,
                        Exchange.environment(exchange, home("directory"), "file:" + folder.resolve("bucket")))) {
            assertThat(exchange.awaitEndOfTrades(5, TimeUnit.MINUTES)).isTrue();
            // The last part is sealed by its age, without another trade; by then every collector has received
            // everything.
            String lastId = "\"id_last\":"
                    + issued.keySet().stream().mapToLong(id -> id).max().orElseThrow();
            Await.until(
                    "the last id is in the bucket",
                    () -> stub.objects().values().stream()
                            .anyMatch(object -> new String(object, StandardCharsets.UTF_8).contains(lastId)));
            List<CollectorProcess> all = List.of(toHttp, toHttps, toStub, toDirectory);
            all.forEach(CollectorProcess::terminate);
            for (CollectorProcess process : all) {
                assertThat(process.awaitExit()).as(process.text()).isEqualTo(143);
                assertThat(process.text())
                        .contains("Stopped: everything recorded is in")
                        .doesNotContain("ERROR");
            }

            judge(Oracle.read(folder.resolve("bucket")), issued).linesFollowTheSchema();
            judge(stub.objects(), issued);
            checkRequests(stub);
            checkProxy(http, null, issued);
            checkProxy(https, trustManager(keyStore), issued);
            for (String home : List.of("http", "https", "stub", "directory")) {
                // The lines of an index wait for the end of its hour.
                assertThat(filesBelow(home(home).resolve("spool")))
                        .filteredOn(file -> !file.startsWith("index-"))
                        .isSubsetOf(".lock", ".checkpoint", ".spool");
            }
        }
    }

    private CollectorProcess start(ExchangeSimulator exchange, String home, java.net.URI endpoint, String... jvmOptions)
            throws IOException {
        return CollectorProcess.start(
                folder, Exchange.environment(exchange, home(home), endpoint), List.of(jvmOptions));
    }

    private Path home(String name) {
        return folder.resolve(name);
    }

    private static Oracle judge(Map<String, byte[]> objects, Map<Long, String> issued) throws IOException {
        return new Oracle(objects).holdsExactly(issued).crossesNoSlotOf(5_000);
    }

    private static void checkProxy(S3ProxyServer server, TrustManager trust, Map<Long, String> issued)
            throws IOException {
        try (BucketReader reader = new BucketReader(
                server.uri(), S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY, S3ProxyServer.BUCKET, trust)) {
            Map<String, byte[]> objects = reader.objects();
            judge(objects, issued);
            assertThat(objects.keySet())
                    .allSatisfy(key -> assertThat(reader.encryption(key)).isEqualTo(ServerSideEncryption.AES256));
        }
    }

    private static void checkRequests(StubS3 stub) {
        List<StubS3.Request> puts = stub.puts();
        assertThat(puts).allSatisfy(put -> {
            assertThat(put.header("x-amz-server-side-encryption")).isEqualTo("AES256");
            assertThat(put.header("if-none-match")).isEqualTo("*");
            assertThat(put.header("x-amz-checksum-sha256"))
                    .isEqualTo(
                            io.marketdata.collector.model.Sha256.of(put.body()).base64());
            assertThat(put.header("content-type"))
                    .isEqualTo(put.key().endsWith(".gz") ? "application/gzip" : "application/json");
        });
        List<String> keys = puts.stream().map(StubS3.Request::key).toList();
        assertThat(keys.stream().filter(key -> key.contains("/manifest-")))
                .isNotEmpty()
                .allSatisfy(manifest -> {
                    String part = manifest.replace("/manifest-", "/part-").replace(".json", ".jsonl.gz");
                    assertThat(keys.indexOf(part)).as("put of %s", part).isBetween(0, keys.indexOf(manifest) - 1);
                });
    }

    private static List<String> filesBelow(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> String.valueOf(file.getFileName()))
                    .toList();
        }
    }

    private static TrustManager trustManager(Path keyStore) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            store.load(in, "changeit".toCharArray());
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers()[0];
    }
}
