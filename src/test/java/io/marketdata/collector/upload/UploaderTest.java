package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.line;
import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Schemas;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.Uploads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("reads the log of classes that other tests use")
class UploaderTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final String FOLDER = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/";

    @TempDir
    private Path folder;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final ManualTime time = new ManualTime();
    private final MemoryStore store = new MemoryStore();
    private final UploadMetrics metrics = new UploadMetrics(new Metrics());
    private Spool spool;
    private Uploader uploader;
    private RotatingWriter writer;

    @BeforeEach
    void start() throws IOException {
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        uploader = Uploads.uploader(store, time, metrics);
        writer = Uploads.writer(spool, Origin.STREAM, time, uploader);
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    /** Stops like a crash: memory is lost, the files stay; then starts again. */
    private void crashAndRestart() throws IOException {
        spool.close();
        start();
        new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
    }

    private void record(long id, long tradeTimeMs) throws IOException {
        writer.append(trade(id, tradeTimeMs));
    }

    private void sealAndUpload() throws IOException {
        writer.close();
        uploadAll();
    }

    private void uploadAll() {
        while (uploader.packNext() || uploader.uploadNext()) {}
    }

    @Test
    @Timeout(60)
    void failureWakesWaitingThread() throws Exception {
        record(1, SLOT);
        writer.close();
        uploader.packNext();
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        CountDownLatch failed = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try {
                uploader.awaitChange(uploader.changes(), Duration.ofHours(1).toNanos());
                failed.countDown();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        other.start();
        Await.until("the thread waits", () -> other.getState() == Thread.State.TIMED_WAITING);

        uploader.uploadNext();

        failed.await();
        other.join();
    }

    @Test
    void partAndManifestAreInTheFolderOfTheirMinuteAndTheSpoolIsEmpty() throws IOException {
        record(100, SLOT);
        record(101, SLOT + 7);
        sealAndUpload();

        assertThat(store.keys())
                .containsExactly(
                        FOLDER + "part-local-001-" + SLOT + ".jsonl.gz",
                        FOLDER + "manifest-local-001-" + SLOT + ".json");
        assertThat(lines(FOLDER + "part-local-001-" + SLOT + ".jsonl.gz"))
                .isEqualTo(line(100, SLOT) + line(101, SLOT + 7));
        assertThat(uploader.backlog()).isZero();
        assertThat(disk.list(spool.directory())).containsExactlyInAnyOrder(".lock", ".checkpoint");
    }

    @Test
    void manifestDescribesThePartAndFollowsItsSchema() throws IOException {
        record(100, SLOT);
        record(103, SLOT + 7);
        sealAndUpload();

        byte[] json = store.get(store.keys().get(1));
        byte[] gzip = store.get(store.keys().get(0));
        Manifest manifest = ManifestJson.read(json);
        assertThat(manifest.payload().s3Key()).isEqualTo(store.keys().get(0));
        assertThat(manifest.payload().sha256()).isEqualTo(Sha256.of(gzip));
        assertThat(manifest.payload().bytesGzip()).isEqualTo(gzip.length);
        assertThat(manifest.payload().summary().recordCount()).isEqualTo(2);
        assertThat(manifest.payload().summary().bytesUncompressed())
                .isEqualTo(line(100, SLOT).length() + line(103, SLOT + 7).length());
        assertThat(manifest.payload().summary().timeMinMs()).isEqualTo(SLOT);
        assertThat(manifest.payload().summary().timeMaxMs()).isEqualTo(SLOT + 7);
        assertThat(manifest.payload().summary().idFirst()).isEqualTo(100);
        assertThat(manifest.payload().summary().idLast()).isEqualTo(103);
        assertThat(manifest.quality().missingIds()).containsExactly(new IdRange(101, 102));
        assertThat(manifest.quality().rotatedBy()).isEqualTo(RotatedBy.SHUTDOWN);
        assertThat(manifest.createdAtMs()).isEqualTo(ManualTime.START_MS);
        assertThat(new String(json, StandardCharsets.UTF_8)).endsWith("}\n").containsOnlyOnce("\n");
        assertThat(Schemas.violations("manifest.json", json)).isEmpty();
        assertThat(ManifestJson.write(manifest)).isEqualTo(json);
    }

    @Test
    void manifestNamesThePreviousPartAndTheGapBetween() throws IOException {
        record(100, SLOT);
        sealAndUpload();
        record(105, SLOT + 5_000);
        sealAndUpload();
        crashAndRestart();
        record(110, SLOT + 10_000);
        sealAndUpload();

        Manifest first = ManifestJson.read(store.get(store.keys().get(1)));
        Manifest second = ManifestJson.read(store.get(store.keys().get(3)));
        Manifest third = ManifestJson.read(store.get(store.keys().get(5)));
        assertThat(first.previous()).isNull();
        assertThat(second.previous())
                .isEqualTo(new Manifest.Previous(
                        first.payload().s3Key(), first.payload().sha256(), 100));
        assertThat(second.quality().missingIds()).containsExactly(new IdRange(101, 104));
        assertThat(third.previous())
                .isEqualTo(new Manifest.Previous(
                        second.payload().s3Key(), second.payload().sha256(), 105));
        assertThat(third.quality().missingIds()).containsExactly(new IdRange(106, 109));
    }

    @Test
    void damagedCheckpointIsIgnored() throws IOException {
        record(100, SLOT);
        sealAndUpload();
        Files.writeString(spool.directory().resolve(".checkpoint"), "1 epoch_ms=17369");
        record(105, SLOT + 5_000);
        sealAndUpload();

        assertThat(ManifestJson.read(store.get(store.keys().get(3))).previous()).isNull();
        assertThat(uploader.backlog()).isZero();
    }

    @Test
    void partIsKeptAndRetriedIndefinitelyWhileTheStoreFails() throws IOException {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        record(100, SLOT);
        writer.close();
        for (int i = 0; i < 50; i++) {
            uploadAll();
            assertThat(uploader.backlog()).isEqualTo(1);
            time.advance(Duration.ofMinutes(1));
        }
        store.heal();
        uploadAll();

        assertThat(store.attempts()).hasSizeGreaterThan(50);
        assertThat(store.keys()).hasSize(2);
        assertThat(uploader.backlog()).isZero();
    }

    @Test
    void partStaysInTheBacklogUntilItsManifestIsConfirmed() throws IOException {
        store.failWith(key -> key.contains("manifest-")
                ? Optional.of(new StoreException(StoreException.Kind.UNAVAILABLE, "503"))
                : Optional.empty());
        record(100, SLOT);
        sealAndUpload();
        assertThat(uploader.backlog()).isEqualTo(1);

        store.heal();
        time.advance(Duration.ofSeconds(1));
        uploadAll();

        assertThat(store.keys()).hasSize(2);
        assertThat(uploader.backlog()).isZero();
    }

    @Test
    void lostResponseMakesNoSecondObject() throws IOException {
        record(100, SLOT);
        store.loseNextAnswer();
        sealAndUpload();
        time.advance(Duration.ofSeconds(1));
        uploadAll();

        assertThat(store.keys()).hasSize(2);
        assertThat(uploader.backlog()).isZero();
    }

    @Test
    void takenNameIsNotOverwrittenAndThePartGetsTheNextName() throws IOException {
        String taken = FOLDER + "part-local-001-" + SLOT + ".jsonl.gz";
        store.plant(taken, new byte[] {1, 2, 3});
        record(100, SLOT);
        sealAndUpload();

        assertThat(store.get(taken)).containsExactly(1, 2, 3);
        assertThat(lines(FOLDER + "part-local-001-" + (SLOT + 1) + ".jsonl.gz")).isEqualTo(line(100, SLOT));
        Manifest manifest = ManifestJson.read(store.get(FOLDER + "manifest-local-001-" + (SLOT + 1) + ".json"));
        assertThat(manifest.payload().s3Key()).isEqualTo(FOLDER + "part-local-001-" + (SLOT + 1) + ".jsonl.gz");
        assertThat(metrics.nameCollisions.get()).isEqualTo(1);
        assertThat(disk.list(spool.directory())).containsExactlyInAnyOrder(".lock", ".checkpoint");
    }

    @Test
    void onePartThatIsAlwaysRefusedDelaysNoOther() throws IOException {
        store.failWith(key -> key.contains("part-local-001-" + SLOT)
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "400"))
                : Optional.empty());
        for (int i = 0; i < 20; i++) {
            record(100 + i, SLOT + 5_000L * i);
        }
        writer.close();
        for (int i = 0; i < 30; i++) {
            uploadAll();
            time.advance(Duration.ofSeconds(1));
        }

        assertThat(uploader.backlog()).isEqualTo(1);
        assertThat(store.keys()).hasSize(38);
    }

    /** If the store refuses one part only, no other part is delayed: no pause, and several uploads at once. */
    @Test
    void oneRefusedPartIsNoOutage() throws IOException {
        String refused = "part-local-001-" + SLOT + ".";
        store.failWith(key -> key.contains(refused)
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "400"))
                : Optional.empty());
        for (int i = 0; i < 20; i++) {
            record(100 + i, SLOT + 5_000L * i);
        }
        writer.close();
        uploadAll();

        assertThat(uploader.backlog())
                .as("at the same instant, without any pause")
                .isEqualTo(1);
        assertThat(store.attempts().stream().filter(key -> key.contains(refused)))
                .hasSize(1);
    }

    @Test
    void refusedPartIsRetriedIndefinitelyAndNamedAfterTenFailures() throws IOException {
        String refused = "part-local-001-" + SLOT + ".";
        store.failWith(key -> key.contains(refused)
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "400"))
                : Optional.empty());
        List<String> errors = new ArrayList<>();
        record(100, SLOT);
        writer.close();
        try (LogLines log = new LogLines(Uploader.class)) {
            for (int second = 0; second < 1_200; second++) {
                if (second % 5 == 0) {
                    record(200 + second, SLOT + 60_000 + 1_000L * second);
                    writer.close();
                }
                uploadAll();
                assertThat(uploader.backlog()).isEqualTo(1);
                time.advance(Duration.ofSeconds(1));
            }
            errors.addAll(log.errors());
        }

        // 1 + 2 + 4 … 32 s, then once a minute
        assertThat(store.attempts().stream().filter(key -> key.contains(refused)))
                .hasSizeBetween(20, 30);
        assertThat(errors.stream().filter(line -> line.contains("has failed 10 times")))
                .singleElement()
                .asString()
                .contains(refused);
        assertThat(errors).as("at most one a minute").hasSizeBetween(15, 22);
        assertThat(spool.list(PartState.PACKED)).hasSize(1);
        store.heal();
        time.advance(Duration.ofMinutes(1));
        uploadAll();
        assertThat(uploader.backlog()).isZero();
    }

    @Test
    void unavailableStoreGetsFewRequests() throws IOException {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        for (int i = 0; i < 100; i++) {
            record(100 + i, SLOT + 5_000L * i);
            writer.rotateDue();
        }
        writer.close();
        for (int i = 0; i < 600; i++) {
            uploadAll();
            time.advance(Duration.ofSeconds(1));
        }

        // 1 + 2 + 4 … 32 s of pauses, then one attempt a minute: about 15 in ten minutes
        assertThat(store.attempts()).hasSizeBetween(10, 20);
    }

    /**
     * The bucket has both objects, the disk is read-only: nothing is put again, no part is delayed, and it is logged.
     */
    @Test
    void partThatCannotBeDeletedCountsAsUploadedAndIsDeletedWhenTheDiskAllowsIt() throws IOException {
        for (int i = 0; i < 5; i++) {
            record(100 + i, SLOT + 5_000L * i);
        }
        writer.close();
        while (uploader.packNext()) {}
        disk.failWhen((operation, file) -> operation.equals("delete"));
        List<String> errors;
        try (LogLines log = new LogLines(Uploader.class)) {
            for (int second = 0; second < 180; second++) {
                uploadAll();
                if (second % 60 == 59) {
                    new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
                }
                time.advance(Duration.ofSeconds(1));
            }
            errors = log.errors();
        }

        assertThat(uploader.backlog()).isZero();
        assertThat(metrics.partsUploaded.labelValues("BTCUSDT").getLongValue()).isEqualTo(5);
        assertThat(metrics.tradesUploaded.labelValues("BTCUSDT").getLongValue()).isEqualTo(5);
        assertThat(metrics.putFailures.labelValues("unavailable").getLongValue())
                .isZero();
        assertThat(store.attempts()).as("each object is put once").hasSize(10);
        assertThat(errors).hasSize(3).first().asString().contains("part-local-001-" + SLOT + ".jsonl.gz");
        assertThat(spool.list(PartState.PACKED)).hasSize(5);

        disk.failWhen((operation, file) -> false);
        time.advance(Duration.ofMinutes(1));
        uploadAll();
        assertThat(disk.list(spool.directory())).containsExactlyInAnyOrder(".lock", ".checkpoint");
        assertThat(metrics.partsUploaded.labelValues("BTCUSDT").getLongValue()).isEqualTo(5);
    }

    @Test
    void nextStartFindsUndeletedPartInTheBucket() throws IOException {
        record(100, SLOT);
        writer.close();
        while (uploader.packNext()) {}
        disk.failWhen((operation, file) -> operation.equals("delete"));
        uploadAll();
        disk.failWhen((operation, file) -> false);
        crashAndRestart();
        assertThat(uploader.backlog()).isEqualTo(1);
        uploadAll();

        assertThat(store.keys()).hasSize(2);
        assertThat(disk.list(spool.directory())).containsExactlyInAnyOrder(".lock", ".checkpoint");
    }

    @Test
    void backlogDoesNotDelayLiveData() throws IOException {
        for (int i = 0; i < 50; i++) {
            record(100 + i, SLOT + 5_000L * i);
        }
        writer.close();
        while (uploader.packNext()) {}
        uploader.uploadNext();
        uploader.uploadNext();

        assertThat(store.keys().get(0)).contains("part-local-001-" + SLOT);
        assertThat(store.keys().get(2)).contains("part-local-001-" + (SLOT + 5_000L * 49));
    }

    @Test
    void leftoverOfACrashIsUploadedUnderItsOldName() throws IOException {
        record(100, SLOT);
        record(101, SLOT + 1);
        crashAndRestart();
        uploadAll();

        assertThat(store.keys().get(0)).isEqualTo(FOLDER + "part-local-001-" + SLOT + ".jsonl.gz");
        assertThat(ManifestJson.read(store.get(store.keys().get(1))).quality().rotatedBy())
                .isEqualTo(RotatedBy.RECOVERY);
    }

    @Test
    void tornLastLineIsQuarantinedAndNotUploaded() throws IOException {
        record(100, SLOT);
        disk.failNextWriteAfter(40);
        try {
            record(101, SLOT + 1);
        } catch (IOException expected) {
            assertThat(expected).hasMessageContaining("trade 101");
        }
        crashAndRestart();
        uploadAll();

        assertThat(lines(store.keys().get(0))).isEqualTo(line(100, SLOT));
        assertThat(Files.readString(spool.directory().resolve("quarantine/part-local-001-" + SLOT + ".bad")))
                .isEqualTo(line(101, SLOT + 1).substring(0, 40));
        assertThat(metrics.linesQuarantined.get()).isEqualTo(1);
    }

    @Test
    void partWithoutATradeIsNotUploaded() throws IOException {
        Files.writeString(spool.directory().resolve("part-local-001-" + SLOT + ".jsonl.open"), "");
        Files.writeString(spool.directory().resolve("part-local-001-" + (SLOT + 9) + ".jsonl"), "\0\0\0\0");
        crashAndRestart();
        uploadAll();

        assertThat(store.attempts()).isEmpty();
        assertThat(uploader.backlog()).isZero();
        assertThat(disk.list(spool.directory())).containsExactlyInAnyOrder(".lock", "quarantine");
    }

    @Test
    void missingManifestOfAPackedLeftoverIsRebuilt() throws IOException {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        record(100, SLOT);
        writer.close();
        uploadAll();
        Files.delete(spool.directory().resolve("manifest-local-001-" + SLOT + ".json"));
        store.heal();
        crashAndRestart();
        uploadAll();

        Manifest manifest = ManifestJson.read(store.get(store.keys().get(1)));
        assertThat(manifest.payload().sha256())
                .isEqualTo(Sha256.of(store.get(store.keys().get(0))));
        assertThat(manifest.payload().summary().recordCount()).isEqualTo(1);
    }

    @Test
    void damagedPackedLeftoverIsQuarantinedAndDelaysNothing() throws IOException {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        record(100, SLOT);
        record(101, SLOT + 5_000);
        writer.close();
        while (uploader.packNext()) {}
        Path packed = spool.directory().resolve("part-local-001-" + SLOT + ".jsonl.gz");
        byte[] bytes = Files.readAllBytes(packed);
        bytes[bytes.length / 2] ^= 0x10;
        Files.write(packed, bytes);
        store.heal();
        crashAndRestart();
        uploadAll();

        assertThat(store.keys()).hasSize(2);
        assertThat(store.keys().get(0)).contains("part-local-001-" + (SLOT + 5_000));
        assertThat(spool.directory().resolve("quarantine/part-local-001-" + SLOT + ".jsonl.gz.bad"))
                .hasBinaryContent(bytes);
    }

    /** Every single operation of packing and uploading fails once; the part must arrive, complete and only once. */
    @Test
    void partArrivesAfterAFaultInAnyDiskOperation() throws IOException {
        record(100, SLOT);
        sealAndUpload();
        int operations =
                (int) disk.log().stream().filter(op -> !op.equals("write")).count();
        for (int n = 0; n < operations + 3; n++) {
            long slot = SLOT + 60_000L * (n + 1);
            record(200 + n, slot);
            writer.close();
            int failing = n;
            int[] seen = {0};
            disk.failWhen((operation, file) -> seen[0]++ == failing);
            uploadAll();
            disk.failWhen((operation, file) -> false);
            time.advance(Duration.ofMinutes(2));
            new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
            uploadAll();

            assertThat(uploader.backlog()).as("operation %d", n).isZero();
            long id = 200 + n;
            assertThat(store.keys().stream()
                            .filter(key -> key.contains("part-"))
                            .filter(key -> lines(key).equals(line(id, slot))))
                    .as("operation %d", n)
                    .hasSize(1);
        }
    }

    private String lines(String key) {
        try {
            return new String(Gzip.decompress(store.get(key), 1 << 20), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
