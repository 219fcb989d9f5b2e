package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.ManifestLog;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.Uploads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("reads the log of a class that other tests use")
@Timeout(30)
class IndexUploadTest {

    /** 2025-01-15 14:12:15 UTC, 2.7 s before {@link ManualTime#START_MS}. */
    private static final long SLOT = 1_736_950_335_000L;

    private static final long HOUR_MS = 3_600_000;
    private static final String FOLDER = "index/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/";
    private static final Symbol ETH = new Symbol("ETHUSDT");

    @TempDir
    private Path folder;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final ManualTime time = new ManualTime();
    private final MemoryStore store = new MemoryStore();
    private final UploadMetrics metrics = new UploadMetrics(new Metrics());
    private Spool spool;
    private Spool other;
    private IndexUpload index;

    @BeforeEach
    void start() throws IOException {
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        other = Spool.open(disk, folder, ETH);
        index = index(true);
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
        other.close();
    }

    private IndexUpload index(boolean on) {
        return new IndexUpload(store, new IndexUpload.Options(on, Duration.ofMinutes(15), 6), time, metrics);
    }

    private void restart() throws IOException {
        stop();
        start();
    }

    /** Uploads a part with one trade of this time. */
    private void part(Spool to, Origin origin, long id, long tradeTimeMs) throws IOException {
        Uploader uploader = Uploads.uploader(store, time, metrics);
        uploader.onCommitted(index::add);
        RotatingWriter writer = Uploads.writer(to, origin, time, uploader);
        writer.append(trade(to.symbol(), id, tradeTimeMs));
        writer.close();
        while (uploader.packNext() || uploader.uploadNext()) {}
        assertThat(uploader.backlog()).isZero();
    }

    private void part(long id, long tradeTimeMs) throws IOException {
        part(spool, Origin.STREAM, id, tradeTimeMs);
    }

    private void run() {
        index.run(spool, () -> {});
        index.run(other, () -> {});
    }

    private void advanceTo(String utc) {
        time.advance(
                Duration.between(Instant.ofEpochMilli(time.epochMillis()), Instant.parse("2025-01-15T" + utc + "Z")));
    }

    private List<String> indexes() {
        return store.keys().stream().filter(key -> key.startsWith("index/")).toList();
    }

    /** The keys of the manifests in an index; each must be as it is in the bucket. */
    private List<String> manifests(String file) throws IOException {
        Map<String, byte[]> objects = store.objects();
        List<ManifestIndex.Entry> entries = ManifestIndex.read(objects.get(FOLDER + file));
        assertThat(entries).allSatisfy(entry -> assertThat(entry.bytes()).isEqualTo(objects.get(entry.key())));
        return entries.stream()
                .map(entry -> entry.key().substring(entry.key().indexOf("dt=") + 14))
                .toList();
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(spool.directory())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("index-"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void manifestsOfAnHourAreOneObjectAQuarterOfAnHourAfterIt() throws IOException {
        part(102, SLOT + 60_000);
        part(101, SLOT);
        part(spool, Origin.REST, 100, SLOT);
        part(103, SLOT + HOUR_MS);
        assertThat(files())
                .containsExactly(
                        "index-local-001-1736949600000.jsonl.open", "index-local-001-1736953200000.jsonl.open");

        advanceTo("15:14:59.999");
        run();
        assertThat(indexes()).isEmpty();
        advanceTo("15:15:00");
        run();

        assertThat(indexes()).containsExactly(FOLDER + "14-local-001.jsonl.gz");
        assertThat(manifests("14-local-001.jsonl.gz"))
                .containsExactly(
                        "14/12/manifest-local-001-1736950335000.json",
                        "14/12/manifest-local-001-rest-1736950335000.json",
                        "14/13/manifest-local-001-1736950395000.json");
        assertThat(files()).containsExactly("index-local-001-1736953200000.jsonl.open");
        assertThat(metrics.indexesUploaded.getLongValue()).isEqualTo(1);
        assertThat(metrics.indexFailures.getLongValue()).isZero();
    }

    @Test
    void manifestsConfirmedLaterAreInFurtherObjectsOneAnHour() throws IOException {
        part(101, SLOT);
        advanceTo("15:15:00");
        run();
        part(102, SLOT + 60_000);
        run();
        advanceTo("16:14:00");
        part(103, SLOT + 120_000);
        run();
        assertThat(indexes()).hasSize(1);

        advanceTo("16:15:00");
        run();
        part(104, SLOT + 180_000);
        advanceTo("17:15:00");
        run();

        assertThat(indexes())
                .containsExactly(
                        FOLDER + "14-local-001.jsonl.gz",
                        FOLDER + "14-local-001-1.jsonl.gz",
                        FOLDER + "14-local-001-2.jsonl.gz");
        assertThat(manifests("14-local-001-1.jsonl.gz"))
                .containsExactly(
                        "14/13/manifest-local-001-1736950395000.json", "14/14/manifest-local-001-1736950455000.json");
        assertThat(manifests("14-local-001-2.jsonl.gz")).hasSize(1);
        assertThat(files()).isEmpty();
    }

    /** For instance {@code local-001-1} the second name is that of its first index. */
    @Test
    void nameThatAnotherInstanceHasIsSkipped() throws IOException {
        store.plant(FOLDER + "14-local-001.jsonl.gz", "of another".getBytes(StandardCharsets.UTF_8));
        store.plant(FOLDER + "14-local-001-1.jsonl.gz", "of a third".getBytes(StandardCharsets.UTF_8));
        part(101, SLOT);
        advanceTo("15:15:00");
        run();
        assertThat(manifests("14-local-001-2.jsonl.gz")).hasSize(1);
    }

    @Test
    void nextStartContinuesWithWhatIsOnTheDisk() throws IOException {
        part(101, SLOT);
        restart();
        part(102, SLOT + 60_000);
        advanceTo("15:15:00");
        store.loseNextAnswer();
        run();
        assertThat(files()).containsExactly("index-local-001-1736949600000.jsonl");
        restart();
        run();

        assertThat(indexes()).containsExactly(FOLDER + "14-local-001.jsonl.gz");
        assertThat(manifests("14-local-001.jsonl.gz")).hasSize(2);
        assertThat(files()).isEmpty();
    }

    @Test
    void lineTornByACrashIsLeftOutAndARepeatedOneIsThereOnce() throws IOException {
        part(101, SLOT);
        Path file = spool.directory().resolve("index-local-001-1736949600000.jsonl.open");
        byte[] line = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(line, line.length - 1), StandardOpenOption.APPEND);
        restart();
        part(102, SLOT + 60_000);
        Files.write(file, line, StandardOpenOption.APPEND);
        Files.write(file, new byte[700], StandardOpenOption.APPEND);

        advanceTo("15:15:00");
        run();
        assertThat(manifests("14-local-001.jsonl.gz")).hasSize(2);
    }

    /** Another run has made it again after a crash, with another time of creation. */
    @Test
    void indexHoldsTheManifestThatTheBucketHas() throws IOException {
        part(101, SLOT);
        String key = KeyLayout.manifest(Trades.BTCUSDT, new PartName(new InstanceId("local-001"), Origin.STREAM, SLOT));
        byte[] stored = store.objects().get(key);
        Files.delete(spool.directory().resolve("index-local-001-1736949600000.jsonl.open"));
        Files.delete(spool.directory().resolve(".checkpoint"));
        time.advance(Duration.ofSeconds(7));
        restart();

        part(101, SLOT);
        advanceTo("15:15:00");
        run();
        assertThat(store.objects().get(key)).isEqualTo(stored);
        assertThat(manifests("14-local-001.jsonl.gz")).containsExactly("14/12/manifest-local-001-1736950335000.json");
    }

    @Test
    void storeThatIsDownDelaysTheIndexAndNoPart() throws IOException {
        part(101, SLOT);
        advanceTo("15:15:00");
        store.failWith(key -> key.startsWith("index/") ? Optional.of(refused(key)) : Optional.empty());
        try (LogLines log = new LogLines(IndexUpload.class)) {
            for (int minute = 0; minute < 10; minute++) {
                run();
                part(102 + minute, SLOT + 60_000 * (minute + 1));
                time.advance(Duration.ofMinutes(1));
            }
            assertThat(log.all()).singleElement().asString().contains("WARN", "trades are not affected", "is refused");
        }
        assertThat(store.attempts().stream().filter(key -> key.startsWith("index/")))
                .hasSize(5);
        assertThat(metrics.indexFailures.getLongValue()).isEqualTo(5);

        store.heal();
        run();
        time.advance(Duration.ofMinutes(1));
        run();
        assertThat(manifests("14-local-001.jsonl.gz")).hasSize(1);
        advanceTo("16:15:00");
        run();
        assertThat(manifests("14-local-001-1.jsonl.gz")).hasSize(10);
    }

    private static StoreException refused(String key) {
        return new StoreException(StoreException.Kind.REFUSED, key + " is refused");
    }

    @Test
    void symbolWhoseIndexIsRefusedDoesNotStopTheOthers() throws IOException {
        part(101, SLOT);
        part(other, Origin.STREAM, 7, SLOT);
        advanceTo("15:15:00");
        store.failWith(key -> key.startsWith(FOLDER) ? Optional.of(refused(key)) : Optional.empty());
        run();
        run();
        assertThat(indexes()).isEmpty();
        time.advance(Duration.ofMinutes(1));
        run();
        assertThat(indexes()).singleElement().asString().contains("symbol=ETHUSDT");
    }

    @Test
    void fullDiskDelaysNoPartAndTheManifestIsKeptInMemory() throws IOException {
        disk.failWhen((operation, file) ->
                operation.equals("append") && file.getFileName().toString().startsWith("index-"));
        part(101, SLOT);
        part(102, SLOT + 60_000);
        assertThat(files()).isEmpty();
        assertThat(metrics.indexFailures.getLongValue()).isEqualTo(2);

        disk.failWhen((operation, file) -> false);
        run();
        assertThat(files()).hasSize(1);
        advanceTo("15:15:00");
        run();
        assertThat(manifests("14-local-001.jsonl.gz")).hasSize(2);
    }

    @Test
    void writeThatFailedHalfwayIsRepeatedWhole() throws IOException {
        part(101, SLOT);
        disk.failWhen((operation, file) ->
                operation.equals("sync") && file.getFileName().toString().startsWith("index-"));
        part(102, SLOT + 60_000);
        disk.failWhen((operation, file) -> false);
        part(103, SLOT + 120_000);
        advanceTo("15:15:00");
        run();
        assertThat(manifests("14-local-001.jsonl.gz")).hasSize(3);
    }

    @Test
    void memoryAndFilesAreBounded() throws IOException {
        byte[] manifest = new byte[300_000];
        Arrays.fill(manifest, (byte) 'x');
        manifest[manifest.length - 1] = '\n';
        PartName part = new PartName(new InstanceId("local-001"), Origin.STREAM, SLOT);
        disk.failWhen((operation, file) -> operation.equals("append"));
        for (int i = 0; i < 10; i++) {
            index.add(spool, part, manifest);
        }
        disk.failWhen((operation, file) -> false);
        assertThat(spool.manifests().add(part, manifest)).isEqualTo(8);
        Path file = spool.directory().resolve(files().get(0));
        assertThat(Files.size(file)).isEqualTo(3L * (manifest.length + 1));

        for (int i = 0; i < 100; i++) {
            index.add(spool, part, manifest);
        }
        assertThat(Files.size(file)).isBetween(ManifestLog.MAX_BYTES - 300_000L, (long) ManifestLog.MAX_BYTES);
        assertThat(metrics.indexFailures.getLongValue()).isEqualTo(10 + 48);
    }

    /** Nothing but a missing permission for index/ alone lets files pile up: without a bucket no manifest is confirmed. */
    @Test
    void indexesThatAreRefusedForDaysTakeABoundedPartOfTheDisk() throws IOException {
        store.failWith(key -> key.startsWith("index/") ? Optional.of(refused(key)) : Optional.empty());
        Files.write(spool.directory().resolve("index-local-001-1736949600000.jsonl"), new byte[6 << 20]);
        Files.write(spool.directory().resolve("index-local-001-1736953200000.jsonl"), new byte[6 << 20]);
        Files.write(spool.directory().resolve("index-local-001-1736956800000.jsonl"), new byte[6 << 20]);
        part(101, SLOT - HOUR_MS);
        advanceTo("15:15:00");
        for (int hour = 0; hour < 24; hour++) {
            run();
            assertThat(files()).hasSize(4);
            time.advance(Duration.ofHours(1));
        }
        run();
        assertThat(indexes()).isEmpty();
        assertThat(files()).isSubsetOf("index-local-001-1736953200000.jsonl", "index-local-001-1736956800000.jsonl");
    }

    @Test
    void withoutIndexNothingIsWritten() throws IOException {
        index = index(false);
        part(101, SLOT);
        advanceTo("15:15:00");
        run();
        assertThat(files()).isEmpty();
        assertThat(indexes()).isEmpty();
        assertThat(index.isDue(folder())).isFalse();
    }

    private SpoolFolder folder() throws IOException {
        return SpoolFolder.below(folder).get(0);
    }

    @Test
    void directoryThatIsNotOpenIsDueOnceAnHourIfItHoldsManifests() throws IOException {
        assertThat(index.isDue(folder())).isFalse();
        part(101, SLOT);
        assertThat(index.isDue(folder())).isFalse();
        advanceTo("15:15:00");
        assertThat(index.isDue(folder())).isTrue();
        run();
        assertThat(index.isDue(folder())).isFalse();
        advanceTo("16:15:00");
        assertThat(index.isDue(folder())).isFalse();
    }

    @Test
    void wallClockThatIsSetBackDelaysNothingForLong() throws IOException {
        time.jumpWallClock(Duration.ofDays(365));
        run();
        time.jumpWallClock(Duration.ofDays(-365));
        part(101, SLOT);
        advanceTo("15:15:00");
        run();
        assertThat(indexes()).hasSize(1);
    }

    @Test
    void foreignManifestOfSeveralLinesIsInNoIndex() throws IOException {
        PartName part = new PartName(new InstanceId("local-001"), Origin.STREAM, SLOT);
        for (String manifest : List.of("{\n}\n", "{}", "")) {
            index.add(spool, part, manifest.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(files()).isEmpty();
    }
}
