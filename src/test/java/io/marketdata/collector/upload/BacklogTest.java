package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Starts with the backlog of an outage of days. */
class BacklogTest {

    private static final long FIRST_MS = 1_736_950_335_000L;
    private static final int DAYS = 100_000;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private final MemoryStore store = new MemoryStore();
    private Spool spool;
    private Uploader uploader;
    private SpoolSweep sweep;

    private PackedParts parts;
    private BacklogDisk disk;

    private void backlog(int count) throws IOException {
        parts = new PackedParts(Trades.BTCUSDT, FIRST_MS);
        disk = new BacklogDisk(new LocalDisk(), parts, count);
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        disk.writeCheckpoint(spool);
        spool.close();
    }

    private void open() throws IOException {
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        uploader = new Uploader(
                store,
                6,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                time,
                () -> 0.999,
                new UploadMetrics(new Metrics()));
        sweep = new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked);
    }

    /** Does the spool's work of a start, in the same order. */
    private void start() throws IOException {
        open();
        uploader.recorded(spool);
        uploader.recordedSince(spool, (origin, id, tradeTimeMs) -> {});
        sweep.run();
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    @Test
    void startWithOneHundredThousandPartsIsQuickAndSmallAndDelaysNoLivePart(TestReporter reporter) throws Exception {
        backlog(DAYS);
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        long heapBefore = liveHeap();

        long started = System.nanoTime();
        start();
        double startSeconds = seconds(started);
        int listings = disk.listings();
        while (uploader.packNext() || uploader.uploadNext()) {}
        long heapWaiting = liveHeap() - heapBefore;
        long swept = System.nanoTime();
        sweep.run();
        double sweepSeconds = seconds(swept);

        reporter.publishEntry(Map.of(
                "start", startSeconds + " s",
                "sweep", sweepSeconds + " s",
                "heap", heapWaiting + " bytes, " + heapWaiting / DAYS + " a part"));
        assertThat(uploader.backlog()).isEqualTo(DAYS);
        assertThat(heapWaiting).isLessThan(30L << 20);
        assertThat(listings)
                .as("the directory is read a few times, regardless of its size")
                .isLessThanOrEqualTo(5);

        store.heal();
        time.advance(Duration.ofMinutes(2));
        RotatingWriter writer = new RotatingWriter(
                spool,
                PackedParts.INSTANCE,
                Origin.STREAM,
                new RotationPolicy(2 << 20, Duration.ofSeconds(5)),
                time,
                new SpoolMetrics(new Metrics()),
                uploader::offer);
        long live = FIRST_MS + PackedParts.STEP_MS * DAYS;
        writer.append(trade(200, live));
        writer.close();
        assertThat(uploader.packNext())
                .as("the live part is the only one to pack")
                .isTrue();
        assertThat(uploader.packNext()).isFalse();
        for (int i = 0; i < 5; i++) {
            uploader.uploadNext();
        }

        List<String> stored = store.keys().stream()
                .filter(key -> key.contains("/part-"))
                .map(key -> key.replaceFirst(".*local-001-(\\d+)\\..*", "$1"))
                .toList();
        assertThat(stored.subList(0, 2)).as("among the first two puts").contains(String.valueOf(live));
        assertThat(stored)
                .as("the oldest and the newest in turn; the back-off of the backlog's newest part has ended")
                .contains(epoch(0), epoch(1), epoch(DAYS - 1));
    }

    private String epoch(int number) {
        return String.valueOf(parts.name(number).epochMs());
    }

    /** Each start during an outage begins with the oldest and the newest part; at the end each part is stored once. */
    @Test
    void fiveRestartsDuringAnOutageSkipNoPartAndStoreNoneTwice() throws IOException {
        backlog(40);
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        for (int run = 1; run <= 5; run++) {
            start();
            int before = store.attempts().size();
            for (int minute = 0; minute < 10; minute++) {
                uploadAll();
                sweep.run();
                time.advance(Duration.ofMinutes(1));
            }
            assertThat(store.attempts().get(before)).as("run %d", run).endsWith(parts.name(0) + ".jsonl.gz");
            assertThat(uploader.backlog()).as("run %d", run).isEqualTo(40);
            spool.close();
        }

        store.heal();
        int before = store.attempts().size();
        start();
        uploadAll();

        assertThat(uploader.backlog()).isZero();
        assertThat(store.keys()).hasSize(80);
        assertThat(store.attempts().subList(before, store.attempts().size())).doesNotHaveDuplicates();
        List<String> parts =
                store.keys().stream().filter(key -> key.contains("/part-")).toList();
        assertThat(everySecond(parts, 0)).as("the oldest, in turn").isSorted();
        assertThat(everySecond(parts, 1).stream().sorted(Comparator.reverseOrder()))
                .as("the newest, in turn")
                .containsExactlyElementsOf(everySecond(parts, 1));
    }

    private static List<String> everySecond(List<String> keys, int from) {
        List<String> some = new ArrayList<>();
        for (int i = from; i < keys.size(); i += 2) {
            some.add(keys.get(i));
        }
        return some;
    }

    private void uploadAll() {
        while (uploader.packNext() || uploader.uploadNext()) {}
    }

    private static double seconds(long startedNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos) / 1_000.0;
    }

    /** Heap used after a full collection, bytes. */
    private static long liveHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
