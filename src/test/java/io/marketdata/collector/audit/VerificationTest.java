package io.marketdata.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Edge.State;
import io.marketdata.collector.audit.Problem.Kind;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestIndex;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VerificationTest {

    private static final Period DAY = Period.day(LocalDate.of(2025, 1, 15));
    private static final long FIRST_ID = 4_000_000;
    private static final long EVERY_MS = 100_000;
    private static final long AN_HOUR = Period.HOUR_MS / EVERY_MS;

    private final MemoryStore bucket = new MemoryStore();

    /** From an hour before the day to an hour after it. */
    private final List<Issued> issued = RecordedDay.issued(
            FIRST_ID - AN_HOUR, DAY.fromMs() - Period.HOUR_MS, DAY.toMs() + Period.HOUR_MS, EVERY_MS);

    private final long lastId = FIRST_ID + Period.DAY_MS / EVERY_MS - 1;

    @BeforeEach
    void record() {
        record("i-1", 5, id -> id >= FIRST_ID + 500 && id < FIRST_ID + 510);
        record("i-2", 7, id -> id >= FIRST_ID + 505 && id < FIRST_ID + 515);
        record("i-3", 60, id -> id == FIRST_ID + 100);
    }

    private void record(String instance, int slotSecs, LongPredicate isMissed) {
        new RecordedDay(Trades.BTCUSDT, instance, slotSecs)
                .record(issued, isMissed)
                .writeTo(bucket);
    }

    private DayReport verify(boolean isDeep, @Nullable InstanceId instance) throws InterruptedException {
        Verification.Options options = new Verification.Options(instance, isDeep, 4);
        return new Verification(bucket, Trades.BTCUSDT, DAY, options, Thread::new, (what, done, total) -> {}).run();
    }

    private DayReport bothWays() throws InterruptedException {
        DayReport shallow = verify(false, null);
        DayReport deep = verify(true, null);
        assertThat(deep.ids()).isEqualTo(shallow.ids());
        assertThat(deep.problems()).isEqualTo(shallow.problems());
        assertThat(deep.gaps()).isEqualTo(shallow.gaps());
        return shallow;
    }

    private void deleteTrades(long first, long last) throws IOException {
        for (String key : bucket.keys()) {
            if (key.endsWith(".json")) {
                Manifest.Payload part = ManifestJson.read(bucket.get(key)).payload();
                if (part.summary().idFirst() <= last && part.summary().idLast() >= first) {
                    bucket.delete(key);
                    bucket.delete(part.s3Key());
                }
            }
        }
    }

    /** The key of the manifest of the instance's part that holds the trade. */
    private String manifestWith(String instance, long id) throws IOException {
        for (String key : bucket.keys()) {
            if (key.contains("/manifest-" + instance)) {
                Manifest.Payload part = ManifestJson.read(bucket.get(key)).payload();
                if (part.summary().idFirst() <= id && part.summary().idLast() >= id) {
                    return key;
                }
            }
        }
        throw new AssertionError("no part of " + instance + " with " + id);
    }

    private static String partOf(String manifestKey) {
        return manifestKey.replace("/manifest-", "/part-").replace(".json", ".jsonl.gz");
    }

    private void edit(String key, UnaryOperator<String> change) {
        String text = new String(bucket.get(key), StandardCharsets.UTF_8);
        assertThat(change.apply(text)).isNotEqualTo(text);
        bucket.plant(key, change.apply(text).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theUnionOfInstancesIsCompleteAndTheGapsOfEachAreKnown() throws Exception {
        DayReport report = bothWays();

        assertThat(report.problems()).isEmpty();
        assertThat(report.notices()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.COMPLETE);
        assertThat(report.ids()).isEqualTo(IdRanges.of(FIRST_ID, lastId));
        assertThat(report.before()).isEqualTo(new Edge(State.JOINED, FIRST_ID - 1, ""));
        assertThat(report.after()).isEqualTo(new Edge(State.JOINED, lastId + 1, ""));
        assertThat(report.instances().get(0).gaps())
                .extracting(Gap::ids)
                .containsExactly(new IdRange(FIRST_ID + 500, FIRST_ID + 509));
        assertThat(report.instances().get(0).gaps().get(0).lastsMs()).isEqualTo(11 * EVERY_MS);
        assertThat(report.coverage().trades()).containsExactly(0L, 5L, 11L, 864L - 16);
        assertThat(report.hours()).hasSize(24);
        assertThat(report.hours().get(13).coverage().trades()).containsExactly(0L, 0L, 4L, 32L);
    }

    @Test
    void oneInstanceAloneHasItsGaps() throws Exception {
        DayReport report = verify(false, new InstanceId("i-1"));

        assertThat(report.verdict()).isEqualTo(Verdict.INCOMPLETE);
        assertThat(report.gaps()).extracting(Gap::ids).containsExactly(new IdRange(FIRST_ID + 500, FIRST_ID + 509));
    }

    @Test
    void gapsAtBothEndsOfTheDayAndAWholeHourAreFound() throws Exception {
        deleteTrades(FIRST_ID, FIRST_ID);
        deleteTrades(lastId, lastId);
        long hour = FIRST_ID + 4 * AN_HOUR;
        deleteTrades(hour, hour + AN_HOUR - 1);

        DayReport report = bothWays();

        assertThat(report.verdict()).isEqualTo(Verdict.INCOMPLETE);
        assertThat(report.gaps())
                .extracting(Gap::ids)
                .containsExactly(
                        new IdRange(FIRST_ID, FIRST_ID),
                        new IdRange(hour, hour + AN_HOUR - 1),
                        new IdRange(lastId, lastId));
        assertThat(report.before().state()).isEqualTo(State.GAP);
        assertThat(report.after().state()).isEqualTo(State.GAP);
        assertThat(report.hours().get(3).missing()).isEqualTo(AN_HOUR);
        assertThat(report.problems()).extracting(Problem::kind).containsOnly(Kind.PREVIOUS_MISSING);
    }

    @Test
    void theFirstAndTheLastDayHaveOpenEdges() throws Exception {
        deleteTrades(0, FIRST_ID - 1);
        deleteTrades(lastId + 1, Long.MAX_VALUE - 1);

        DayReport report = verify(false, null);

        assertThat(report.before()).isEqualTo(new Edge(State.OPEN, -1, "the recording begins here"));
        assertThat(report.after()).isEqualTo(new Edge(State.OPEN, -1, "nothing is recorded after it"));
        assertThat(report.problems()).extracting(Problem::kind).containsOnly(Kind.PREVIOUS_MISSING);
        assertThat(report.gaps()).isEmpty();
    }

    @Test
    void eachDamageIsNamedAndNothingElse() throws Exception {
        String gone = manifestWith("i-1", FIRST_ID + 50);
        String uncommitted = manifestWith("i-2", FIRST_ID + 300);
        String truncated = manifestWith("i-3", FIRST_ID + 250);
        String edited = manifestWith("i-1", FIRST_ID + 400);
        bucket.delete(partOf(gone));
        bucket.delete(gone);
        bucket.delete(uncommitted);
        bucket.plant(partOf(truncated), new byte[10]);
        edit(edited, text -> text.replace("\"record_count\":1,", "\"record_count\":2,"));

        DayReport report = verify(false, null);

        assertThat(report.problems())
                .extracting(problem -> problem.kind() + " " + problem.key())
                .containsExactlyInAnyOrder(
                        Kind.PREVIOUS_MISSING + " " + partOf(gone),
                        Kind.PART_WITHOUT_MANIFEST + " " + partOf(uncommitted),
                        Kind.SIZE_DIFFERS + " " + partOf(truncated),
                        Kind.CONTENT_DIFFERS + " " + partOf(edited));
        assertThat(report.gaps()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.INCOMPLETE);
    }

    @Test
    void anHourOfOneInstancesManifestsThatIsGoneIsNamedPartByPart() throws Exception {
        List<String> removed = bucket.keys().stream()
                .filter(key -> key.contains("/dt=2025-01-15/07/") && key.contains("/manifest-i-2-"))
                .toList();
        removed.forEach(bucket::delete);

        DayReport report = bothWays();

        assertThat(removed).hasSizeGreaterThan(30);
        assertThat(report.problems())
                .extracting(problem -> problem.kind() + " " + problem.key())
                .containsExactlyInAnyOrderElementsOf(removed.stream()
                        .map(key -> Kind.PART_WITHOUT_MANIFEST + " " + partOf(key))
                        .toList());
        assertThat(report.gaps()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.INCOMPLETE);
    }

    @Test
    void whatCannotBeReadIsNeverComplete() throws Exception {
        String unreadable = manifestWith("i-2", FIRST_ID + 600);
        bucket.plant(unreadable, "{".getBytes(StandardCharsets.UTF_8));
        DayReport damaged = verify(false, null);
        assertThat(damaged.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(damaged.problems()).extracting(Problem::key).containsExactly(unreadable);

        String hour = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/07/";
        bucket.failReadsWith(key -> key.equals(hour)
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "no right to list"))
                : Optional.empty());
        DayReport refused = verify(false, null);
        assertThat(refused.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(refused.notSeen()).containsExactly("no right to list");
    }

    @Test
    void whatIsBackfilledAgainCountsAsRepaired() throws Exception {
        String truncated = partOf(manifestWith("i-3", FIRST_ID + 250));
        String unreadable = manifestWith("i-2", FIRST_ID + 600);
        String edited = manifestWith("i-1", FIRST_ID + 300);
        deleteTrades(FIRST_ID + 700, FIRST_ID + 700);
        bucket.plant(truncated, new byte[10]);
        bucket.plant(unreadable, new byte[] {'{'});
        edit(edited, text -> text.replaceFirst("\"sha256\":\"..", "\"sha256\":\"00"));
        DayReport damaged = verify(false, null);
        assertThat(damaged.gaps()).hasSize(1);
        assertThat(damaged.problems()).hasSize(6);

        RecordedDay repair = new RecordedDay(Trades.BTCUSDT, "i-1", 5);
        for (IdRange range : damaged.toBackfill().ranges()) {
            repair.backfill(issued.stream()
                    .filter(trade -> trade.id() >= range.first() && trade.id() <= range.last())
                    .toList());
        }
        repair.writeTo(bucket);
        DayReport repaired = verify(false, null);

        assertThat(repaired.problems()).isEmpty();
        assertThat(repaired.repaired()).hasSize(6);
        assertThat(repaired.verdict()).isEqualTo(Verdict.COMPLETE);
    }

    /** As the collectors put them. */
    private void index(String instance, int hour) throws IOException {
        TreeMap<String, byte[]> manifests = new TreeMap<>();
        long hourMs = DAY.fromMs() + hour * Period.HOUR_MS;
        for (String key : bucket.keys()) {
            if (key.contains(String.format(Locale.ROOT, "/dt=2025-01-15/%02d/", hour))
                    && key.contains("/manifest-" + instance)) {
                manifests.put(key, bucket.get(key));
            }
        }
        bucket.plant(
                KeyLayout.index(Trades.BTCUSDT, new InstanceId(instance), hourMs, 0),
                ManifestIndex.write(manifests, 6));
    }

    @Test
    void manifestsThatAnIndexHoldsAreNotRead() throws Exception {
        for (String instance : List.of("i-1", "i-2", "i-3")) {
            for (int hour = 0; hour < 24; hour++) {
                index(instance, hour);
            }
        }
        bucket.failReadsWith(key -> key.contains("/dt=2025-01-15/") && key.contains("/manifest-")
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "read " + key))
                : Optional.empty());

        DayReport report = verify(false, null);

        assertThat(report.notSeen()).isEmpty();
        assertThat(report.problems()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.COMPLETE);
    }

    @Test
    void whatAnIndexNamesAndTheBucketLostOrChangedIsReported() throws Exception {
        index("i-1", 1);
        String lost = manifestWith("i-1", FIRST_ID + AN_HOUR + 1);
        String changed = manifestWith("i-1", FIRST_ID + AN_HOUR + 3);
        bucket.delete(lost);
        bucket.delete(partOf(lost));
        edit(changed, text -> text.replace("\"created_at_ms\":1", "\"created_at_ms\":2"));
        bucket.plant("index/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/02-i-2.jsonl.gz", new byte[9]);

        assertThat(verify(true, null).problems())
                .extracting(problem -> problem.kind() + " " + problem.key())
                .containsExactlyInAnyOrder(
                        Kind.INDEXED_MISSING + " " + partOf(lost),
                        Kind.PREVIOUS_MISSING + " " + partOf(lost),
                        Kind.INDEX_DIFFERS + " " + changed);
        assertThat(verify(false, null).notices()).singleElement().asString().contains("02-i-2.jsonl.gz is not used");
    }

    @Test
    void missingIdsUpToTheGreatestNumberAreReported() throws Exception {
        String edited = manifestWith("i-1", FIRST_ID + 20);
        edit(edited, text -> text.replace("\"missing_ids\":[", "\"missing_ids\":[[0," + Long.MAX_VALUE + "]"));

        assertThat(verify(false, null).problems()).extracting(Problem::key).containsExactly(partOf(edited));
    }

    @Test
    void nothingRecordedIsNotComplete() throws Exception {
        deleteTrades(0, Long.MAX_VALUE - 1);

        assertThat(verify(false, null).verdict()).isEqualTo(Verdict.INCOMPLETE);
    }
}
