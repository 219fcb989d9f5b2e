package io.marketdata.query.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.Documented;
import io.marketdata.query.testkit.HostileTree;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table in docs/QUERYING.md of what engines make of damage; those of Spark and Trino are in their projects. */
class HostileTreeTest {

    private static final Pattern SUMMARY = Pattern.compile("(\\d+) trades, ([0-9.]+) traded$");

    @TempDir
    private Path folder;

    private HostileTree tree;

    @BeforeEach
    void record() throws IOException {
        tree = HostileTree.record(folder);
    }

    private void documents(String name, HostileTree.Engine engine) throws Exception {
        assertThat(Documented.rows(name)).contains(tree.row(name, engine));
    }

    /** What a program printed, and whether it printed more than that. */
    private static String summary(String out) {
        if (out == null) {
            return null;
        }
        Matcher answer = SUMMARY.matcher(out);
        assertThat(answer.find()).as(out).isTrue();
        String summary = HostileTree.summary(Long.parseLong(answer.group(1)), new BigDecimal(answer.group(2)));
        return answer.start() > 0 ? summary + "!" : summary;
    }

    @Test
    void marketDataQuery() throws Exception {
        documents("`market-data-query.jar`", symbol -> {
            Cli compact = Cli.run("compact", "--bucket=file:" + folder, "--symbol=" + symbol, "--day=2025-11-20");
            boolean says = compact.code() != 0 || compact.out().contains("note: ");
            String rows = Cli.rows(
                            folder,
                            folder.resolve("rows"),
                            "SELECT count(*) || ' trades, ' || sum(quantity) || ' traded' AS s FROM trades",
                            "--symbol=" + symbol)
                    .get(0);
            return summary(rows.replaceAll(".*:\"|\"}", "")) + (says ? "!" : "");
        });
    }

    @Test
    void duckDb() throws Exception {
        documents("DuckDB", this::askDuckDb);
    }

    private String askDuckDb(String symbol) throws Exception {
        try (WorkDirectory work = WorkDirectory.open(Cli.work());
                DuckDb duck = DuckDb.open(work, "256MB")) {
            duck.run("SET VARIABLE bucket = " + DuckDb.text(folder.toString()));
            duck.run("SET VARIABLE symbol = " + DuckDb.text(symbol));
            for (String statement : Documented.statements("duckdb.sql")) {
                duck.run(statement);
            }
            return duck.rows(
                            "SELECT count(*), sum(quantity), bool_and(agree) FROM trades",
                            row -> HostileTree.summary(row.getLong(1), row.getBigDecimal(2))
                                    + (row.getBoolean(3) ? "" : "!"))
                    .get(0);
        } catch (SQLException e) {
            return null;
        }
    }

    @Test
    void jq() throws Exception {
        Assumptions.assumeTrue(Documented.run(folder, "jq", "--version") != null, "jq is not installed");
        // It prints ids, not quantities.
        String ids = ", ids \\(first.t) to \\(last.t)";
        String sum = ", \\(map(.q | tonumber) | add) traded";
        String snippet = Documented.snippet("jq");
        assertThat(snippet).contains(ids);
        documents("jq", symbol -> summary(run(symbol, "bash", "-c", snippet.replace(ids, sum))));
    }

    @Test
    void pandas() throws Exception {
        python("pandas", "pandas");
    }

    @Test
    void polars() throws Exception {
        python("Polars", "polars");
    }

    private void python(String name, String module) throws Exception {
        boolean isThere = Documented.run(folder, "python3", "-c", "import " + module) != null;
        Assumptions.assumeTrue(isThere, module + " is not installed");
        String snippet = Documented.snippet(module);
        documents(name, symbol -> summary(run(symbol, "python3", "-c", snippet)));
    }

    private String run(String symbol, String... command) throws InterruptedException {
        String last = command[command.length - 1];
        assertThat(last).contains("BTCUSDT");
        command[command.length - 1] = last.replace("BTCUSDT", symbol);
        return Documented.run(folder, command);
    }
}
