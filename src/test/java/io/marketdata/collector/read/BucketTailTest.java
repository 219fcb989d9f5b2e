package io.marketdata.collector.read;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static io.marketdata.collector.testkit.Trades.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BucketTailTest {

    private static final long NOW = ManualTime.START_MS;
    private static final long MINUTE = NOW - NOW % 60_000;
    private static final int MAX_OBJECT = 100_000;

    @TempDir
    private Path bucket;

    private final ManualTime time = new ManualTime();
    private final Printed printed = new Printed();
    private Watched store;
    private BucketTail tail;

    @BeforeEach
    void open() {
        store = new Watched(bucket);
        tail = tail(NOW - 60_000);
    }

    private BucketTail tail(long sinceMs) {
        return new BucketTail(store, new NewTrades(BTCUSDT, sinceMs, printed), sinceMs, MAX_OBJECT, time);
    }

    /** A directory bucket that counts what is asked of it, lists in pages of three, and fails on request. */
    private static final class Watched implements ObjectStore {
        private final DirectoryObjectStore bucket;
        private final List<String> read = new ArrayList<>();
        private final List<String> listed = new ArrayList<>();
        private boolean down;

        Watched(Path directory) {
            bucket = new DirectoryObjectStore(directory);
        }

        @Override
        public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
            return bucket.put(key, body, sha256, type);
        }

        @Override
        public Optional<byte[]> get(String key, int maxBytes) throws StoreException {
            check();
            read.add(key);
            return bucket.get(key, maxBytes);
        }

        @Override
        public Listing list(String prefix, String after) throws StoreException {
            check();
            listed.add(prefix);
            Listing all = bucket.list(prefix, after);
            int size = Math.min(3, all.objects().size());
            return new Listing(
                    all.objects().subList(0, size), size == all.objects().size());
        }

        private void check() throws StoreException {
            if (down) {
                throw new StoreException(StoreException.Kind.UNAVAILABLE, "the bucket is down");
            }
        }

        @Override
        public String describe() {
            return bucket.describe();
        }

        @Override
        public void close() {}
    }

    private void put(String instance, long epochMs, String lines) throws Exception {
        put(instance, epochMs, SpoolFiles.gzip(lines));
    }

    private void put(String instance, long epochMs, byte[] gzip) throws Exception {
        PartName name = PartName.parse("part-" + instance + "-" + epochMs).orElseThrow();
        store.put(KeyLayout.part(BTCUSDT, name), gzip, Sha256.of(gzip), ContentType.GZIP);
        byte[] json = "{}\n".getBytes(StandardCharsets.UTF_8);
        store.put(KeyLayout.manifest(BTCUSDT, name), json, Sha256.of(json), ContentType.JSON);
    }

    @Test
    void tradeThatThreeInstancesStoredIsShownOnceInTheOrderOfIds() throws Exception {
        put("a", MINUTE, line(1, MINUTE) + line(2, MINUTE + 1) + line(5, MINUTE + 4));
        put("b", MINUTE + 1, line(2, MINUTE + 1) + line(3, MINUTE + 2));
        put("c", MINUTE + 2, line(3, MINUTE + 2) + line(4, MINUTE + 3) + line(5, MINUTE + 4));
        tail.check();
        assertThat(printed.ids).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(printed.notes).isEmpty();
    }

    @Test
    void followingReadsEachObjectOnceAndListsOneHour() throws Exception {
        put("a", MINUTE - 60_000, line(1, MINUTE - 30_000));
        tail.check();
        put("a", MINUTE, line(2, MINUTE));
        tail.check();
        // uploaded late, by an instance that is slower
        put("b", MINUTE - 30_000, line(0, MINUTE - 30_000));
        tail.check();
        store.listed.clear();
        time.advance(Duration.ofMinutes(3));
        put("a", MINUTE + 180_000, line(3, MINUTE + 180_000));
        tail.check();
        assertThat(printed.ids).containsExactly(1L, 2L, 0L, 3L);
        assertThat(store.read).hasSize(4).doesNotHaveDuplicates();
        assertThat(store.listed).containsOnly(KeyLayout.hour(BTCUSDT, NOW));
    }

    @Test
    void hoursAndDaysBackAreReadFromTheWantedTimeOn() throws Exception {
        long since = NOW - 26 * 3_600_000L;
        put("a", since - 120_000, line(1, since - 120_000));
        put("a", since - since % 60_000, line(2, since - 1) + line(3, since));
        put("a", NOW - 7_200_000, line(4, NOW - 7_200_000));
        put("a", MINUTE, line(5, MINUTE));
        tail(since).check();
        assertThat(printed.ids).containsExactly(3L, 4L, 5L);
        assertThat(store.read).hasSize(3);
    }

    @Test
    void bucketWithoutPartsIsListedForOneDayAtMost() throws Exception {
        BucketTail idle = tail(NOW - 100 * 3_600_000L);
        idle.check();
        store.listed.clear();
        idle.check();
        assertThat(store.listed).hasSizeLessThanOrEqualTo(26);
    }

    @Test
    void partFromTheFutureHidesNothing() throws Exception {
        put("ahead", MINUTE + 20 * 60_000, line(9, MINUTE + 20 * 60_000));
        tail.check();
        put("a", MINUTE, line(1, MINUTE));
        tail.check();
        assertThat(printed.ids).containsExactly(9L, 1L);
    }

    @Test
    void checkContinuesAfterTheBucketWasDown() throws Exception {
        put("a", MINUTE, line(1, MINUTE));
        store.down = true;
        assertThatThrownBy(tail::check).isInstanceOf(StoreException.class).hasMessage("the bucket is down");
        store.down = false;
        tail.check();
        assertThat(printed.ids).containsExactly(1L);
    }

    @Test
    void objectsThatAreNoPartsAreNotRead() throws Exception {
        String folder = KeyLayout.minute(BTCUSDT, MINUTE);
        byte[] other = SpoolFiles.gzip(line(1, MINUTE));
        store.put(folder + "part-a-5.jsonl.gz", other, Sha256.of(other), ContentType.GZIP); // another minute's name
        store.put(folder + "notes.txt", other, Sha256.of(other), ContentType.TEXT);
        tail.check();
        assertThat(store.read).isEmpty();
        assertThat(printed.ids).isEmpty();
    }

    @Test
    void damagedPartIsReportedOnceAndTheOthersAreShown() throws Exception {
        byte[] cut = SpoolFiles.gzip(SpoolFiles.lines(1, 200, MINUTE));
        put("a", MINUTE, Arrays.copyOf(cut, cut.length - 20));
        put("b", MINUTE + 1, line(900, MINUTE + 1) + "{\"e\":\"tra");
        tail.check();
        tail.check();
        assertThat(printed.ids).contains(900L).doesNotHaveDuplicates();
        assertThat(printed.notes)
                .satisfiesExactly(
                        note -> assertThat(note).startsWith("part: ").contains("part-a-", "not to its end"),
                        note -> assertThat(note).startsWith("lines: ").contains("part-b-", "last line is torn"));
    }

    @Test
    void objectThatIsTooLargeIsRefused() throws Exception {
        put("a", MINUTE, new byte[MAX_OBJECT + 1]);
        put("b", MINUTE, line(1, MINUTE));
        tail.check();
        assertThat(printed.ids).containsExactly(1L);
        assertThat(store.read).hasSize(1);
        assertThat(printed.notes)
                .singleElement()
                .asString()
                .contains("part-a-", "it has 100001 bytes, at most 100000 are read; download it instead");
    }

    @Test
    void readingEndsWhenTheReaderHasGone() throws Exception {
        put("a", NOW - 7_200_000, line(1, NOW - 7_200_000));
        printed.closed = true;
        tail(NOW - 26 * 3_600_000L).check();
        assertThat(store.listed).isEmpty();
    }
}
