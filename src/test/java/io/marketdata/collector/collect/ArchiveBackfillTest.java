package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.audit.ArchiveComparison;
import io.marketdata.collector.audit.ArchiveFile;
import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.audit.Repair;
import io.marketdata.collector.audit.ReportJson;
import io.marketdata.collector.audit.Verification;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.testkit.ArchiveDay;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class ArchiveBackfillTest {

    private static final Period DAY = Period.day(LocalDate.of(2025, 1, 15));
    private static final long FIRST_ID = 5_000_000;
    private static final List<Issued> ISSUED =
            RecordedDay.issued(FIRST_ID, DAY.fromMs() + 1_000, DAY.fromMs() + 1_800_000, 700);
    private static final long LAST_ID = FIRST_ID + ISSUED.size() - 1;
    private static final SpoolUpload.Stop NEVER = longest -> false;

    private final List<String> words = new ArrayList<>();
    private MemoryStore bucket = new MemoryStore();

    @TempDir
    private Path folder;

    @Test
    void everyRandomGapIsFilledWithThePayloadOfTheFile() throws Exception {
        for (long seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            bucket = new MemoryStore();
            Set<Long> missed = randomGaps(random);
            RecordedDay day = new RecordedDay(Trades.BTCUSDT, "i-1", 20).record(ISSUED, missed::contains);
            Set<Long> damaged = random.nextBoolean() ? damage(day, random) : Set.of();
            day.writeTo(bucket);
            Set<String> before = bucket.objects().keySet();
            Path file = new ArchiveDay(DAY, ISSUED).micros(random.nextBoolean()).write(folder, random.nextBoolean());

            backfill(BackfillPlan.of(repairs(), file), NEVER);

            DayReport report = verify();
            String seeded = "seed " + seed + ": " + report.problems() + words;
            assertThat(report.verdict()).as(seeded).isEqualTo(Verdict.COMPLETE);
            assertThat(new ArchiveComparison(bucket, report, (what, done, total) -> {})
                            .run(ArchiveFile.of(file, Trades.BTCUSDT, DAY))
                            .verdict())
                    .as(seeded)
                    .isEqualTo(Verdict.COMPLETE);
            missed.addAll(damaged);
            checkLines(before, missed, seeded);
            Files.delete(file);
        }
    }

    /** None at the edges, of which {@code verify} alone cannot know. */
    private static Set<Long> randomGaps(Random random) {
        Set<Long> missed = new HashSet<>();
        for (int n = 1 + random.nextInt(6); n > 0; n--) {
            long from = FIRST_ID + 1 + random.nextInt(ISSUED.size() - 400);
            long end = from + 1 + random.nextInt(300);
            for (long id = from; id < end; id++) {
                missed.add(id);
            }
        }
        return missed;
    }

    /** A part loses its bytes. */
    private static Set<Long> damage(RecordedDay day, Random random) throws IOException {
        List<String> parts = day.objects().keySet().stream()
                .filter(key -> key.contains("/part-"))
                .toList();
        String key = parts.get(1 + random.nextInt(parts.size() - 2));
        Set<Long> ids = new HashSet<>();
        for (Oracle.Part part : new Oracle(day.objects()).parts()) {
            if (part.key().equals(key)) {
                part.lines().forEach(line -> ids.add(line.id()));
            }
        }
        day.objects().put(key, new byte[] {1, 2, 3});
        return ids;
    }

    private void checkLines(Set<String> before, Set<Long> missed, String seeded) throws IOException {
        Map<String, byte[]> added = new TreeMap<>(bucket.objects());
        added.keySet().removeAll(before);
        Oracle oracle = new Oracle(added).crossesNoSlotOf(5_000).linesFollowTheSchema();
        Map<Long, String> written = new TreeMap<>();
        for (Oracle.Part part : oracle.parts()) {
            assertThat(part.key()).contains("/part-a-archive-");
            assertThat(part.manifest().quality().origin()).isEqualTo(Origin.ARCHIVE);
            part.lines()
                    .forEach(line ->
                            assertThat(written.put(line.id(), line.event())).isNull());
        }
        Map<Long, String> expected = new TreeMap<>();
        ISSUED.stream()
                .filter(trade -> missed.contains(trade.id()))
                .forEach(trade -> expected.put(
                        trade.id(),
                        "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":" + trade.id() + ",\"p\":\""
                                + RecordedDay.price(trade) + "\",\"q\":\"" + RecordedDay.quantity(trade)
                                + "\",\"T\":" + trade.timeMs() + ",\"m\":" + RecordedDay.buyerIsMaker(trade)
                                + ",\"M\":true,\"src\":\"archive\"}"));
        assertThat(written).as(seeded).isEqualTo(expected);
    }

    @Test
    void aRangeOfTimeOrIdsNeedsNoExchangeAndSkipsWhatTheBucketHolds() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 20)
                .record(ISSUED, id -> id < FIRST_ID + 5 || id > LAST_ID - 3 || id == FIRST_ID + 100)
                .writeTo(bucket);
        new ArchiveDay(DAY, ISSUED).write(folder, true);

        RangeEnd from = new RangeEnd(true, DAY.fromMs());
        RangeEnd to = new RangeEnd(true, DAY.toMs());
        Backfill all = backfill(BackfillPlan.between(from, to, folder), NEVER);
        assertThat(all.wanted()).isEqualTo(ISSUED.size());
        assertThat(all.backfilled()).isEqualTo(9);
        assertThat(all.skipped()).isEqualTo(ISSUED.size() - 9);
        new Oracle(bucket.objects()).holdsExactly(FIRST_ID, LAST_ID);

        RangeEnd beyond = new RangeEnd(false, LAST_ID + 7);
        Backfill ids = backfill(BackfillPlan.between(new RangeEnd(false, LAST_ID - 1), beyond, folder), NEVER);
        assertThat(ids.backfilled()).isZero();
        assertThat(ids.skipped()).isEqualTo(2);
        assertThat(ids.unrecoverable()).containsExactly(new IdRange(LAST_ID + 1, LAST_ID + 7));
    }

    @Test
    void aGapAtMidnightIsFilledFromBothFilesOfADirectory() throws Exception {
        Period next = Period.day(LocalDate.of(2025, 1, 16));
        List<Issued> night = RecordedDay.issued(FIRST_ID, DAY.toMs() - 60_000, DAY.toMs() + 60_000, 500);
        long midnight = FIRST_ID + 120;
        new RecordedDay(Trades.BTCUSDT, "i-1", 20)
                .record(night, id -> Math.abs(id - midnight) < 30)
                .writeTo(bucket);
        new ArchiveDay(DAY, night.subList(0, 120)).write(folder, true);
        new ArchiveDay(next, night.subList(120, 240)).write(folder, false);

        Backfill backfill = backfill(BackfillPlan.of(repairs(), folder), NEVER);

        assertThat(backfill.backfilled()).isEqualTo(59);
        new Oracle(bucket.objects()).holdsExactly(FIRST_ID, FIRST_ID + 239);
    }

    @Test
    void aFileWithGapsFillsWhatItHasAndNamesTheRest() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 20)
                .record(ISSUED, id -> id > FIRST_ID + 50 && id < FIRST_ID + 100)
                .writeTo(bucket);
        Path file = new ArchiveDay(DAY, ISSUED)
                .without(id -> id > FIRST_ID + 60 && id < FIRST_ID + 70)
                .write(folder, false);

        Backfill backfill = backfill(BackfillPlan.of(repairs(), file), NEVER);

        assertThat(backfill.backfilled()).isEqualTo(40);
        assertThat(backfill.unrecoverable()).containsExactly(new IdRange(FIRST_ID + 61, FIRST_ID + 69));
        assertThat(words)
                .anySatisfy(line -> assertThat(line)
                        .contains("itself lacks 9 trades in 1 gap, the first: ids 5000061 to 5000069", "over REST"));
        assertThat(words).anySatisfy(line -> assertThat(line).contains("no CHECKSUM is beside it"));
        assertThat(verify().missing()).isEqualTo(9);
    }

    @Test
    void nothingOfAFileThatIsDamagedOrAnotherOneIsUsed() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 20)
                .record(ISSUED, id -> id == FIRST_ID + 50)
                .writeTo(bucket);
        int before = bucket.objects().size();
        String csv = new ArchiveDay(DAY, ISSUED).csv();
        Map<String, String> damages = Map.of(
                csv + "nonsense\n",
                "is not a trade",
                csv + csv,
                "not in the order of their ids",
                csv.replace(",True\n", ",yes\n"),
                "is not a trade",
                csv.replaceFirst("\n", "\n\n"),
                "is empty",
                csv.replaceFirst(",9", ",-9"),
                "is not a trade",
                csv.substring(0, csv.length() - 3),
                "is not a trade",
                csv.replace("," + ISSUED.get(9).timeMs(), "," + (DAY.toMs())),
                "another day than the name says",
                csv + "1".repeat(5_000),
                "is not a trade",
                "",
                "has no trade in it");
        for (Map.Entry<String, String> damage : damages.entrySet()) {
            Path file = Files.writeString(folder.resolve("BTCUSDT-trades-2025-01-15.csv"), damage.getKey());
            refuses(file, damage.getValue());
        }
        Path zip = new ArchiveDay(DAY, ISSUED).write(folder, true);
        byte[] bytes = Files.readAllBytes(zip);
        Path checksum = folder.resolve(zip.getFileName() + ".CHECKSUM");
        String sum = Files.readString(checksum);
        Files.writeString(checksum, "0" + sum.substring(1));
        refuses(zip, sum.startsWith("0") ? "never" : "does not have the SHA-256");
        Files.delete(checksum);
        for (int at : new int[] {100, bytes.length / 2, bytes.length - 200}) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 0x20;
            Files.write(zip, flipped);
            refuses(zip, "download it again");
            Files.write(zip, Arrays.copyOf(bytes, at));
            refuses(zip, "download it again");
        }
        Path other = folder.resolve("ETHUSDT-trades-2025-01-15.zip");
        Files.write(other, bytes);
        refuses(other, "only the name says which symbol and day");
        Path renamed = folder.resolve("BTCUSDT-trades-2025-01-16.zip");
        Files.write(renamed, bytes);
        refuses(renamed, "is not a zip file with BTCUSDT-trades-2025-01-16.csv in it");

        assertThat(bucket.objects()).hasSize(before);
    }

    private void refuses(Path file, String reason) throws Exception {
        List<Repair> repairs = repairs();
        assertThatThrownBy(() -> backfill(BackfillPlan.of(repairs, file), NEVER))
                .isInstanceOf(ArchiveFile.UnusableException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(reason);
    }

    @Test
    void aRunWhoseUploadsFailKeepsItsPartsAndTheNextOneUploadsThem() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 20)
                .record(ISSUED, id -> id > FIRST_ID + 10 && id < LAST_ID - 10)
                .writeTo(bucket);
        Path file = new ArchiveDay(DAY, ISSUED).write(folder, true);
        List<Repair> repairs = repairs();
        bucket.failAlways(StoreException.Kind.UNAVAILABLE);

        Backfill first = backfill(
                BackfillPlan.of(repairs, file), longest -> !bucket.attempts().isEmpty());
        assertThat(first.backfilled()).isPositive();
        assertThat(first.waitingParts()).isPositive();
        long left = first.left().stream().mapToLong(IdRange::count).sum();
        assertThat(first.backfilled() + left).isEqualTo(first.wanted());

        bucket.heal();
        Backfill second = backfill(BackfillPlan.of(repairs, file), NEVER);
        assertThat(second.backfilled()).isEqualTo(left);
        assertThat(second.skipped()).isEqualTo(first.backfilled());
        new Oracle(bucket.objects()).holdsExactly(FIRST_ID, LAST_ID);
        assertThat(verify().verdict()).isEqualTo(Verdict.COMPLETE);
    }

    private Backfill backfill(BackfillPlan.Order order, SpoolUpload.Stop stop) throws Exception {
        Map<String, String> environment = Map.of(
                "RAW_BUCKET",
                "file:" + folder.resolve("unused"),
                "LOCAL_DIR",
                folder.resolve("spool").toString(),
                "INSTANCE_ID",
                "a",
                "WS_URL",
                "ws://127.0.0.1:9",
                "REST_URL",
                "http://127.0.0.1:9");
        Backfill backfill = new Backfill(
                new SettingsLoader(environment, folder).load(),
                Trades.BTCUSDT,
                bucket,
                new LocalDisk(),
                Time.SYSTEM,
                words::add);
        backfill.run(order, stop);
        return backfill;
    }

    private DayReport verify() throws Exception {
        Verification.Options options = new Verification.Options(null, true, 2);
        return new Verification(bucket, Trades.BTCUSDT, DAY, options, Thread::new, (what, done, total) -> {}).run();
    }

    private List<Repair> repairs() throws Exception {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        ReportJson.write(json, "memory", 1, true, List.of(verify()));
        return Repair.read(Files.write(folder.resolve("verify.json"), json.toByteArray())).stream()
                .collect(Collectors.toList());
    }
}
