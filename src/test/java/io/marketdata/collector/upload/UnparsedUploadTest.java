package io.marketdata.collector.upload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnparsedUploadTest {

    private static final Path UNPARSED = Path.of("/spool/unparsed");
    private static final String FOLDER = "unparsed/exchange=binance/dt=2025-01-15/14/";

    /** 2025-01-15 14:12:16.567 UTC. */
    private static final long MS = 1_736_950_336_567L;

    private final ManualTime time = new ManualTime();
    private final MemoryDisk memory = new MemoryDisk();
    private final FaultyDisk disk = new FaultyDisk(memory);
    private final MemoryStore store = new MemoryStore();
    private final UploadMetrics metrics = new UploadMetrics(new Metrics());
    private UnparsedUpload upload;

    @BeforeEach
    void start() throws IOException {
        plant(MS, "one");
        plant(MS + 1, "two");
        UnparsedFrames frames = UnparsedFrames.open(
                disk,
                Path.of("/spool"),
                new InstanceId("a"),
                new UnparsedFrames.Budget(1 << 20, 1 << 20, 0),
                time,
                new SpoolMetrics(new Metrics()));
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8));
        upload = new UnparsedUpload(frames, store, 6, backoff, time, () -> 0.999, metrics);
    }

    private void plant(long epochMs, String content) {
        memory.put(UNPARSED.resolve("frames-a-" + epochMs + ".jsonl"), content.getBytes(UTF_8));
    }

    private boolean isLocal(long epochMs) {
        return memory.size(UNPARSED.resolve("frames-a-" + epochMs + ".jsonl")) >= 0;
    }

    private String stored(long epochMs) throws IOException {
        byte[] gzip = store.objects().get(FOLDER + "frames-a-" + epochMs + ".jsonl.gz");
        return new String(Gzip.decompress(gzip, 1 << 20), UTF_8);
    }

    @Test
    void filesAreUploadedOldestFirstBelowTheHourOfTheirNameAndDeleted() throws IOException {
        upload.run(() -> true);
        assertThat(store.keys())
                .containsExactly(
                        FOLDER + "frames-a-" + MS + ".jsonl.gz", FOLDER + "frames-a-" + (MS + 1) + ".jsonl.gz");
        assertThat(stored(MS)).isEqualTo("one");
        assertThat(isLocal(MS) || isLocal(MS + 1)).isFalse();
        assertThat(metrics.unparsedUploaded.getLongValue()).isEqualTo(2);
    }

    @Test
    void fileWithoutAConfirmationStaysAndIsRetriedAfterAPause() throws IOException {
        store.loseNextAnswer();
        upload.run(() -> true);
        assertThat(isLocal(MS)).isTrue();
        assertThat(upload.failure().files()).isEqualTo(2);
        upload.run(() -> true);
        assertThat(store.attempts()).as("pause").hasSize(1);
        time.advance(Duration.ofSeconds(1));
        upload.run(() -> true);
        assertThat(upload.failure()).isNull();
        assertThat(store.keys()).hasSize(2);
        assertThat(isLocal(MS) || isLocal(MS + 1)).isFalse();
    }

    @Test
    void fileThatFailsHoldsUpNoOther() {
        store.failWith(key -> key.contains("-" + MS + ".")
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "no"))
                : Optional.empty());
        upload.run(() -> true);
        time.advance(Duration.ofSeconds(1));
        upload.run(() -> true);
        assertThat(isLocal(MS)).isTrue();
        assertThat(isLocal(MS + 1)).isFalse();
    }

    @Test
    void nameWithOtherContentIsLeftAloneAndTheFileTakesTheNextFreeOne() throws IOException {
        store.plant(FOLDER + "frames-a-" + MS + ".jsonl.gz", new byte[] {1});
        upload.run(() -> true);
        time.advance(Duration.ofSeconds(1));
        upload.run(() -> true);
        assertThat(store.objects().get(FOLDER + "frames-a-" + MS + ".jsonl.gz")).containsExactly(1);
        assertThat(stored(MS + 1)).isEqualTo("two");
        assertThat(stored(MS + 2)).isEqualTo("one");
        assertThat(memory.filesBelow(UNPARSED)).containsExactly(UNPARSED.resolve(".lock"));
    }

    @Test
    void storeThatTakesNoNameIsAskedEverLessOften() {
        store.failWith(key -> {
            store.plant(key, new byte[] {1});
            return Optional.empty();
        });
        for (int second = 0; second < 60; second++) {
            upload.run(() -> true);
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(store.attempts()).hasSizeBetween(8, 12);
    }

    @Test
    void fileThatCannotBeReadOrDeletedFailsAlone() {
        disk.failWhen((operation, file) -> operation.equals("delete") && file.endsWith("frames-a-" + MS + ".jsonl"));
        upload.run(() -> true);
        time.advance(Duration.ofSeconds(1));
        upload.run(() -> true);
        assertThat(isLocal(MS)).isTrue();
        assertThat(isLocal(MS + 1)).isFalse();
        assertThat(upload.failure()).isNotNull();
    }
}
