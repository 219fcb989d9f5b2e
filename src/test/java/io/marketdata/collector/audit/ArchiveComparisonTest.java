package io.marketdata.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveComparisonTest {

    private static final Period DAY = Period.day(LocalDate.of(2025, 1, 15));
    private static final long FIRST_ID = 5_000_000;
    private static final List<Issued> ISSUED =
            RecordedDay.issued(FIRST_ID, DAY.fromMs() + 1_000, DAY.fromMs() + 3_600_000, 7_000);
    private static final long LAST_ID = FIRST_ID + ISSUED.size() - 1;

    private final MemoryStore bucket = new MemoryStore();

    @TempDir
    private Path folder;

    private void record(String instance, LongPredicate isMissed) {
        new RecordedDay(Trades.BTCUSDT, instance, 20).record(ISSUED, isMissed).writeTo(bucket);
    }

    /** The rows of the trades that {@link RecordedDay} records. */
    private static String csv(long perMs, LongPredicate isLacking) {
        StringBuilder rows = new StringBuilder();
        for (Issued trade : ISSUED) {
            if (!isLacking.test(trade.id())) {
                rows.append(trade.id())
                        .append(",9")
                        .append(trade.id() % 10_000)
                        .append(".5,0.00")
                        .append(trade.id() % 1_000)
                        .append("00,1.0,")
                        .append(trade.timeMs() * perMs)
                        .append(',')
                        .append(trade.id() % 2 == 0 ? "True" : "False")
                        .append(",True\n");
            }
        }
        return rows.toString();
    }

    private Path write(String csv) throws IOException {
        return Files.writeString(folder.resolve("BTCUSDT-trades-2025-01-15.csv"), csv);
    }

    private DayReport compare(Path archive) throws Exception {
        Verification.Options options = new Verification.Options(null, false, 2);
        DayReport report =
                new Verification(bucket, Trades.BTCUSDT, DAY, options, Thread::new, (what, done, total) -> {}).run();
        return new ArchiveComparison(bucket, report, (what, done, total) -> {})
                .run(ArchiveFile.of(archive, Trades.BTCUSDT, DAY));
    }

    @Test
    void anArchiveThatAgreesChangesNothing() throws Exception {
        record("i-1", id -> id % 100 < 10);
        record("i-2", id -> id % 100 > 90);

        DayReport report =
                compare(write("id,price,qty,quote_qty,time,is_buyer_maker,is_best_match\n" + csv(1, id -> false)));

        assertThat(report.problems()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.COMPLETE);
        assertThat(report.notices())
                .singleElement()
                .asString()
                .endsWith(ISSUED.size() + " rows compared; 0 not in the bucket, 0 not in the archive, 0 different");
    }

    @Test
    void aZipFileWithMicrosecondsIsReadAndItsChecksumChecked() throws Exception {
        record("i-1", id -> false);
        Path zip = folder.resolve("BTCUSDT-trades-2025-01-15.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("BTCUSDT-trades-2025-01-15.csv"));
            ((OutputStream) out).write(csv(1_000, id -> false).getBytes(StandardCharsets.UTF_8));
        }
        Path checksum = folder.resolve("BTCUSDT-trades-2025-01-15.zip.CHECKSUM");
        Files.writeString(checksum, Sha256.of(Files.readAllBytes(zip)).hex() + "  BTCUSDT-trades-2025-01-15.zip\n");

        assertThat(compare(folder).verdict()).isEqualTo(Verdict.COMPLETE);

        Files.writeString(checksum, "0".repeat(64) + "  BTCUSDT-trades-2025-01-15.zip\n");
        assertThatThrownBy(() -> compare(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("download both");
    }

    @Test
    void tradesBeyondAnOpenEdgeAreMissing() throws Exception {
        record("i-1", id -> id < FIRST_ID + 5 || id > LAST_ID - 3);

        DayReport report = compare(write(csv(1, id -> false)));

        assertThat(report.verdict()).isEqualTo(Verdict.INCOMPLETE);
        assertThat(report.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.ARCHIVE_DIFFERS);
            assertThat(problem.ids().count()).isEqualTo(8);
        });
        assertThat(report.toBackfill().count()).isEqualTo(8);
    }

    @Test
    void rowsThatTheArchiveLacksAreItsOwnFault() throws Exception {
        record("i-1", id -> false);

        DayReport report = compare(write(csv(1, id -> id < FIRST_ID + 2 || id == FIRST_ID + 50 || id > LAST_ID - 2)));

        assertThat(report.verdict()).isEqualTo(Verdict.COMPLETE);
        assertThat(report.notices()).anySatisfy(text -> assertThat(text).contains("5 not in the archive"));
        assertThat(report.notices())
                .anySatisfy(text -> assertThat(text)
                        .contains("the archive lacks ids " + FIRST_ID + " to " + LAST_ID + " in 3 ranges")
                        .contains("likelier the archive's"));
    }

    @Test
    void eachMemberThatDiffersIsNamed() throws Exception {
        record("i-1", id -> false);
        String row = (FIRST_ID + 7) + ",9";
        String good = csv(1, id -> false);
        List<String> wrong = List.of(
                good.replace("\n" + row, "\n" + (FIRST_ID + 7) + ",8"),
                good.replaceFirst("(\n" + row + "[^,]*),0", "$1,1"),
                good.replaceFirst("(\n" + row + "[^,]*,[^,]*,[^,]*),1", "$1,2"),
                good.replaceFirst("(\n" + row + "[^\n]*),False,", "$1,True,"));
        for (String csv : wrong) {
            assertThat(csv).isNotEqualTo(good);

            DayReport report = compare(write(csv));

            assertThat(report.problems()).extracting(Problem::key).containsExactly("trade " + (FIRST_ID + 7));
            assertThat(report.verdict()).isEqualTo(Verdict.INCOMPLETE);
        }
    }

    @Test
    void aFileThatIsNoArchiveIsRefused() throws Exception {
        record("i-1", id -> false);

        assertThatThrownBy(() -> compare(write(csv(1, id -> false) + "nonsense\n")))
                .hasMessageContaining("line " + (ISSUED.size() + 1) + " is not a trade");
        assertThatThrownBy(() -> compare(write(csv(1, id -> false) + csv(1, id -> false))))
                .hasMessageContaining("not in the order of their ids");
        assertThatThrownBy(() -> compare(folder.resolve("none"))).hasMessageContaining("does not exist");
    }
}
