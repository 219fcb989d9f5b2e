package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpaceWatchTest {

    private static final int MAX = 1 << 20;
    private static final String SYMBOL = "exchange=binance/stream=trade/symbol=BTCUSDT/";
    private static final String PART = SYMBOL + "part-a-1736950336567.jsonl.gz";
    private static final int MIN_FREE = 4 << 20;

    @TempDir
    private Path folder;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final ManualTime time = new ManualTime();
    private final SpoolMetrics metrics = new SpoolMetrics(new Metrics());
    private SpaceWatch watch;

    @BeforeEach
    void begin() {
        disk.setFreeBytes(1L << 30);
        watch = new SpaceWatch(disk, folder, MAX, MIN_FREE, time, metrics);
    }

    private void use(String file, int bytes) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, new byte[bytes]);
    }

    private boolean fullAfter(Duration pause) throws IOException {
        time.advance(pause);
        watch.check();
        assertThat(metrics.ingesting.get()).isEqualTo(watch.isFull() ? 0 : 1);
        return watch.isFull();
    }

    private boolean fullAfterAMinute() throws IOException {
        return fullAfter(Duration.ofMinutes(1));
    }

    @Test
    void onlyWhatDrainsCountsAndTheRestIsReportedApart() throws IOException {
        use(PART, 1_000);
        use("backfill/" + PART, 200);
        use("reparse/" + PART, 30);
        use(SYMBOL + "quarantine/part-a-1.bad", 2 * MAX);
        use("unparsed/frames-a-1.jsonl", 3 * MAX);
        use("rejected/frames-1.jsonl", MAX);
        use("bucket/raw/" + PART, MAX);
        use(SYMBOL + "notes.txt", MAX);
        use("collector.log", MAX);
        assertThat(fullAfterAMinute()).isFalse();
        assertThat(metrics.spoolBytes.get()).isEqualTo(1_230);
        assertThat(metrics.spoolFiles.get()).isEqualTo(3);
        assertThat(metrics.uncountedBytes.labelValues("quarantine").get()).isEqualTo(2 * MAX);
        assertThat(metrics.uncountedBytes.labelValues("unparsed").get()).isEqualTo(4 * MAX);
        assertThat(metrics.uncountedBytes.labelValues("other").get()).isEqualTo(3 * MAX);
        assertThat(metrics.diskFreeBytes.get()).isEqualTo(1L << 30);
    }

    @Test
    void pausesAtTheLimitAndResumesWhenOneTenthIsFree() throws IOException {
        use(PART, MAX - 1);
        assertThat(fullAfterAMinute()).isFalse();
        assertThat(metrics.spoolFillRatio.get()).isBetween(0.99, 1.0);
        use(PART, MAX);
        assertThat(fullAfterAMinute()).isTrue();
        use(PART, MAX - MAX / 11);
        assertThat(fullAfterAMinute()).isTrue();
        use(PART, MAX - MAX / 10 - 1);
        assertThat(fullAfterAMinute()).isFalse();
    }

    @Test
    void diskWithTooLittleFreeSpaceIsFullForASmallSpool() throws IOException {
        use(PART, 1_000);
        disk.setFreeBytes(MIN_FREE);
        assertThat(fullAfterAMinute()).isTrue();
        disk.setFreeBytes(MIN_FREE + 50);
        assertThat(fullAfterAMinute()).isTrue();
        disk.setFreeBytes(MIN_FREE + 1_000);
        assertThat(fullAfterAMinute()).isFalse();
    }

    @Test
    void writeWithoutSpacePausesForAtLeastTenSeconds() throws IOException {
        watch.noSpace(new NoSpaceException("planted", new IOException()));
        assertThat(watch.isFull()).isTrue();
        assertThat(fullAfter(Duration.ofSeconds(9))).isTrue();
        assertThat(fullAfter(Duration.ofSeconds(1))).isFalse();
    }

    @Test
    void missingDirectoryIsAFault() throws IOException {
        Path gone = folder.resolve("gone");
        SpaceWatch of = new SpaceWatch(disk, gone, MAX, MIN_FREE, time, metrics);
        assertThatThrownBy(of::check).isInstanceOf(NoSuchFileException.class);
    }
}
