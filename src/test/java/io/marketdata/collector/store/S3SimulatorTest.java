package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.S3Simulator;
import io.marketdata.collector.simulator.S3Simulator.Trouble;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.StoreException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the store contract and scripted faults against the demo's bucket, through the collector's own client. */
class S3SimulatorTest extends ObjectStoreContract {

    @Override
    boolean lists() {
        return false;
    }

    private static final byte[] BODY = "a part".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private S3Simulator bucket;
    private ObjectStore store;

    @BeforeEach
    void start() throws Exception {
        bucket = new S3Simulator(
                folder.resolve("bucket"),
                folder.resolve("incoming"),
                task -> {
                    Thread thread = new Thread(task, "bucket");
                    thread.setDaemon(true);
                    return thread;
                },
                Time.SYSTEM);
        store = S3Stores.of(bucket.uri(), "demo", "demo", "demo");
    }

    @AfterEach
    void stop() {
        store.close();
        bucket.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Override
    byte[] read(String key) throws Exception {
        return Files.readAllBytes(folder.resolve("bucket").resolve(key));
    }

    @Test
    void errorStoresNothingAndTheClientRetries() throws Exception {
        bucket.inflict(new Trouble.Refuse(500, "InternalError"), Extent.next(2));

        assertThat(put()).isEqualTo(PutOutcome.STORED);

        assertThat(bucket.puts(500)).isEqualTo(2);
        assertThat(bucket.puts(200)).isEqualTo(1);
        assertThat(bucket.repeatedPuts()).isZero();
        assertThat(read("raw/x")).isEqualTo(BODY);
    }

    @Test
    void lastingRefusalFailsThePutAndLeavesNothing() throws Exception {
        bucket.inflict(new Trouble.Refuse(403, "AccessDenied"), Extent.always());

        assertThatThrownBy(this::put).isInstanceOf(StoreException.class).hasMessageContaining("AccessDenied");

        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void repeatedPutFindsTheObjectOfALostResponse() throws Exception {
        bucket.inflict(new Trouble.LoseAnswer(), Extent.next(1));

        assertThat(put()).isEqualTo(PutOutcome.ALREADY_STORED);

        assertThat(bucket.lostAnswers()).isEqualTo(1);
        assertThat(bucket.repeatedPuts()).isEqualTo(1);
        assertThat(bucket.puts(200)).isZero();
        assertThat(read("raw/x")).isEqualTo(BODY);
    }

    @Test
    void chunkedBodiesAreDecoded() throws Exception {
        String chunks = "3;chunk-signature=0\r\na p\r\n3\r\nart\r\n0\r\n\r\n";
        HttpRequest put = HttpRequest.newBuilder(URI.create(bucket.uri() + "/demo/raw/x"))
                .header("Content-Encoding", "aws-chunked")
                .header("x-amz-checksum-sha256", Sha256.of(BODY).base64())
                .PUT(BodyPublishers.ofString(chunks))
                .build();

        assertThat(HttpClient.newHttpClient()
                        .send(put, BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
        assertThat(read("raw/x")).isEqualTo(BODY);
    }

    @Test
    void keyOutsideTheBucketIsRefused() throws Exception {
        HttpRequest put = HttpRequest.newBuilder(URI.create(bucket.uri() + "/demo/%2e%2e/x"))
                .header("x-amz-checksum-sha256", Sha256.of(BODY).base64())
                .PUT(BodyPublishers.ofByteArray(BODY))
                .build();

        assertThat(HttpClient.newHttpClient()
                        .send(put, BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(400);
        assertThat(folder.resolve("x")).doesNotExist();
    }

    private PutOutcome put() throws StoreException {
        return store.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP);
    }
}
