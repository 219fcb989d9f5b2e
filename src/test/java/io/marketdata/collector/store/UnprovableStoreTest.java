package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.Uploads;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.UploadStatus;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/** Records for a minute into a store whose answers contain no SHA-256, and an ETag that is no MD5. */
class UnprovableStoreTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final int PARTS = 12;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private StubS3 server;
    private S3ObjectStore store;
    private Spool spool;
    private Uploader uploader;
    private RotatingWriter writer;

    @BeforeEach
    void start() throws IOException {
        server = new StubS3();
        server.describeObjects((headers, body) -> headers.set("ETag", "\"5f2f-" + body.length + '"'));
        store = new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        server.uri(),
                        1,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(9),
                        2,
                        S3Dialect.STRICT),
                AnonymousCredentialsProvider.create());
        spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT);
        uploader = Uploads.uploader(store, time, new UploadMetrics(new Metrics()));
        writer = Uploads.writer(spool, Origin.STREAM, time, uploader);
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
        store.close();
        server.close();
    }

    private void recordAMinute() throws IOException {
        for (int part = 0; part < PARTS; part++) {
            writer.append(Trades.trade(100 + part, SLOT + 5_000L * part));
            writer.close();
            upload();
        }
    }

    private void upload() {
        for (int second = 0; second < 5; second++) {
            while (uploader.packNext() || uploader.uploadNext()) {}
            time.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void everyPartAndEveryManifestIsStoredOnce() throws IOException {
        recordAMinute();

        assertEachIsStoredOnce();
    }

    @Test
    void lostAnswersMakeNoSecondObject() throws IOException {
        int[] puts = {0};
        server.script(request -> request.method().equals("PUT") && ++puts[0] % 3 == 0
                ? Optional.of(StubS3.storeAndLoseTheAnswer())
                : Optional.empty());
        recordAMinute();
        upload();

        assertEachIsStoredOnce();
    }

    @Test
    void withoutPermissionToReadEachPartIsPutOnceAndKeptUntilItIsGiven() throws IOException {
        server.script(request ->
                request.method().equals("GET") ? Optional.of(StubS3.error(403, "AccessDenied")) : Optional.empty());
        recordAMinute();
        for (int minute = 0; minute < 10; minute++) {
            upload();
            time.advance(Duration.ofMinutes(1));
        }

        assertThat(server.objects().keySet())
                .as("one name of each part that was tried")
                .hasSizeLessThanOrEqualTo(PARTS)
                .allSatisfy(key -> assertThat(key).matches(".*/part-local-001-\\d+000\\.jsonl\\.gz"));
        UploadStatus status = uploader.uploads();
        assertThat(status.backlog()).isEqualTo(PARTS);
        assertThat(status.message()).contains("allow this role s3:GetObject");

        server.script(request -> Optional.empty());
        for (int minute = 0; minute < 3; minute++) {
            time.advance(Duration.ofMinutes(1));
            upload();
        }
        assertEachIsStoredOnce();
    }

    private void assertEachIsStoredOnce() throws IOException {
        assertThat(uploader.backlog()).isZero();
        Map<String, byte[]> objects = new TreeMap<>(server.objects());
        assertThat(objects).hasSize(2 * PARTS);
        for (Map.Entry<String, byte[]> object : objects.entrySet()) {
            if (object.getKey().contains("/manifest-")) {
                Manifest manifest = ManifestJson.read(object.getValue());
                byte[] part = objects.get(manifest.payload().s3Key());
                assertThat(Sha256.of(part)).isEqualTo(manifest.payload().sha256());
            }
        }
    }
}
