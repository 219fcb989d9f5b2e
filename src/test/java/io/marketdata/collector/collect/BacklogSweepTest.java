package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.Backlog;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.Uploader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private BacklogSweep sweep;

    @BeforeEach
    void open() throws Exception {
        Map<String, String> environment = Map.of("RAW_BUCKET", "file:./unused", "LOCAL_DIR", localDir.toString());
        uploader = new Wiring(
                        new SettingsLoader(environment, localDir.resolveSibling("home-of-" + localDir.getFileName()))
                                .load(),
                        time)
                .uploader(store);
        recording = Spool.open(disk, localDir, Trades.BTCUSDT);
        sweep = new BacklogSweep(disk, localDir, List.of(recording), uploader);
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

        sweep.run();
        assertThat(uploader.backlog()).isEqualTo(5);
        upload();

        assertThat(store.keys()).hasSize(10);
        assertThat(Backlog.below(localDir).isEmpty()).isTrue();
    }

    /** The same name in the collector's directory and in the one of a backfill is two parts. */
    @Test
    void partsOfTheSameNameAreTwoParts() throws Exception {
        part(localDir, Trades.BTCUSDT, "part-a-rest-" + T + ".jsonl");
        part(localDir.resolve("backfill"), Trades.BTCUSDT, "part-a-rest-" + T + ".jsonl");
        sweep.run();
        assertThat(uploader.backlog()).isEqualTo(2);
    }

    @Test
    void lockIsHeldOnlyWhileThereIsABacklog() throws Exception {
        part(localDir.resolve("backfill"), ETH, "part-a-rest-" + T + ".jsonl");
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        sweep.run();
        upload();
        sweep.run();
        assertThat(isLocked(localDir.resolve("backfill"), ETH)).isTrue();

        store.heal();
        sweep.run();
        time.skip(Duration.ofMinutes(2));
        upload();
        sweep.run();
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
            sweep.run();
            sweep.run();
            assertThat(log.all().stream().filter(line -> line.contains("used by another process")))
                    .singleElement()
                    .asString()
                    .contains(other.directory().toString());
        }
        upload();
        assertThat(store.keys()).hasSize(2).allMatch(key -> key.contains("SOLUSDT"));
        sweep.run();
        upload();
        assertThat(store.keys()).hasSize(4);
    }

    @Test
    void damagedDirectoryDoesNotStopTheOthers() throws Exception {
        part(localDir, ETH, "part-a-" + T + ".jsonl");
        part(localDir, SOL, "part-a-" + T + ".jsonl");
        Files.createSymbolicLink(
                SpoolFiles.folder(localDir, ETH).resolve(".checkpoint"), Files.createFile(localDir.resolve("x")));
        sweep.run();
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
