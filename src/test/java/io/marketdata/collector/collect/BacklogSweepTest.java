package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.spool.Backlog;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolUsage;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.IndexUpload;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.Uploader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BacklogSweepTest {

    private static final long T = 1_736_950_335_000L;
    private static final Symbol ETH = new Symbol("ETHUSDT");
    private static final Symbol SOL = new Symbol("SOLUSDT");

    @TempDir
    private Path localDir;

    private final LocalDisk disk = new LocalDisk();
    private final MemoryStore store = new MemoryStore();
    private final SkippingTime time = new SkippingTime();
    private Uploader uploader;
    private Spool recording;
    private final ThreadProgress progress = new ThreadProgress("sweep");
    private IndexUpload index;
    private BacklogSweep sweep;

    @BeforeEach
    void open() throws Exception {
        Map<String, String> environment = Map.of("RAW_BUCKET", "file:./unused", "LOCAL_DIR", localDir.toString());
        Wiring wiring = new Wiring(
                new SettingsLoader(environment, localDir.resolveSibling("home-of-" + localDir.getFileName())).load(),
                time);
        index = wiring.index(store);
        uploader = wiring.uploader(store, index);
        recording = Spool.open(disk, localDir, Trades.BTCUSDT);
        sweep = new BacklogSweep(disk, localDir, List.of(recording), uploader, index);
    }

    @AfterEach
    void close() throws Exception {
        sweep.close();
        recording.close();
    }

    @Test
    void everyDirectoryIsDrainedWhicheverSymbolsAreRecorded() throws Exception {
        part(localDir, Trades.BTCUSDT, "part-earlier-instance-" + T + ".jsonl");
        part(localDir, Trades.BTCUSDT, "part-a-rest-" + T + ".jsonl.open");
        part(localDir, ETH, "part-a-" + T + ".jsonl");
        part(localDir.resolve("backfill"), Trades.BTCUSDT, "part-a-rest-" + (T + 1) + ".jsonl");
        part(localDir.resolve("backfill"), SOL, "part-a-rest-" + T + ".jsonl");

        sweep.run(progress);
        assertThat(uploader.backlog()).isEqualTo(5);
        upload();

        assertThat(store.keys()).hasSize(10);
        assertThat(Backlog.below(localDir).isEmpty()).isTrue();
    }

    @Test
    void indexesAreUploadedOfEverySymbolAndOfBackfillsThatHaveEnded() throws Exception {
        sweep.run(progress);
        part(localDir, Trades.BTCUSDT, "part-a-" + T + ".jsonl");
        part(localDir, ETH, "part-a-" + T + ".jsonl");
        part(localDir.resolve("backfill"), SOL, "part-a-rest-" + T + ".jsonl");
        sweep.run(progress);
        upload();
        sweep.run(progress);
        assertThat(isLocked(localDir, ETH)).isFalse();
        assertThat(store.keys()).noneMatch(key -> key.startsWith("index/"));

        time.jumpWallClock(Duration.ofHours(1));
        sweep.run(progress);
        assertThat(store.keys().stream().filter(key -> key.startsWith("index/")))
                .hasSize(3)
                .allMatch(key -> key.endsWith("-a.jsonl.gz"));
        assertThat(isLocked(localDir, ETH)).isFalse();
        assertThat(SpoolUsage.measure(disk, localDir).bytes(SpoolUsage.Kind.INDEX))
                .isZero();
    }

    @Test
    void storeThatRefusesIndexesDelaysNoPart() throws Exception {
        part(localDir, Trades.BTCUSDT, "part-a-" + T + ".jsonl");
        part(localDir, ETH, "part-a-" + T + ".jsonl");
        sweep.run(progress);
        upload();
        store.failWith(key -> key.startsWith("index/")
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "not on index/"))
                : Optional.empty());
        for (int hour = 0; hour < 3; hour++) {
            time.jumpWallClock(Duration.ofHours(1));
            part(localDir, SOL, "part-a-" + (T + hour) + ".jsonl");
            sweep.run(progress);
            upload();
            sweep.run(progress);
            assertThat(isLocked(localDir, SOL)).isFalse();
        }
        assertThat(store.keys()).hasSize(10);
        SpoolUsage usage = SpoolUsage.measure(disk, localDir);
        assertThat(usage.bytes(SpoolUsage.Kind.INDEX)).isBetween(5L * 500, 5L * 900);
        assertThat(Backlog.below(localDir).isEmpty()).isTrue();
    }

    /** The same name in the collector's directory and in the one of a backfill is two parts. */
    @Test
    void partsOfTheSameNameAreTwoParts() throws Exception {
        part(localDir, Trades.BTCUSDT, "part-a-rest-" + T + ".jsonl");
        part(localDir.resolve("backfill"), Trades.BTCUSDT, "part-a-rest-" + T + ".jsonl");
        sweep.run(progress);
        assertThat(uploader.backlog()).isEqualTo(2);
    }

    @Test
    void lockIsHeldOnlyWhileThereIsABacklog() throws Exception {
        part(localDir.resolve("backfill"), ETH, "part-a-rest-" + T + ".jsonl");
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        sweep.run(progress);
        upload();
        sweep.run(progress);
        assertThat(isLocked(localDir.resolve("backfill"), ETH)).isTrue();

        store.heal();
        sweep.run(progress);
        time.skip(Duration.ofMinutes(2));
        upload();
        sweep.run(progress);
        assertThat(store.keys()).hasSize(2);
        assertThat(isLocked(localDir.resolve("backfill"), ETH)).isFalse();
    }

    @Test
    void directoryInUseDoesNotStopTheOthersAndIsLoggedOnce() throws Exception {
        Path backfill = localDir.resolve("backfill");
        part(backfill, ETH, "part-a-rest-" + T + ".jsonl");
        part(localDir, SOL, "part-a-" + T + ".jsonl");
        try (Spool other = Spool.open(disk, backfill, ETH);
                LogLines log = new LogLines(BacklogSweep.class)) {
            sweep.run(progress);
            sweep.run(progress);
            assertThat(log.all().stream().filter(line -> line.contains("used by another process")))
                    .singleElement()
                    .asString()
                    .contains(other.directory().toString());
        }
        upload();
        assertThat(store.keys()).hasSize(2).allMatch(key -> key.contains("SOLUSDT"));
        sweep.run(progress);
        upload();
        assertThat(store.keys()).hasSize(4);
    }

    @Test
    void damagedDirectoryDoesNotStopTheOthers() throws Exception {
        part(localDir, ETH, "part-a-" + T + ".jsonl");
        part(localDir, SOL, "part-a-" + T + ".jsonl");
        Files.createSymbolicLink(
                SpoolFiles.folder(localDir, ETH).resolve(".checkpoint"), Files.createFile(localDir.resolve("x")));
        sweep.run(progress);
        upload();
        assertThat(store.keys()).hasSize(2).allMatch(key -> key.contains("SOLUSDT"));
        assertThat(isLocked(localDir, ETH)).isFalse();
    }

    private static void part(Path localDir, Symbol symbol, String name) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            lines.append(Trades.json(symbol, 100 + i, T + i).replaceAll("}$", ",\"recv_us\":1736950336567123}"))
                    .append('\n');
        }
        Files.writeString(SpoolFiles.folder(localDir, symbol).resolve(name), lines);
    }

    private void upload() {
        boolean more = true;
        while (more) {
            more = uploader.packNext() | uploader.uploadNext();
        }
    }

    private boolean isLocked(Path home, Symbol symbol) throws Exception {
        try {
            Spool.open(disk, home, symbol).close();
            return false;
        } catch (FileOps.LockedException e) {
            return true;
        }
    }
}
