package io.marketdata.query.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {

    private static final long DAY_MS = 1_763_596_800_000L; // 2025-11-20
    private static final long NEXT_MS = DAY_MS + 86_400_000;
    private static final Path FRAMES = Path.of(System.getProperty("recorded.frames", "none"));

    @TempDir
    private Path folder;

    private RecordedBucket bucket;
    private Path out;

    @BeforeEach
    void createDirectories() throws IOException {
        bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        out = Files.createDirectory(folder.resolve("out"));
    }

    private Cli export(String day, String... options) {
        List<String> all = new ArrayList<>(List.of(
                "export", "--bucket=file:" + bucket.root(), "--symbol=BTCUSDT", "--day=" + day, "--out=" + out));
        all.addAll(List.of(options));
        return Cli.run(all.toArray(new String[0]));
    }

    private static List<Trade> day(long dayMs) {
        return List.of(
                new Trade(99, dayMs - 1, "100", "1", true),
                new Trade(100, dayMs, "61837.63000000", "0.00012346", true),
                new Trade(101, dayMs + 3_600_000, "0.00000003", "0.33333333", false),
                new Trade(102, dayMs + 86_399_999, "99999.99999999", "9999999.99999999", false),
                new Trade(103, dayMs + 86_400_000, "100", "1", true));
    }

    private void record(List<Trade> trades) throws IOException {
        for (Trade trade : trades) {
            bucket.part("i-1", Origin.STREAM, List.of(trade));
        }
    }

    /** 61837.63 × 0.00012346 = 7.6344737998: truncated, not rounded. */
    private static String rows(String first, String second, String third) {
        return "100,61837.63000000,0.00012346,7.63447379," + first + ",True,True\n"
                + "101,0.00000003,0.33333333,0.00000000," + second + ",False,True\n"
                + "102,99999.99999999,9999999.99999999,999999999999.89900000," + third + ",False,True\n";
    }

    @Test
    void timesAreInMicrosecondsSince2025() throws IOException {
        record(day(DAY_MS));

        Cli answer = export("2025-11-20", "--as=csv", "--layout=binance");

        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out()).contains("3 trades, ids 100 to 102");
        assertThat(Files.readString(out.resolve("BTCUSDT-trades-2025-11-20.csv")))
                .isEqualTo(rows("1763596800000000", "1763600400000000", "1763683199999000"));
        try (var files = Files.list(out)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void timesAreInMillisecondsBefore2025() throws IOException {
        record(day(1_735_603_200_000L)); // 2024-12-31

        assertThat(export("2024-12-31").code()).isZero();

        assertThat(Files.readString(out.resolve("BTCUSDT-trades-2024-12-31.csv")))
                .isEqualTo(rows("1735603200000", "1735606800000", "1735689599999"));
    }

    @Test
    void zipHasItsChecksumBesideIt() throws Exception {
        record(day(DAY_MS));

        assertThat(export("2025-11-20", "--zip").code()).isZero();

        Path zip = out.resolve("BTCUSDT-trades-2025-11-20.zip");
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(zip)));
        assertThat(out.resolve("BTCUSDT-trades-2025-11-20.zip.CHECKSUM"))
                .hasContent(digest + "  BTCUSDT-trades-2025-11-20.zip\n");
        try (ZipFile file = new ZipFile(zip.toFile())) {
            assertThat(file.size()).isEqualTo(1);
            assertThat(new String(
                            file.getInputStream(file.getEntry("BTCUSDT-trades-2025-11-20.csv"))
                                    .readAllBytes(),
                            StandardCharsets.UTF_8))
                    .isEqualTo(rows("1763596800000000", "1763600400000000", "1763683199999000"));
        }
    }

    @Test
    void parquetHasTheSameColumns() throws IOException {
        record(day(DAY_MS));

        assertThat(export("2025-11-20", "--as=parquet").code()).isZero();

        Path file = out.resolve("BTCUSDT-trades-2025-11-20.parquet");
        // A statement may read files of the work directory only.
        Path readable = Files.createDirectories(Cli.work().resolve("hours")).resolve("export-test.parquet");
        Files.move(file, readable, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try {
            assertThat(Cli.rows(bucket.root(), folder.resolve("rows"), "FROM '" + readable + "' LIMIT 1"))
                    .containsExactly("{\"id\":100,\"price\":61837.63000000,\"qty\":0.00012346,\"quoteQty\":7.63447379,"
                            + "\"time\":1763596800000000,\"isBuyerMaker\":true,\"isBestMatch\":true}");
        } finally {
            Files.delete(readable);
        }
    }

    @Test
    void dayWithGapsIsRefusedUnlessTheyAreAllowed() throws IOException {
        List<Trade> trades = new ArrayList<>(day(DAY_MS));
        trades.remove(2);
        trades.remove(0);
        record(trades);

        Cli refused = export("2025-11-20");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains(
                        "gap: trade ids 101 to 101 (1) are missing",
                        "no trade before id 100 is recorded",
                        "--allow-gaps")
                .doesNotContain("no trade after");
        assertThat(out).isEmptyDirectory();

        Cli allowed = export("2025-11-20", "--allow-gaps");
        assertThat(allowed.code()).isZero();
        assertThat(allowed.err()).contains("gap: trade ids 101 to 101 (1) are missing");
        assertThat(Files.readAllLines(out.resolve("BTCUSDT-trades-2025-11-20.csv")))
                .hasSize(2);
    }

    @Test
    void gapsAtMidnightAreFound() throws IOException {
        List<Trade> trades = new ArrayList<>(day(DAY_MS));
        trades.set(0, new Trade(90, DAY_MS - 1, "100", "1", true));
        trades.set(4, new Trade(109, NEXT_MS, "100", "1", true));
        record(trades);

        assertThat(export("2025-11-20").err()).contains("ids 91 to 99 (9) are", "ids 103 to 108 (6) are");
    }

    @Test
    void copiesThatDifferAreRefusedWhateverIsAllowed() throws IOException {
        record(day(DAY_MS));
        bucket.part("i-2", Origin.STREAM, List.of(day(DAY_MS).get(2).withPrice("0.00000004")));

        Cli answer = export("2025-11-20", "--allow-gaps");

        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("recorded copies differ, of trade 101");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void hourThatCannotBeUsedIsRefusedWhateverIsAllowed() throws IOException {
        List<Trade> trades = new ArrayList<>(day(DAY_MS));
        trades.set(2, trades.get(2).withPrice("0.0000000312345"));
        record(trades);

        Cli answer = export("2025-11-20", "--allow-gaps");

        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("cannot be used: 2025-11-20T01:00:00Z");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void usageIsExplained() throws IOException {
        record(day(DAY_MS));
        Path file = Files.writeString(out.resolve("BTCUSDT-trades-2025-11-20.csv"), "before");

        assertThat(export("2025-11-20").code()).isEqualTo(64);
        assertThat(export("2025-11-20").err()).contains("already exists; delete it");
        assertThat(file).hasContent("before");
        assertThat(export("2025-11-20T01:00Z").code()).isEqualTo(64);
        assertThat(export("2025-11-20", "--zip", "--as=parquet").code()).isEqualTo(64);
        assertThat(export("2025-11-19", "--out=" + folder.resolve("none")).code())
                .isEqualTo(64);
        assertThat(export("2025-11-25").code()).isEqualTo(2);
        assertThat(Cli.run("export", "--help").out()).contains("Example: market-data-query export");
    }

    @Test
    void recordedFramesAreExportedWithEveryTradeAndDigit() throws IOException {
        Assumptions.assumeTrue(Files.exists(FRAMES), "no recorded frames: -Drecorded.frames=FILE");
        List<Trade> trades = Trade.frames(FRAMES);
        bucket.record("i-1", trades, trade -> false);
        long midnightMs = 1_723_161_600_000L; // 2024-08-09
        List<Trade> expected =
                trades.stream().filter(trade -> trade.timeMs() < midnightMs).toList();

        assertThat(export("2024-08-08").code()).isEqualTo(1);
        Cli answer = export("2024-08-08", "--allow-gaps");

        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.err()).doesNotContain("gap:");
        List<String> lines = Files.readAllLines(out.resolve("BTCUSDT-trades-2024-08-08.csv"));
        assertThat(lines)
                .isEqualTo(expected.stream().map(ExportCommandTest::row).collect(Collectors.toList()));
        BigDecimal quantity = lines.stream()
                .map(line -> new BigDecimal(line.split(",", -1)[2]))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(quantity)
                .isEqualByComparingTo(expected.stream()
                        .map(trade -> new BigDecimal(trade.quantity()))
                        .reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    private static String row(Trade trade) {
        BigDecimal quote = new BigDecimal(trade.price())
                .multiply(new BigDecimal(trade.quantity()))
                .setScale(8, RoundingMode.DOWN);
        return trade.id() + "," + trade.price() + "," + trade.quantity() + "," + quote.toPlainString() + ","
                + trade.timeMs() + "," + (trade.buyerIsMaker() ? "True" : "False") + ",True";
    }
}
