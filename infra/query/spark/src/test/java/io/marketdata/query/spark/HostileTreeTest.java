package io.marketdata.query.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.query.testkit.Documented;
import io.marketdata.query.testkit.HostileTree;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the SQL for Spark makes of damage, as the table in docs/QUERYING.md says. */
class HostileTreeTest {

    @TempDir
    private Path folder;

    @Test
    void theTableInTheDocumentationIsRight() throws Exception {
        HostileTree tree = HostileTree.record(folder);
        try (SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.session.timeZone", "UTC")
                .getOrCreate()) {
            assertThat(Documented.rows("Spark")).contains(tree.row("Spark", symbol -> ask(spark, symbol)));
        }
    }

    private String ask(SparkSession spark, String symbol) throws IOException {
        for (String statement : Documented.statements("spark.sql")) {
            // The last one of the file is an example.
            if (!statement.startsWith("SELECT")) {
                spark.sql(statement.replace("YOUR-BUCKET", "file://" + folder).replace("symbol=*", "symbol=" + symbol));
            }
        }
        try {
            Row row = spark.sql("SELECT count(*), sum(quantity), bool_and(agree) FROM trades")
                    .head();
            return HostileTree.summary(row.getLong(0), row.getDecimal(1)) + (row.getBoolean(2) ? "" : "!");
        } catch (Exception e) {
            // Spark throws checked exceptions that its interface, in Scala, does not declare.
            assertThat(e).isInstanceOf(SparkException.class);
            return null;
        }
    }
}
