package io.marketdata.collector.store;

import static io.marketdata.collector.testkit.StubS3.error;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.StubS3.Answer;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/** Runs the uploader with the real client: after every fault the spool drains, and every object is stored once. */
class S3DrainTest {

    private static final long SLOT = 1_736_950_335_000L;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();

    private static Map<String, Answer> faults() {
        Map<String, Answer> faults = new LinkedHashMap<>();
        faults.put("overloaded", error(503, "SlowDown"));
        faults.put("internal error", error(500, "InternalError"));
        faults.put("no connection", StubS3.hangUp());
        faults.put("no answer", (exchange, request, server) -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        faults.put("answer lost", StubS3.storeAndLoseTheAnswer());
        faults.put(
                "success that is an error",
                (exchange, request, server) ->
                        StubS3.answer(exchange, 200, "<Error><Code>InternalError</Code></Error>"));
        faults.put("other digest", (exchange, request, server) -> {
            exchange.getResponseHeaders()
                    .set("x-amz-checksum-sha256", Sha256.of(new byte[1]).base64());
            StubS3.answer(exchange, 200, "");
        });
        faults.put("damaged", error(400, "BadDigest"));
        faults.put("not allowed", error(403, "AccessDenied"));
        faults.put("no such bucket", error(404, "NoSuchBucket"));
        faults.put("other region", error(301, "PermanentRedirect", "x-amz-bucket-region", "eu-central-1"));
        faults.put("expired", error(400, "ExpiredToken"));
        faults.put("clock", error(403, "RequestTimeTooSkewed"));
        faults.put("conflict", error(409, "ConditionalRequestConflict"));
        faults.put("taken by others", (exchange, request, server) -> {
            server.plant(request.key(), new byte[] {9});
            error(412, "PreconditionFailed").give(exchange, request, server);
        });
        return faults;
    }

    @Test
    void spoolDrainsAfterEveryFaultAndEveryObjectIsStoredOnce() throws IOException {
        try (StubS3 server = new StubS3();
                S3ObjectStore store = new S3ObjectStore(
                        new S3Options(
                                "bucket",
                                "us-east-1",
                                server.uri(),
                                2,
                                Duration.ofMillis(700),
                                Duration.ofSeconds(5),
                                2,
                                S3Dialect.STRICT),
                        AnonymousCredentialsProvider.create());
                Spool spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT)) {
            Uploader uploader = new Uploader(
                    store,
                    6,
                    new Software("test", "17"),
                    new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                    time,
                    () -> 0.999,
                    new UploadMetrics(new Metrics()));
            RotatingWriter writer = new RotatingWriter(
                    spool,
                    new InstanceId("local-001"),
                    Origin.STREAM,
                    new RotationPolicy(2 << 20, Duration.ofSeconds(5)),
                    time,
                    new SpoolMetrics(new Metrics()),
                    uploader::offer);
            List<String> expected = new ArrayList<>();
            long slot = SLOT;
            for (Map.Entry<String, Answer> fault : faults().entrySet()) {
                slot += 5_000;
                boolean taken = fault.getKey().equals("taken by others");
                writer.append(Trades.trade(slot, slot));
                writer.close();
                server.nextPuts(fault.getValue());
                server.breakNextBodies(List.of(20));
                for (int minute = 0; minute < 5 && uploader.backlog() > 0; minute++) {
                    while (uploader.packNext() || uploader.uploadNext()) {}
                    time.advance(Duration.ofMinutes(1));
                }
                assertThat(uploader.backlog()).as(fault.getKey()).isZero();
                expected.add("part-local-001-" + (taken ? slot + 1 : slot) + ".jsonl.gz");
                expected.add("manifest-local-001-" + (taken ? slot + 1 : slot) + ".json");
                if (taken) {
                    expected.add("part-local-001-" + slot + ".jsonl.gz");
                }
            }
            server.script(request -> Optional.empty());

            assertThat(server.objects().keySet().stream().map(key -> key.replaceFirst(".*/", "")))
                    .containsExactlyInAnyOrderElementsOf(expected);
            assertThat(server.objects().keySet()).doesNotHaveDuplicates();
            assertThat(spool.list(PartState.PACKED)).isEmpty();
            assertThat(spool.list(PartState.SEALED)).isEmpty();
        }
    }
}
