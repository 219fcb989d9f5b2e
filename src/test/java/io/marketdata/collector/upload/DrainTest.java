package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures how fast a backlog drains and how much that delays live parts: in virtual time, with puts of 50 ms and
 * workers that are busy during their puts. Two symbols seal a part every 5 s.
 */
class DrainTest {

    private static final long PUT_MS = 50;
    private static final long TICK_MS = 10;
    private static final long PART_EVERY_MS = 5_000;

    /** 2025-01-15 14:15 UTC. */
    private static final long START_MS = 1_736_950_500_000L;

    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");

    @TempDir
    private Path folder;

    private final TimedStore store = new TimedStore();

    /** When each live part was sealed, virtual ms, by the name of its object. */
    private final Map<String, Long> sealedMs = new LinkedHashMap<>();

    private ManualTime time = new ManualTime();
    private List<Spool> spools = List.of();
    private Uploader uploader;
    private long[] freeAtMs;
    private long nowMs;
    private long nextId = 1_000;

    private void open(String name, int workers, int backlog) throws IOException {
        Path local = folder.resolve(name);
        PackedParts parts = new PackedParts(Trades.BTCUSDT, START_MS - PackedParts.STEP_MS * backlog);
        BacklogDisk disk = new BacklogDisk(new LocalDisk(), parts, backlog);
        spools = List.of(
                Spool.open(disk, local, Trades.BTCUSDT),
                Spool.open(new BacklogDisk(new LocalDisk(), new PackedParts(ETHUSDT, START_MS), 0), local, ETHUSDT));
        time = new ManualTime();
        uploader = new Uploader(
                store,
                6,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                time,
                () -> 0.999,
                new UploadMetrics(new Metrics()));
        freeAtMs = new long[workers];
        nowMs = 0;
        if (backlog > 0) {
            disk.writeCheckpoint(spools.get(0));
        }
        new SpoolSweep(spools, uploader::offer, uploader::offerPacked).run();
    }

    private void close() throws IOException {
        for (Spool spool : spools) {
            spool.close();
        }
    }

    /** Advances time: seals and packs live parts, if {@code live}; every free worker uploads. */
    private void run(Duration length, boolean live) throws IOException {
        for (long end = nowMs + length.toMillis(); nowMs < end; nowMs += TICK_MS) {
            if (live && nowMs % PART_EVERY_MS == 0) {
                sealLiveParts();
            }
            while (uploader.packNext()) {}
            for (int i = 0; i < freeAtMs.length; i++) {
                if (freeAtMs[i] <= nowMs) {
                    store.begin(nowMs);
                    if (uploader.uploadNext()) {
                        freeAtMs[i] = nowMs + store.takenMs();
                    }
                }
            }
            time.advance(Duration.ofMillis(TICK_MS));
        }
    }

    private void sealLiveParts() throws IOException {
        for (Spool spool : spools) {
            long tradeMs = START_MS + nowMs;
            PartName name = new PartName(PackedParts.INSTANCE, Origin.STREAM, tradeMs);
            String json = Trades.json(spool.symbol(), nextId++, tradeMs);
            Files.writeString(
                    spool.directory().resolve(PartState.SEALED.fileName(name)),
                    json.substring(0, json.length() - 1) + ",\"recv_us\":" + Trades.RECEIVED_US + "}\n");
            sealedMs.put(KeyLayout.part(spool.symbol(), name), nowMs);
            uploader.offer(new SealedPart(spool, name, RotatedBy.TIME, 0, 0, List.of()));
        }
    }

    /** The longest time from sealing to the start of the put, for live parts sealed since {@code fromMs}. */
    private long longestWaitMs(long fromMs) {
        return sealedMs.entrySet().stream()
                .filter(part -> part.getValue() >= fromMs && store.begunMs.containsKey(part.getKey()))
                .mapToLong(part -> store.begunMs.get(part.getKey()) - part.getValue())
                .max()
                .orElseThrow();
    }

    @Test
    void backlogOfAnHourOfOutageDrainsTenTimesAsFastAsItGrew(TestReporter reporter) throws IOException {
        open("outage", 2, 0);
        store.memory.failAlways(StoreException.Kind.UNAVAILABLE);
        run(Duration.ofHours(1), true);
        int backlog = uploader.backlog();
        assertThat(backlog).isEqualTo(1_440);
        assertThat(store.memory.attempts()).as("the store gets few requests").hasSizeLessThan(80);

        store.memory.heal();
        long healedMs = nowMs;
        while (store.memory.keys().isEmpty()) {
            run(Duration.ofMillis(TICK_MS), true);
        }
        long worksMs = nowMs;
        while (uploader.backlog() > 10) {
            run(Duration.ofSeconds(1), true);
        }
        double perSecond = backlog / ((nowMs - healedMs) / 1_000.0);
        long wait = longestWaitMs(worksMs);

        reporter.publishEntry(Map.of("ratio", String.valueOf(perSecond / 0.4), "live wait", wait + " ms"));
        assertThat(worksMs - healedMs).isLessThanOrEqualTo(61_000);
        assertThat(perSecond).isGreaterThan(10 * 0.4);
        assertThat(wait).isLessThanOrEqualTo(2 * 2 * PUT_MS);
        close();
    }

    @Test
    void backlogOfFiveThousandPartsDrainsTenTimesAsFastAsLiveDataAndDelaysNoLivePart(TestReporter reporter)
            throws IOException {
        open("backlog", 2, 5_000);
        assertThat(uploader.backlog()).isEqualTo(5_000);
        while (uploader.backlog() > 10) {
            run(Duration.ofSeconds(1), true);
        }
        double perSecond = 5_000 / (nowMs / 1_000.0);
        long wait = longestWaitMs(0);

        reporter.publishEntry(Map.of("ratio", String.valueOf(perSecond / 0.4), "live wait", wait + " ms"));
        assertThat(perSecond).isGreaterThan(10 * 0.4);
        assertThat(wait).isLessThanOrEqualTo(2 * 2 * PUT_MS);
        close();
    }

    /** The other parts arrive in the same order and at the same times as without it, except for its own puts. */
    @Test
    void onePartRefusedAmongAThousandDelaysOthersOnlyByItsOwnPuts() throws IOException {
        List<Long> without = timesOfOthers("healthy", "none");
        List<Long> with = timesOfOthers("refused", "part-local-001-" + (START_MS - PackedParts.STEP_MS * 1_000) + ".");

        assertThat(without).hasSize(1_000);
        assertThat(with).hasSize(999);
        for (int i = 0; i < with.size(); i++) {
            assertThat(with.get(i) - without.get(i)).as("the %dth", i).isLessThanOrEqualTo(2 * PUT_MS);
        }
    }

    private List<Long> timesOfOthers(String name, String refused) throws IOException {
        store.reset();
        store.memory.failWith(key -> key.contains(refused)
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "400"))
                : Optional.empty());
        open(name, 4, 1_000);
        run(Duration.ofSeconds(30), false);
        close();
        List<Long> times = new ArrayList<>();
        store.memory.keys().stream()
                .filter(key -> key.contains("/part-"))
                .forEach(key -> times.add(store.begunMs.get(key)));
        return times;
    }

    /** Adds up the time of the puts in one worker's turn. */
    private static final class TimedStore implements ObjectStore {
        MemoryStore memory = new MemoryStore();
        final Map<String, Long> begunMs = new HashMap<>();
        private long turnMs;
        private int puts;

        void reset() {
            memory = new MemoryStore();
            begunMs.clear();
        }

        void begin(long nowMs) {
            turnMs = nowMs;
            puts = 0;
        }

        long takenMs() {
            return puts * PUT_MS;
        }

        @Override
        public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
            begunMs.putIfAbsent(key, turnMs + takenMs());
            puts++;
            return memory.put(key, body, sha256, type);
        }

        @Override
        public Optional<byte[]> get(String key, int maxBytes) throws StoreException {
            return memory.get(key, maxBytes);
        }

        @Override
        public String describe() {
            return "memory";
        }

        @Override
        public void close() {}
    }
}
