package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.Uploads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Object names of ours that another object has: of the part, of the manifest, and of every part. */
@Isolated("reads the log of a class that other tests use")
class TakenNamesTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final String FOLDER = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/";
    private static final String PART = FOLDER + "part-local-001-" + SLOT + ".jsonl.gz";
    private static final String MANIFEST = FOLDER + "manifest-local-001-" + SLOT + ".json";
    private static final String NEXT_PART = FOLDER + "part-local-001-" + (SLOT + 1) + ".jsonl.gz";
    private static final String NEXT_MANIFEST = FOLDER + "manifest-local-001-" + (SLOT + 1) + ".json";

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private final MemoryStore store = new MemoryStore();
    private final UploadMetrics metrics = new UploadMetrics(new Metrics());
    private Spool spool;
    private Uploader uploader;
    private RotatingWriter writer;

    @BeforeEach
    void start() throws IOException {
        spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT);
        uploader = Uploads.uploader(store, time, metrics);
        writer = Uploads.writer(spool, Origin.STREAM, time, uploader);
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    private void record(long id, long tradeTimeMs) throws IOException {
        writer.append(trade(id, tradeTimeMs));
        writer.close();
    }

    private void uploadAll() {
        while (uploader.packNext() || uploader.uploadNext()) {}
    }

    private void uploadFor(Duration duration) {
        for (long second = 0; second < duration.toSeconds(); second++) {
            uploadAll();
            time.advance(Duration.ofSeconds(1));
        }
    }

    /** An object that has the name of our manifest, made from that manifest. */
    enum Found {
        MADE_AGAIN(true, ours -> ours.replaceFirst("\"created_at_ms\":\\d+", "\"created_at_ms\":1")),
        MADE_AGAIN_BY_RECOVERY(true, ours -> ours.replace("\"shutdown\"", "\"recovery\"")),
        OF_A_LATER_VERSION(true, ours -> ours.replace("\"version\":\"1\"", "\"version\":\"2\",\"more\":{}")),
        REFORMATTED(true, ours -> ours.replace(",", ",\n  ")),
        OTHER_DIGEST(false, ours -> ours.replaceFirst("\"sha256\":\"..", "\"sha256\":\"zz")),
        OTHER_KEY(false, ours -> ours.replace("/part-local-001-", "/part-local-002-")),
        OTHER_INSTANCE(false, ours -> ours.replace("\"instance_id\":\"local-001\"", "\"instance_id\":\"local-002\"")),
        NO_PAYLOAD(false, ours -> ours.replace("\"payload\"", "\"other\"")),
        HALF(false, ours -> ours.substring(0, ours.length() / 2)),
        NO_JSON(false, ours -> "another's"),
        ARRAY(false, ours -> "[" + ours + "]"),
        DEEP(false, ours -> "[".repeat(100_000)),
        LONG(
                false,
                ours -> ours.strip().replaceFirst("}$", ",\"x\":\"" + "x".repeat(StoredManifest.MAX_BYTES) + "\"}")),
        EMPTY(false, ours -> "");

        private final boolean isOurs;
        private final UnaryOperator<String> text;

        Found(boolean isOurs, UnaryOperator<String> text) {
            this.isOurs = isOurs;
            this.text = text;
        }
    }

    /** Puts an object under the manifest's name when the part has been stored. */
    private void plantBeforeTheManifest(Found found) {
        store.failWith(key -> {
            if (key.equals(MANIFEST) && !store.keys().contains(MANIFEST)) {
                store.plant(MANIFEST, bytes(found.text.apply(manifestInSpool())));
            }
            return Optional.empty();
        });
    }

    private String manifestInSpool() {
        try {
            return new String(
                    spool.readManifest(spool.list(PartState.PACKED).get(0)).orElseThrow(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void manifestNameIsOursOnlyIfItsObjectCommitsThisPart(Found found) throws IOException {
        plantBeforeTheManifest(found);
        record(100, SLOT);
        String planted = found.text.apply(manifestOfTheNextPack());
        uploadAll();

        assertThat(store.get(MANIFEST)).as("not overwritten").isEqualTo(bytes(planted));
        assertThat(spool.list(PartState.PACKED)).isEmpty();
        assertThat(metrics.nameCollisions.get()).isEqualTo(found.isOurs ? 0 : 1);
        if (found.isOurs) {
            assertThat(store.keys()).containsExactly(PART, MANIFEST);
        } else {
            assertThat(store.keys()).containsExactly(PART, MANIFEST, NEXT_PART, NEXT_MANIFEST);
            assertThat(store.get(NEXT_PART)).isEqualTo(store.get(PART));
            Manifest committed = ManifestJson.read(store.get(NEXT_MANIFEST));
            assertThat(committed.payload().s3Key()).isEqualTo(NEXT_PART);
            assertThat(committed.payload().sha256()).isEqualTo(Sha256.of(store.get(NEXT_PART)));
        }
    }

    private String manifestOfTheNextPack() {
        uploader.packNext();
        return manifestInSpool();
    }

    @ParameterizedTest
    @EnumSource
    void manifestThatCannotBeReadIsRetriedAndNothingIsDeletedOrRenamed(Found found) throws IOException {
        plantBeforeTheManifest(found);
        store.failReadsWith(key -> Optional.of(new StoreException(StoreException.Kind.REFUSED, "allow GetObject")));
        record(100, SLOT);
        uploadFor(Duration.ofMinutes(10));

        assertThat(store.keys()).containsExactly(PART, MANIFEST);
        assertThat(spool.list(PartState.PACKED)).hasSize(1);
        assertThat(uploader.uploads().message()).isEqualTo("allow GetObject");
        assertThat(store.attempts()).as("with back-off").hasSizeLessThan(40);

        store.failReadsWith(key -> Optional.empty());
        uploadFor(Duration.ofMinutes(1));
        assertThat(uploader.backlog()).isZero();
        assertThat(store.keys()).hasSize(found.isOurs ? 2 : 4);
    }

    @Test
    void takenManifestThatIsNotThereIsRetried() throws IOException {
        record(100, SLOT);
        store.plant(MANIFEST, bytes("another's"));
        store.hide(MANIFEST);
        uploadAll();

        assertThat(uploader.backlog()).isEqualTo(1);
        assertThat(uploader.uploads().failure()).isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertThat(uploader.uploads().message()).contains(MANIFEST, "no such object");
        assertThat(store.keys()).containsExactly(MANIFEST, PART);
    }

    @Test
    void storeForWhichEveryNameIsTakenGetsFewRequestsAndHealthSaysSo() throws IOException {
        store.takeEveryName();
        List<String> errors;
        try (LogLines log = new LogLines(Uploader.class)) {
            for (int slot = 0; slot < 120; slot++) {
                record(100 + slot, SLOT + 5_000L * slot);
                uploadFor(Duration.ofSeconds(5));
            }
            errors = log.errors();
        }

        assertThat(store.keys()).isEmpty();
        // 1 + 2 + 4 … 32 s of pauses, then one attempt a minute, each with at most two names of a part
        assertThat(store.attempts()).hasSizeLessThan(50);
        assertThat(errors).as("two a minute").hasSizeLessThan(22);
        assertThat(uploader.backlog()).isEqualTo(120);
        UploadStatus status = uploader.uploads();
        assertThat(status.failure()).isEqualTo(StoreException.Kind.REFUSED);
        assertThat(status.message()).contains("in a row", "INSTANCE_ID", "412", "memory");
        assertThat(metrics.putFailures.labelValues("refused").get()).isPositive();

        store.freeEveryName();
        uploadFor(Duration.ofMinutes(2));
        assertThat(uploader.backlog()).isZero();
        assertThat(store.keys()).as("one part and one manifest each").hasSize(240);
        assertThat(uploader.uploads().failure()).isNull();
    }

    @Test
    void firstTakenNameIsNoPauseAndTheFollowingOnesPauseLonger() throws IOException {
        for (int ms = 0; ms < 7; ms++) {
            store.plant(FOLDER + "part-local-001-" + (SLOT + ms) + ".jsonl.gz", bytes("another's"));
        }
        record(100, SLOT);
        uploadAll();
        assertThat(store.attempts()).as("the second name at once").hasSize(2);

        uploadFor(Duration.ofSeconds(4));
        assertThat(store.attempts()).as("after 1 and 3 s").hasSize(4);
        uploadFor(Duration.ofSeconds(60));
        assertThat(uploader.backlog()).isZero();
        assertThat(store.keys())
                .contains(FOLDER + "manifest-local-001-" + (SLOT + 7) + ".json")
                .hasSize(9);
    }

    @Test
    void onePartWhoseNamesAreAlwaysTakenDelaysNoOther() throws IOException {
        store.takeNames(key -> key.contains("part-local-001-" + SLOT / 1_000));
        record(100, SLOT);
        for (int slot = 1; slot < 60; slot++) {
            record(100 + slot, SLOT + 60_000 + 5_000L * slot);
            uploadFor(Duration.ofSeconds(5));
            assertThat(uploader.backlog()).isEqualTo(1);
        }
        assertThat(store.keys()).hasSize(2 * 59);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
