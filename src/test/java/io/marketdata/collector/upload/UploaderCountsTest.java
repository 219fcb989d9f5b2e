package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.Uploads;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What the uploader counts and logs about an upload, and what it does between uploads. */
@Isolated("reads the log of a class that other tests use")
@Timeout(30)
class UploaderCountsTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final String SYMBOL = Trades.BTCUSDT.value();

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private final MemoryStore store = new MemoryStore();
    private final UploadMetrics metrics = new UploadMetrics(new Metrics());
    private Spool spool;
    private Uploader uploader;

    @BeforeEach
    void start() throws IOException {
        spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT);
        uploader = Uploads.uploader(store, time, metrics);
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    private void record(Origin origin, long... ids) throws IOException {
        RotatingWriter writer = Uploads.writer(spool, origin, time, uploader);
        for (long id : ids) {
            writer.append(trade(id, SLOT));
        }
        writer.close();
    }

    private void uploadAll() {
        while (uploader.packNext() || uploader.uploadNext()) {}
    }

    @Test
    void uploadIsCountedOnceItsManifestIsConfirmed() throws IOException {
        store.failWith(key -> {
            time.advance(Duration.ofSeconds(2));
            return Optional.empty();
        });
        assertThat(uploader.lastStored(Trades.BTCUSDT)).isEqualTo(-1);
        record(Origin.STREAM, 100, 101);
        uploadAll();
        long delayed = time.epochMillis() - SLOT;

        assertThat(uploader.lastStored(Trades.BTCUSDT)).isEqualTo(101);
        assertThat(metrics.partsUploaded.labelValues(SYMBOL).get()).isEqualTo(1);
        assertThat(metrics.tradesUploaded.labelValues(SYMBOL).get()).isEqualTo(2);
        assertThat(metrics.bytesUploaded.get()).isEqualTo(store.get(store.keys().get(0)).length);
        assertThat(metrics.storeDelay.collect().getDataPoints().get(0).getSum()).isEqualTo(delayed / 1e3);
        assertThat(metrics.packTime.collect().getDataPoints().get(0).getCount()).isEqualTo(1);
        assertThat(metrics.packTime.collect().getDataPoints().get(0).getSum()).isZero();
        assertThat(metrics.putTime.collect().getDataPoints())
                .extracting(HistogramDataPointSnapshot::getSum)
                .containsExactly(2.0, 2.0);
    }

    @Test
    void backfilledPartHasNoDelay() throws IOException {
        record(Origin.REST, 100);
        uploadAll();

        assertThat(metrics.partsUploaded.labelValues(SYMBOL).get()).isEqualTo(1);
        assertThat(metrics.storeDelay.collect().getDataPoints().get(0).getCount())
                .isZero();
    }

    @Test
    void failuresAreCountedByKind() throws IOException {
        store.failAlways(StoreException.Kind.CORRUPTED);
        record(Origin.STREAM, 100);
        uploadAll();

        assertThat(metrics.putFailures.labelValues("corrupted").get()).isEqualTo(1);
    }

    @Test
    void takenNameOfABackfilledPartIsAWarningAndOneOfALivePartAnError() throws IOException {
        try (LogLines log = new LogLines(Uploader.class)) {
            store.plant(key("rest-"), new byte[1]);
            record(Origin.REST, 100);
            uploadAll();
            assertThat(log.errors()).isEmpty();
            assertThat(log.all()).anyMatch(line -> line.startsWith("WARN") && line.contains("an earlier backfill"));

            time.advance(Duration.ofMinutes(1));
            store.plant(key(""), new byte[1]);
            record(Origin.STREAM, 101);
            uploadAll();
            assertThat(log.errors()).singleElement().asString().contains("INSTANCE_ID", "part-local-001-" + (SLOT + 1));
        }
    }

    private static String key(String origin) {
        return "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/part-local-001-" + origin + SLOT
                + ".jsonl.gz";
    }

    @Test
    void severalTakenNamesAreCountedAsRefusedWithTheirNumber() throws IOException {
        store.takeEveryName();
        record(Origin.STREAM, 100);
        uploadAll();

        assertThat(metrics.putFailures.labelValues("refused").get()).isEqualTo(1);
        assertThat(uploader.uploads().message())
                .startsWith("memory has other content under 2 names of one part in a row")
                .endsWith("part-local-001-" + (SLOT + 1) + ".jsonl.gz");
    }

    @Test
    void partThatIsGoneLeavesTheBacklog() throws IOException {
        record(Origin.STREAM, 100);
        uploader.packNext();
        try (var files = Files.list(spool.directory())) {
            for (Path file : files.filter(f -> f.toString().endsWith(".gz")).toList()) {
                Files.delete(file);
            }
        }
        try (LogLines log = new LogLines(Uploader.class)) {
            uploadAll();
            assertThat(log.all()).anyMatch(line -> line.contains("no longer in the spool"));
        }

        assertThat(uploader.backlog()).isZero();
        assertThat(store.attempts()).isEmpty();
    }

    @Test
    void logSaysWhenUploadsWorkAgain() throws IOException {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        record(Origin.STREAM, 100);
        uploadAll();
        store.heal();
        time.advance(Duration.ofSeconds(1));
        try (LogLines log = new LogLines(Uploader.class)) {
            uploadAll();
            record(Origin.STREAM, 101);
            uploadAll();
            assertThat(log.all().stream().filter(line -> line.contains("Uploads work again")))
                    .singleElement()
                    .asString()
                    .contains("failed attempts: 1, backlog: 0 parts");
        }
    }

    @Test
    void threadWaitsOnlyIfThereWasNoWork() throws InterruptedException {
        List<String> done = new ArrayList<>();
        uploader.workOrAwait(
                () -> done.add("work"),
                () -> done.add("idle"),
                Duration.ofHours(1).toNanos());
        assertThat(done).containsExactly("work");

        uploader.release();
        uploader.workOrAwait(
                () -> false, () -> done.add("idle"), Duration.ofHours(1).toNanos());
        assertThat(done).containsExactly("work", "idle");
    }

    @Test
    void earlierRunIsReadFromTheSpool() throws IOException {
        record(Origin.STREAM, 100);
        uploadAll();
        record(Origin.STREAM, 101);
        List<Long> unpacked = new ArrayList<>();

        assertThat(uploader.recorded(spool)).isPresent();
        uploader.recordedSince(spool, (origin, id, tradeTimeMs) -> unpacked.add(id));
        assertThat(unpacked).containsExactly(101L);
    }
}
