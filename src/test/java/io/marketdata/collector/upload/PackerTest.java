package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.line;
import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Previous;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.DiscardingSink;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks which ids the checkpoint, the manifests and a resumed arbiter know after parts are packed. */
class PackerTest {

    private static final long SLOT = 1_736_950_335_000L;

    /** Parts in the order of sealing: a gap, pieces of it in parts of both origins, a late part, one ahead. */
    private static final List<Part> STORY = List.of(
            new Part(Origin.STREAM, 0, 100, 101, 102, 103, 104),
            new Part(Origin.STREAM, 5_000, 110, 112),
            new Part(Origin.REST, 10, 105, 106),
            new Part(Origin.STREAM, 20, 108),
            new Part(Origin.REST, 9_000, 120, 121, 124),
            new Part(Origin.STREAM, 10_000, 113, 114, 125),
            new Part(Origin.REST, 9_500, 122, 123),
            new Part(Origin.STREAM, 15_000, 126, 127));

    @TempDir
    private Path folder;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final ManualTime time = new ManualTime();
    private MemoryStore store = new MemoryStore();
    private Path home;
    private Spool spool;
    private Uploader uploader;

    /** A part as a writer seals it: its slot is counted from {@link #SLOT}, ms. */
    private record Part(Origin origin, long atMs, List<Long> ids) {
        Part(Origin origin, long atMs, long... ids) {
            this(origin, atMs, LongStream.of(ids).boxed().toList());
        }

        PartName name() {
            return new PartName(new InstanceId("local-001"), origin, SLOT + atMs);
        }
    }

    @BeforeEach
    void begin() throws IOException {
        begin("first");
    }

    private void begin(String name) throws IOException {
        home = folder.resolve(name);
        store = new MemoryStore();
        start();
    }

    private void start() throws IOException {
        spool = Spool.open(disk, home, Trades.BTCUSDT);
        uploader = new Uploader(
                store,
                6,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                time,
                () -> 0.999,
                new UploadMetrics(new Metrics()));
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    private void seal(Part part) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < part.ids().size(); i++) {
            lines.append(line(part.ids().get(i), SLOT + part.atMs() + i));
        }
        Files.writeString(spool.directory().resolve(PartState.SEALED.fileName(part.name())), lines);
    }

    private void sealAndPack(Part part) throws IOException {
        seal(part);
        uploader.offer(new SealedPart(spool, part.name(), RotatedBy.TIME, 0, 0, List.of()));
        while (uploader.packNext()) {}
    }

    private void pack(Origin origin, long atMs, long... ids) throws IOException {
        sealAndPack(new Part(origin, atMs, ids));
    }

    private void sweepAndPack() throws IOException {
        new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
        while (uploader.packNext()) {}
    }

    private Checkpoint last() throws IOException {
        return spool.checkpoint().orElseThrow();
    }

    private Manifest manifest(Origin origin, long atMs) throws IOException {
        return ManifestJson.read(
                spool.readManifest(new Part(origin, atMs).name()).orElseThrow());
    }

    private List<IdRange> missing() throws IOException {
        return last().missing().stream().map(Gap::ids).toList();
    }

    private static IdRange ids(long first, long last) {
        return new IdRange(first, last);
    }

    /** Resumes as the collector does at its start. */
    private LineArbiter resumed() throws IOException {
        LineArbiter arbiter = new LineArbiter(
                Trades.BTCUSDT,
                new DiscardingSink(),
                new LineArbiter.Limits(5_000_000, Duration.ofHours(24)),
                time,
                new FeedMetrics(new Metrics()));
        uploader.recorded(spool)
                .ifPresent(
                        last -> arbiter.resume(last.highestId(), last.highestTimeMs(), last.missing(), last.ahead()));
        uploader.recordedSince(spool, arbiter::resumeTrade);
        return arbiter;
    }

    /** The arbiter takes from REST exactly the ids up to the highest that no part holds. */
    private void knowsExactly(LineArbiter arbiter, Set<Long> recorded, String when) throws IOException {
        long first = recorded.stream().mapToLong(id -> id).min().orElse(0);
        long last = recorded.stream().mapToLong(id -> id).max().orElse(0);
        // Backfilled trades may be ahead of every other: the exchange's report reveals the gap between.
        arbiter.exchangeHas(last, SLOT);
        assertThat(arbiter.highest()).as(when).isEqualTo(last);
        assertThat(arbiter.gaps().stream().mapToLong(gap -> gap.ids().count()).sum())
                .as(when)
                .isEqualTo(last - first + 1 - recorded.size());
        for (long id = first; id <= last; id++) {
            assertThat(arbiter.offerBackfilled(trade(id, SLOT)))
                    .as("%s, id %d", when, id)
                    .isEqualTo(!recorded.contains(id));
        }
    }

    @Test
    void gapIsInTheNextManifestAndInTheCheckpointUntilItIsFilled() throws IOException {
        pack(Origin.STREAM, 0, 100, 101);
        pack(Origin.STREAM, 5_000, 105, 106);
        assertThat(manifest(Origin.STREAM, 5_000).quality().missingIds()).containsExactly(ids(102, 104));
        assertThat(missing()).containsExactly(ids(102, 104));

        pack(Origin.REST, 10, 103);
        assertThat(missing()).containsExactly(ids(102, 102), ids(104, 104));
        assertThat(manifest(Origin.REST, 10).quality().missingIds()).isEmpty();
        assertThat(last().s3Key()).isEqualTo(KeyLayout.part(Trades.BTCUSDT, new Part(Origin.STREAM, 5_000).name()));

        pack(Origin.STREAM, 20, 104);
        assertThat(missing()).containsExactly(ids(102, 102));
        assertThat(last().highestId()).isEqualTo(106);
        assertThat(last().idLast()).isEqualTo(104);
        assertThat(last().epochMs()).isEqualTo(SLOT + 5_000);

        pack(Origin.STREAM, 10_000, 107);
        assertThat(manifest(Origin.STREAM, 10_000).quality().missingIds()).isEmpty();
        assertThat(manifest(Origin.STREAM, 10_000).previous().idLast()).isEqualTo(104);
        assertThat(missing()).containsExactly(ids(102, 102));
    }

    /** REST may fill a gap, and its part may be sealed, while the part that reveals the gap is still open. */
    @Test
    void tradesBackfilledBeforeThePartThatRevealsTheGapAreNotMissing() throws IOException {
        pack(Origin.STREAM, 0, 100);
        pack(Origin.REST, 10, 101, 102);
        pack(Origin.REST, 2_000, 104);
        pack(Origin.STREAM, 5_000, 106, 107);

        assertThat(manifest(Origin.STREAM, 5_000).quality().missingIds()).containsExactly(ids(103, 103), ids(105, 105));
        assertThat(missing()).containsExactly(ids(103, 103), ids(105, 105));
        assertThat(last().ahead()).isEmpty();
        knowsExactly(resumed(), Set.of(100L, 101L, 102L, 104L, 106L, 107L), "at the end");
    }

    @Test
    void backfilledTradesAloneCreateNoCheckpoint() throws IOException {
        pack(Origin.REST, 10, 101, 102);

        assertThat(spool.checkpoint()).isEmpty();
    }

    @Test
    void sequenceResetBetweenPartsMakesNoGiantGap() throws IOException {
        pack(Origin.STREAM, 0, 6_595_931_385L, 6_595_931_387L);
        pack(Origin.STREAM, 5_000, 0, 1, 2, 4);
        assertThat(manifest(Origin.STREAM, 5_000).quality().missingIds()).containsExactly(ids(3, 3));
        assertThat(missing()).containsExactly(ids(3, 3));
        assertThat(last().highestId()).isEqualTo(4);

        pack(Origin.REST, 10, 6_595_931_386L);
        assertThat(missing()).containsExactly(ids(3, 3));
        assertThat(last().ahead()).isEmpty();

        pack(Origin.STREAM, 10_000, 5, 6);
        assertThat(manifest(Origin.STREAM, 10_000).quality().missingIds()).isEmpty();
        assertThat(manifest(Origin.STREAM, 10_000).previous().idLast()).isEqualTo(4);
    }

    @Test
    void sequenceResetWithinAPartMakesNoGiantGap() throws IOException {
        pack(Origin.STREAM, 0, 6_595_931_385L, 6_595_931_386L, 0, 1, 2, 4);
        assertThat(manifest(Origin.STREAM, 0).quality().missingIds()).containsExactly(ids(3, 3));
        assertThat(manifest(Origin.STREAM, 0).quality().sequenceResetAt()).isZero();

        pack(Origin.STREAM, 5_000, 5, 6);
        assertThat(manifest(Origin.STREAM, 5_000).quality().missingIds()).isEmpty();
        assertThat(last().highestId()).isEqualTo(6);
        assertThat(missing()).containsExactly(ids(3, 3));
    }

    @Test
    void gapsOlderThanTwentyFiveHoursStayInTheCheckpointAndAreNotBackfilled() throws IOException {
        pack(Origin.STREAM, 0, 100, 103);
        packAfter(Duration.ofHours(24), 105);
        assertThat(missing()).containsExactly(ids(101, 102), ids(104, 104));

        packAfter(Duration.ofHours(25).plusSeconds(1), 106);
        packAfter(Duration.ofHours(25).plusSeconds(6), 107);
        assertThat(missing())
                .as("without them the highest id would be false")
                .containsExactly(ids(101, 102), ids(104, 104));
        assertThat(last().missing().stream().filter(Gap::unrecoverable).map(Gap::ids))
                .containsExactly(ids(101, 102));
        assertThat(resumed().gaps().stream().map(Gap::ids)).containsExactly(ids(104, 104));
    }

    /** Advances both clocks to this time after the first part. */
    private void packAfter(Duration sinceFirst, long id) throws IOException {
        time.advance(Duration.ofMillis(ManualTime.START_MS - time.epochMillis()).plus(sinceFirst));
        pack(Origin.STREAM, sinceFirst.toMillis(), id);
    }

    @ParameterizedTest
    @ValueSource(longs = {-24 * 3_650, -1, 1, 24 * 3_650})
    void wrongOrCorrectedWallClockDropsNoGap(long hours) throws IOException {
        time.jumpWallClock(Duration.ofHours(hours));
        pack(Origin.STREAM, 0, 100, 103);
        pack(Origin.STREAM, 5_000, 105);
        assertThat(missing()).containsExactly(ids(101, 102), ids(104, 104));

        time.jumpWallClock(Duration.ofHours(-hours));
        pack(Origin.STREAM, 10_000, 106);
        assertThat(missing()).containsExactly(ids(101, 102), ids(104, 104));
    }

    @Test
    void moreThanAThousandGapsAreMergedInTheCheckpointButNotInTheManifest() throws IOException {
        long[] everySecond = LongStream.range(0, 1_500).map(i -> 100 + 2 * i).toArray();
        pack(Origin.STREAM, 0, everySecond);

        assertThat(manifest(Origin.STREAM, 0).quality().missingIds()).hasSize(1_499);
        assertThat(last().missing()).hasSize(Checkpoint.MAX_GAPS);
        LineArbiter arbiter = resumed();
        for (long id = 101; id < 3_000; id += 2) {
            assertThat(arbiter.offerBackfilled(trade(id, SLOT))).as("id %d", id).isTrue();
        }
    }

    /** Ends the process before every single disk operation, for every part of the story. */
    @Test
    void crashAtAnyMomentLeavesTheSameCheckpointAndManifestsAndAnExactArbiter() throws IOException {
        Result expected = packStory(-1, -1);
        int crashes = 0;
        for (int part = 0; part < STORY.size(); part++) {
            for (int operation = 0; ; operation++) {
                begin("crash-" + part + "-" + operation);
                Result result = packStory(part, operation);
                if (!result.crashed) {
                    break;
                }
                crashes++;
                String when = "crash before operation " + operation + " of part " + part;
                assertThat(result.last).as(when).isEqualTo(expected.last);
                assertThat(result.missing).as(when).isEqualTo(expected.missing);
                assertThat(result.previous).as(when).isEqualTo(expected.previous);
            }
        }
        assertThat(crashes).isGreaterThan(STORY.size() * 9);
    }

    /** One disk operation fails, the process continues and retries; other parts may come in between. */
    @Test
    void faultInAnyOperationLeavesAnExactArbiter() throws IOException {
        for (int part = 0; part < STORY.size(); part++) {
            boolean failed = true;
            for (int operation = 0; failed; operation++) {
                begin("fault-" + part + "-" + operation);
                int[] left = {Integer.MAX_VALUE};
                disk.failWhen((name, file) -> left[0]-- == 0);
                for (int i = 0; i < STORY.size(); i++) {
                    left[0] = i == part ? operation : Integer.MAX_VALUE;
                    sealAndPack(STORY.get(i));
                    failed = i == part ? left[0] < 0 : failed;
                }
                time.advance(Duration.ofMinutes(2));
                while (uploader.packNext()) {}
                disk.failWhen((name, file) -> false);

                String when = "fault in operation " + operation + " of part " + part;
                assertThat(spool.list(PartState.SEALED)).as(when).isEmpty();
                assertThat(spool.list(PartState.PACKED)).as(when).hasSize(STORY.size());
                knowsExactly(resumed(), recordedBy(STORY.size()), when);
                spool.close();
            }
        }
    }

    /** A power loss may empty a file that was not flushed. */
    @Test
    void lostCheckpointIsRebuiltFromPackedParts() throws IOException {
        for (Part part : STORY) {
            sealAndPack(part);
        }
        Files.write(spool.directory().resolve(".checkpoint"), new byte[0]);

        knowsExactly(resumed(), recordedBy(STORY.size()), "after the loss");
        assertThat(last().highestId()).isEqualTo(127);
    }

    @Test
    void backlogOfPackedPartsChangesNothingAtRepeatedStarts() throws IOException {
        for (Part part : STORY) {
            sealAndPack(part);
        }
        Checkpoint before = last();
        for (int i = 0; i < 3; i++) {
            spool.close();
            start();
            knowsExactly(resumed(), recordedBy(STORY.size()), "start " + i);
            sweepAndPack();
            assertThat(last()).isEqualTo(before);
        }
    }

    private static Set<Long> recordedBy(int parts) {
        Set<Long> recorded = new HashSet<>();
        STORY.stream().limit(parts).forEach(part -> recorded.addAll(part.ids()));
        return recorded;
    }

    /** Content of the spool at the end. */
    private static final class Result {
        boolean crashed;
        Checkpoint last;
        final Map<String, List<IdRange>> missing = new TreeMap<>();
        final Map<String, Previous> previous = new TreeMap<>();
    }

    /** Packs part after part, and ends the process before the given disk operation. */
    private Result packStory(int crashingPart, int operation) throws IOException {
        Result result = new Result();
        for (int i = 0; i < STORY.size(); i++) {
            if (i == crashingPart) {
                int[] left = {operation};
                disk.failWhen((name, file) -> left[0]-- <= 0);
                sealAndPack(STORY.get(i));
                disk.failWhen((name, file) -> false);
                result.crashed = left[0] < 0;
                spool.close();
                start();
                knowsExactly(resumed(), recordedBy(i + 1), "crash before operation " + operation + " of part " + i);
                sweepAndPack();
                assertThat(spool.list(PartState.SEALED)).isEmpty();
            } else {
                sealAndPack(STORY.get(i));
            }
        }
        result.last = last();
        List<PartName> packed = new ArrayList<>(spool.list(PartState.PACKED));
        assertThat(packed).hasSize(STORY.size());
        for (PartName name : packed) {
            Manifest manifest = ManifestJson.read(spool.readManifest(name).orElseThrow());
            result.missing.put(name.toString(), manifest.quality().missingIds());
            result.previous.put(name.toString(), manifest.previous());
        }
        spool.close();
        return result;
    }
}
