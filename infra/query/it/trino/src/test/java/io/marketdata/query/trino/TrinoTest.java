package io.marketdata.query.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.Documented;
import io.marketdata.query.testkit.HostileTree;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.ThreeInstances;
import io.marketdata.query.testkit.Trade;
import io.trino.testing.QueryFailedException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trino reads raw parts, compacted files and its own Iceberg tables; each has the rows that DuckDB has. */
class TrinoTest {

    private static final String SYMBOLS = "BTCUSDT,ETHUSDT";
    private static final String TRADE = "symbol, trade_id, trade_time, price, quantity, buyer_is_maker, copies";
    private static final String BAR = "symbol, ts, open, high, low, close, volume, quote_volume, taker_buy_volume,"
            + " trade_count, id_first, id_last, complete";

    @TempDir
    private static Path folder;

    private static Path bucket;
    private static Trino trino;

    @BeforeAll
    static void recordAndCompact() throws Exception {
        bucket = folder.resolve("bucket");
        for (String symbol : SYMBOLS.split(",")) {
            ThreeInstances.record(bucket, symbol);
        }
        query("compact", "--symbol=" + SYMBOLS, "--day=" + ThreeInstances.DAY);
        trino = new Trino(folder);
        trino.createRaw("market_data", "bucket", SYMBOLS);
        trino.createCompacted("bucket");
        trino.createIceberg();
    }

    @AfterAll
    static void stop() {
        trino.close();
    }

    /** The packaged program in a process of its own. */
    private static void query(String command, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("query.jar"),
                command,
                "--bucket=file:" + bucket,
                "--work=" + Path.of("target", "duckdb-work").toAbsolutePath()));
        all.addAll(List.of(options));
        assertThat(new ProcessBuilder(all).inheritIO().start().waitFor()).isZero();
    }

    /** The rows of a query to DuckDB. */
    private static List<String> duckDb(String sql, String from, String to) throws IOException, InterruptedException {
        Path out = folder.resolve("duckdb.csv");
        Files.deleteIfExists(out);
        query("sql", "--symbol=" + SYMBOLS, "--from=" + from, "--to=" + to, "--format=csv", "--out=" + out, sql);
        List<String> lines = Files.readAllLines(out);
        return lines.subList(1, lines.size());
    }

    private static String select(String columns, String time, String text, String rest) {
        return "SELECT " + columns.replace(time, text) + " FROM " + rest + " ORDER BY 1, 2";
    }

    private static List<String> duckDbTrades(String from, String to) throws IOException, InterruptedException {
        String text = "strftime(trade_time, '%Y-%m-%d %H:%M:%S.%f')";
        return duckDb(select(TRADE, "trade_time", text, "trades"), from, to);
    }

    private static List<String> duckDbBars(String from, String to) throws IOException, InterruptedException {
        String columns = BAR.replace("close", "\"close\"");
        return duckDb(select(columns, "ts", "strftime(ts, '%Y-%m-%d %H:%M:%S.%f')", "bars_1s"), from, to);
    }

    private static List<String> trades(String table) {
        String text = "CAST(CAST(trade_time AT TIME ZONE 'UTC' AS timestamp(6)) AS varchar)";
        return trino.rows(
                select(TRADE, "trade_time", table.contains("_raw") ? text : "CAST(trade_time AS varchar)", table));
    }

    private static List<String> bars(String table) {
        return trino.rows(select(BAR, "ts", "CAST(ts AS varchar)", table));
    }

    @Test
    void rawPartsGiveTheTradesAndGaps() throws Exception {
        String day = " WHERE dt = '" + ThreeInstances.DAY + "'";

        assertThat(trades("market_data.trades_raw" + day))
                .hasSizeGreaterThan(800)
                .isEqualTo(duckDbTrades("2025-11-20", "2025-11-21"));
        assertThat(trino.rows("SELECT DISTINCT agree FROM market_data.trades_raw" + day))
                .containsExactly("true");
        assertThat(trino.rows(
                        "SELECT symbol, id_first, id_last, missing FROM market_data.gaps_raw" + day + " ORDER BY 1"))
                .hasSize(2)
                .isEqualTo(duckDb(
                        "SELECT symbol, id_first, id_last, missing FROM gaps ORDER BY 1", "2025-11-20", "2025-11-21"));
    }

    /** Parts and, each as a row of nulls, manifests. */
    @Test
    void rawTableHasEveryLine() throws IOException {
        long lines = 0;
        long manifests = 0;
        try (Stream<Path> files = Files.walk(bucket.resolve("raw"))) {
            for (Path file : files.filter(each -> each.toString().contains("dt=" + ThreeInstances.DAY))
                    .filter(Files::isRegularFile)
                    .toList()) {
                if (file.toString().endsWith(".json")) {
                    manifests++;
                } else {
                    lines += Trade.frames(file).size();
                }
            }
        }
        assertThat(trino.rows(
                        "SELECT count(trade_id), count(*) - count(trade_id) FROM market_data.raw_trades WHERE dt = '"
                                + ThreeInstances.DAY + "'"))
                .containsExactly(lines + "," + manifests);
    }

    @Test
    void compactedFilesGiveTheirRows() throws Exception {
        String day = " WHERE dt = '" + ThreeInstances.DAY + "'";
        trino.findCompacted();

        assertThat(trades("market_data.compacted_trades" + day)).isEqualTo(duckDbTrades("2025-11-20", "2025-11-21"));
        assertThat(bars("market_data.compacted_bars" + day))
                .hasSizeGreaterThan(300)
                .isEqualTo(duckDbBars("2025-11-20", "2025-11-21"));
    }

    @Test
    void mergeFillsTheIcebergTablesOnce() throws Exception {
        List<String> trades = duckDbTrades("2025-11-20", "2025-11-21");
        List<String> bars = duckDbBars("2025-11-20", "2025-11-21");

        assertThat(trino.merge("trades", ThreeInstances.DAY)).isEqualTo(trades.size());
        assertThat(trino.merge("trades", ThreeInstances.DAY)).isZero();
        assertThat(trino.merge("bars_1s", ThreeInstances.DAY)).isEqualTo(bars.size());
        assertThat(trino.merge("bars_1s", ThreeInstances.DAY)).isZero();

        assertThat(trades("iceberg.market_data.trades WHERE trade_time >= TIMESTAMP '2025-11-20 00:00:00'"))
                .isEqualTo(trades);
        assertThat(bars("iceberg.market_data.bars_1s WHERE ts >= TIMESTAMP '2025-11-20 00:00:00'"))
                .isEqualTo(bars);
    }

    @Test
    void recordedFramesHaveTheirKnownFigures() throws Exception {
        String named = System.getProperty("recorded.frames", "");
        assumeThat(named).as("-Drecorded.frames names the recorded frames").isNotEmpty();
        RecordedBucket recorded = new RecordedBucket(bucket, new Symbol("BTCUSDT"));
        List<Trade> frames = Trade.frames(Path.of(named));
        recorded.record("i-1", frames, trade -> trade.id() % 20 == 0);
        recorded.record("i-2", frames, trade -> trade.id() % 20 == 10);
        for (String day : List.of("2024-08-08", "2024-08-09")) {
            query("compact", "--symbol=BTCUSDT", "--day=" + day);
            trino.merge("trades", day);
        }
        trino.merge("bars_1s", "2024-08-09");
        trino.merge("bars_1s", "2024-08-08");
        trino.findCompacted();
        String figures = "SELECT count(*), count(DISTINCT trade_id), sum(quantity) FROM ";
        String second = "SELECT trade_count, open, high, low, close, volume FROM %s WHERE ts = TIMESTAMP '2024-08-08"
                + " 23:58:35'";

        for (String table :
                List.of("hive.market_data.trades_raw WHERE dt", "hive.market_data.compacted_trades WHERE dt")) {
            assertThat(trino.rows(figures + table + " < '2025'")).containsExactly("19904,19904,437.91552000");
        }
        assertThat(trino.rows(
                        figures + "iceberg.market_data.trades WHERE trade_time < TIMESTAMP '2025-01-01 00:00:00'"))
                .containsExactly("19904,19904,437.91552000");
        for (String table : List.of("hive.market_data.compacted_bars", "iceberg.market_data.bars_1s")) {
            assertThat(trino.rows(second.formatted(table)))
                    .containsExactly("950,61662.36000000,61662.36000000,61583.22000000,61627.00000000,18.77791000");
            assertThat(bars(table + " WHERE ts < TIMESTAMP '2025-01-01 00:00:00'"))
                    .hasSize(645)
                    .isEqualTo(duckDbBars("2024-08-08", "2024-08-10"));
        }
    }

    /** The table in docs/QUERYING.md of what engines make of damage. */
    @Test
    void hostileTree() throws Exception {
        HostileTree tree = HostileTree.record(folder.resolve("hostile"));
        String symbols = Arrays.stream(HostileTree.Fault.values())
                .map(HostileTree.Fault::symbol)
                .collect(Collectors.joining(","));
        trino.createRaw("hostile", "hostile", symbols);

        assertThat(Documented.rows("Trino")).contains(tree.row("Trino", TrinoTest::askHostile));
    }

    private static String askHostile(String symbol) {
        try {
            String[] answer = trino.rows("SELECT count(*), sum(quantity), bool_and(agree) FROM hostile.trades_raw"
                            + " WHERE symbol = '" + symbol + "' AND dt = '" + HostileTree.DAY + "'")
                    .get(0)
                    .split(",");
            return HostileTree.summary(Long.parseLong(answer[0]), new BigDecimal(answer[1]))
                    + (answer[2].equals("true") ? "" : "!");
        } catch (QueryFailedException e) {
            return null;
        }
    }
}
