package io.marketdata.query.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlCommandTest {

    private static final long HOUR_MS = 1_763_632_800_000L; // 2025-11-20T10:00Z

    @TempDir
    private Path folder;

    private RecordedBucket bucket;

    @BeforeEach
    void record() throws IOException {
        bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        bucket.record("i-1", Trade.made(4_000_000_000L, HOUR_MS, HOUR_MS + 120_000, 1), trade -> false);
    }

    private Cli sql(String sql, String... options) {
        List<String> all = new ArrayList<>(List.of("sql", "--bucket=file:" + bucket.root(), sql));
        all.addAll(List.of(options));
        return Cli.run(all.toArray(new String[0]));
    }

    private String table(String sql) throws IOException {
        Path file = folder.resolve("table");
        Cli cli = sql(sql, "--out=" + file);
        assertThat(cli.code()).as(cli.err()).isZero();
        return Files.readString(file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM read_csv('/etc/hosts')",
                "ATTACH '/tmp/market-data-query-test.db'",
                "COPY (SELECT 1) TO '/tmp/market-data-query-test.csv'",
                "SELECT 1) TO '/tmp/market-data-query-test.csv'; --",
                "SET enable_external_access=true",
                "SET allowed_directories=['/']",
                "SET lock_configuration=false",
                "RESET enable_external_access",
                "PRAGMA memory_limit='10GB'",
                "INSTALL httpfs",
                "LOAD httpfs",
                "SELECT * FROM read_parquet('https://example.com/a.parquet')",
                "SELECT * FROM glob('/etc/*')",
            })
    void statementReachesNothingOutsideOfItsFiles(String statement) {
        // As part of COPY where it would end that statement.
        String format = statement.startsWith("SELECT 1)") ? "csv" : "table";
        Cli answer = sql(statement, "--format=" + format, "--out=" + folder.resolve("out"));
        if (statement.contains("glob(") && answer.code() == 0) {
            assertThat(folder.resolve("out")).content().doesNotContain("passwd");
        } else {
            assertThat(answer.code()).as(statement + ": " + answer).isEqualTo(1);
            assertThat(answer.err()).isNotBlank();
        }
        assertThat(Path.of("/tmp/market-data-query-test.csv")).doesNotExist();
        assertThat(Path.of("/tmp/market-data-query-test.db")).doesNotExist();
    }

    @Test
    void tableHasNullsWideLettersAndNumbersInLine() throws IOException {
        assertThat(table("SELECT * FROM (VALUES ('币安人生USDT', 1, NULL), ('a', 12345, 'x' || chr(10) || 'y'))"
                        + " AS v(symbol, n, note)"))
                .isEqualTo("""
                        symbol       | n     | note
                        -------------+-------+---------
                        币安人生USDT |     1 | NULL
                        a            | 12345 | x\\u000ay
                        (2 rows)
                        """);
    }

    @Test
    void longCellsAreCut() throws IOException {
        assertThat(table("SELECT repeat('x', 500) AS x"))
                .contains("x".repeat(99) + "…")
                .doesNotContain("x".repeat(100));
    }

    @Test
    void moreRowsThanDecideTheWidthsAreAllPrinted() throws IOException {
        assertThat(table("SELECT range FROM range(3000) ORDER BY range").lines())
                .hasSize(3003)
                .contains(" 2999", "(3000 rows)");
    }

    @Test
    void csvAndJsonHaveEveryDigit() throws IOException {
        Path file = folder.resolve("result");
        String sql = "SELECT 61837.63000000::DECIMAL(18,8) AS price, NULL AS nothing, '\"a,b\"' AS text";

        assertThat(sql(sql, "--format=csv", "--out=" + file).code()).isZero();
        assertThat(file).hasContent("price,nothing,text\n61837.63000000,,\"\"\"a,b\"\"\"\n");

        assertThat(sql(sql + " ; ", "--format=json", "--out=" + file).code()).isZero();
        assertThat(file).hasContent("{\"price\":61837.63000000,\"nothing\":null,\"text\":\"\\\"a,b\\\"\"}\n");
    }

    @Test
    void parquetNeedsAFileAndReplacesIt() throws IOException {
        Path file = Files.writeString(folder.resolve("result.parquet"), "before");

        assertThat(sql("FROM trades", "--format=parquet").code()).isEqualTo(64);
        assertThat(sql("FROM trades", "--format=parquet", "--out=" + file).code())
                .isZero();
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).startsWith("PAR1");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file, bucket.root());
        }
    }

    @Test
    void failedStatementSaysWhyAndWritesNothing() {
        Cli answer = sql("SELECT nonsense FROM trades", "--format=csv", "--out=" + folder.resolve("out"));

        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).contains("nonsense");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void periodBoundsRowsAndHours() throws IOException {
        bucket.record("i-1", Trade.made(5_000_000_000L, HOUR_MS + 7_200_000, HOUR_MS + 7_260_000, 2), trade -> false);

        assertThat(table("SELECT count(*) AS hours FROM coverage")).contains("    2\n");
        Path file = folder.resolve("rows");
        assertThat(Cli.rows(
                        bucket.root(),
                        file,
                        "SELECT (SELECT count(*) FROM coverage) AS hours, min(epoch_ms(trade_time)) >= "
                                + (HOUR_MS + 60_000) + " AS later, max(epoch_ms(trade_time)) < " + (HOUR_MS + 90_000)
                                + " AS sooner FROM trades",
                        "--from=2025-11-20T10:01Z",
                        "--to=2025-11-20T10:01:30Z"))
                .containsExactly("{\"hours\":1,\"later\":true,\"sooner\":true}");
    }

    @Test
    void emptyBucketHasEmptyViews() {
        for (String view : List.of("trades", "bars_1s", "bars_1m", "bars_1s_filled", "manifests", "gaps", "coverage")) {
            Cli answer = Cli.run(
                    "sql",
                    "--bucket=file:" + folder.resolve("none"),
                    "--format=csv",
                    "--out=" + folder.resolve("out"),
                    "SELECT count(*) FROM " + view);
            assertThat(answer.code()).as(answer.err()).isZero();
            assertThat(answer.err()).contains("Nothing is recorded there");
            assertThat(folder.resolve("out")).content().endsWith("\n0\n");
        }
    }

    @Test
    void usageIsAnsweredAsTheCollectorDoes() {
        assertThat(Cli.run("sql").code()).isEqualTo(64);
        assertThat(sql("SELECT 1", "--from=2025-11-21", "--to=2025-11-20").code())
                .isEqualTo(64);
        assertThat(Cli.run("sql", "--bucket=no_bucket", "SELECT 1").code()).isEqualTo(78);
        assertThat(Cli.run("compact", "--symbol=BTCUSDT").err()).contains("--day DAY or --last N is required");
        for (String command : List.of("sql", "compact")) {
            assertThat(Cli.run(command, "--help").out()).contains("Example: market-data-query " + command);
        }
    }
}
