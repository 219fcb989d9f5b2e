package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.Period;
import io.marketdata.collector.testkit.ArchiveDay;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A day that REST no longer has: parts are deleted from a bucket, and come back from the exchange's own file. */
@Execution(ExecutionMode.CONCURRENT)
class ArchiveIT {

    private static final Period DAY = Period.day(LocalDate.of(2025, 1, 15));
    private static final List<Issued> ISSUED =
            RecordedDay.issued(5_000_000, DAY.fromMs() + 1_000, DAY.toMs() - 1_000, 20_000);
    private static final String ZIP = "BTCUSDT-trades-2025-01-15.zip";

    @TempDir
    private Path folder;

    @Test
    void deletedPartsComeBackFromTheFileOfTheDay() throws Exception {
        lose();
        new ArchiveDay(DAY, ISSUED).micros(true).write(folder, true);
        String[] backfill = {"backfill", "--from-verify=verify.json", "--from-archive=" + ZIP};

        Files.writeString(folder.resolve("verify.json"), run(1, verify("--json")));
        assertThat(run(0, with(backfill, "--dry-run")))
                .contains("SHA-256 as in its CHECKSUM", "would copy BTCUSDT ids ", "would backfill 120 of 120 trades");
        assertThat(archived()).isZero();
        assertThat(run(0, backfill)).contains("backfilled 120 of 120 trades of BTCUSDT into ");
        long parts = archived();
        assertThat(parts).isPositive();

        assertThat(run(0, verify())).contains("COMPLETE");
        assertThat(run(0, verify("--deep", "--against-archive=" + ZIP)))
                .contains("0 not in the bucket, 0 not in the archive, 0 different");
        assertThat(run(0, backfill)).contains("backfilled 0 of 120 trades", "120 were there already");
        assertThat(archived()).isEqualTo(parts);
        Oracle.of(folder.resolve("bucket"))
                .holdsExactly(5_000_000, 5_000_000 + ISSUED.size() - 1)
                .linesFollowTheSchema();
    }

    @Test
    void aFileThatIsDamagedOfAnotherSymbolOrWithGapsIsRefusedOrNamed() throws Exception {
        lose();
        Path zip = new ArchiveDay(DAY, ISSUED)
                .without(id -> id >= 5_002_200 && id < 5_002_210)
                .write(folder, true);
        Path checksum = folder.resolve(ZIP + ".CHECKSUM");
        String sum = Files.readString(checksum);
        Files.writeString(checksum, "0".repeat(64) + "  " + ZIP + "\n");
        Files.copy(zip, folder.resolve("ETHUSDT-trades-2025-01-15.zip"));
        Files.writeString(folder.resolve("verify.json"), run(1, verify("--json")));

        assertThat(run(2, "backfill", "--from-verify=verify.json", "--from-archive=" + ZIP))
                .contains("does not have the SHA-256 of " + ZIP + ".CHECKSUM; download both again")
                .doesNotContain("\tat ");
        assertThat(run(2, "backfill", "--from-verify=verify.json", "--from-archive=ETHUSDT-trades-2025-01-15.zip"))
                .contains("is no file BTCUSDT-trades-DAY.zip or .csv");
        assertThat(archived()).isZero();

        Files.writeString(checksum, sum);
        String[] day = {"--symbol=BTCUSDT", "--from=2025-01-15", "--to=2025-01-16", "--from-archive=."};
        assertThat(run(1, with(new String[] {"backfill"}, day)))
                .contains("itself lacks 10 trades in 1 gap, the first: ids 5002200 to 5002209")
                .contains("backfilled 110 of " + ISSUED.size() + " trades into ")
                .contains("not in ., try without --from-archive: ids 5002200 to 5002209 (10 trades)");
        assertThat(run(1, verify())).contains("NOT COMPLETE, 10 trades missing in 1 gap");
    }

    /** Deletes parts and manifests of 120 trades from the bucket of a day. */
    private void lose() throws IOException {
        RecordedDay day = new RecordedDay(Trades.BTCUSDT, "i-1", 20).record(ISSUED, id -> false);
        List<String> keys = new ArrayList<>(day.objects().keySet());
        keys.removeIf(key ->
                !key.contains("/12/0") && !key.contains("/12/1") && !key.contains("/12/2") && !key.contains("/12/3"));
        keys.forEach(day.objects()::remove);
        day.writeTo(folder.resolve("bucket"));
    }

    private long archived() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("bucket"))) {
            return files.filter(
                            file -> file.getFileName().toString().matches("part-local-001-archive-\\d+\\.jsonl\\.gz"))
                    .count();
        }
    }

    private static String[] verify(String... options) {
        return with(new String[] {"verify", "--symbol=BTCUSDT", "--day=2025-01-15"}, options);
    }

    private static String[] with(String[] first, String... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }

    private String run(int exitCode, String... arguments) throws Exception {
        Map<String, String> environment = Map.of(
                "RAW_BUCKET",
                "file:./bucket",
                "LOCAL_DIR",
                folder.resolve("spool").toString());
        try (CollectorProcess process = CollectorProcess.start(folder, environment, arguments)) {
            assertThat(process.awaitExit()).as(process.text()).isEqualTo(exitCode);
            return process.text();
        }
    }
}
