package io.marketdata.query.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.Documented;
import io.marketdata.query.testkit.HostileTree;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/QUERYING.md and infra/sql show for other programs gives the same answers as this one. */
class OtherEnginesTest {

    private static final long FROM_MS = 1_763_632_800_000L; // 2025-11-20T10:00Z

    @TempDir
    private Path folder;

    private RecordedBucket bucket;
    private List<Trade> issued;

    @BeforeEach
    void record() throws IOException {
        bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        issued = new ArrayList<>(Trade.made(4_000_000_000L, FROM_MS, FROM_MS + 600_000, 5));
        issued.remove(300); // no instance holds it
        bucket.record("i-1", issued, trade -> trade.id() % 100 == 7);
        bucket.record("i-2", issued, trade -> trade.id() % 50 == 0);
    }

    @Test
    void duckDbFileGivesTheBarsAndGapsOfSql() throws Exception {
        String columns =
                "ts, symbol, \"open\", high, low, \"close\", volume, quote_volume, taker_buy_volume, trade_count,"
                        + " id_first, id_last, complete";
        String bars = "SELECT " + columns + " FROM bars_1s ORDER BY ts";
        List<String> ours = Cli.rows(bucket.root(), folder.resolve("bars"), bars, "--symbol=BTCUSDT");
        Path theirs = folder.resolve("theirs");
        try (WorkDirectory work = WorkDirectory.open(Cli.work());
                DuckDb duck = DuckDb.open(work, "256MB")) {
            duck.run("SET VARIABLE bucket = " + DuckDb.text(bucket.root().toString()));
            for (String statement : Documented.statements("duckdb.sql")) {
                duck.run(statement);
            }
            duck.run("COPY (" + bars + ") TO " + DuckDb.text(theirs.toString()) + " (FORMAT parquet)");

            long gap = issued.get(300).id() - 1;
            assertThat(duck.rows(
                            "SELECT id_first, id_last, missing FROM gaps",
                            row -> row.getLong(1) + " " + row.getLong(2) + " " + row.getLong(3)))
                    .containsExactly(gap + " " + gap + " 1");
            assertThat(duck.rows("SELECT bool_and(agree) FROM trades", row -> row.getBoolean(1)))
                    .containsExactly(true);
            Path same = folder.resolve("same");
            Cli.run(
                    "sql",
                    "--bucket=file:" + bucket.root(),
                    "--symbol=BTCUSDT",
                    "--format=parquet",
                    "--out=" + same,
                    bars);
            assertThat(duck.rows(difference(same, theirs), OtherEnginesTest::first))
                    .containsExactly("0");
            assertThat(duck.rows(difference(theirs, same), OtherEnginesTest::first))
                    .containsExactly("0");
        }
        assertThat(ours).hasSizeGreaterThan(100);
    }

    private static String difference(Path one, Path other) {
        return "SELECT count(*) FROM (FROM read_parquet(" + DuckDb.text(one.toString()) + ") EXCEPT FROM read_parquet("
                + DuckDb.text(other.toString()) + "))";
    }

    private static String first(ResultSet row) throws SQLException {
        return row.getString(1);
    }

    @Test
    void jqCountsEachTradeOnce() throws Exception {
        Assumptions.assumeTrue(run("jq", "--version") != null, "jq is not installed");
        long last = issued.get(issued.size() - 1).id();

        assertThat(run("bash", "-c", Documented.snippet("jq")))
                .isEqualTo(issued.size() + " trades, ids 4000000000 to " + last);
    }

    @Test
    void pandasAddsQuantitiesExactly() throws Exception {
        assertThat(python("pandas", Documented.snippet("pandas"))).isEqualTo(HostileTree.summary(issued));
    }

    @Test
    void polarsAddsQuantitiesExactly() throws Exception {
        assertThat(python("polars", Documented.snippet("polars"))).isEqualTo(HostileTree.summary(issued));
    }

    @Test
    void polarsReadsWhatIsCompacted() throws Exception {
        String script = "import polars, sys; trades = polars.read_parquet(sys.argv[1]);"
                + " print(trades.height, 'trades,', trades['quantity'].sum().normalize(), 'traded')";
        Assumptions.assumeTrue(run("python3", "-c", "import polars") != null, "polars is not installed");
        Cli.run("compact", "--bucket=file:" + bucket.root(), "--symbol=BTCUSDT", "--day=2025-11-20");

        assertThat(run("python3", "-c", script, bucket.root() + "/compact/exchange=binance/stream=trade/**/*.parquet"))
                .isEqualTo(HostileTree.summary(issued));
    }

    private String python(String module, String script) throws Exception {
        Assumptions.assumeTrue(run("python3", "-c", "import " + module) != null, module + " is not installed");
        return run("python3", "-c", script);
    }

    private String run(String... command) throws InterruptedException {
        return Documented.run(bucket.root(), command);
    }
}
