package io.marketdata.query.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.ThreeInstances;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same bucket, compacted by DuckDB and by Spark. */
class CompactJobTest {

    private static final String[] DAY = {
        "--symbols", "BTCUSDT,ETHUSDT", "--from", "2025-11-20", "--to", "2025-11-21", "--parallel", "3"
    };
    private static final String DATA = "compact/exchange=binance/stream=";
    private static final List<String> DAMAGED = new ArrayList<>();

    @TempDir
    private static Path folder;

    private static Path sparks;
    private static Path ducks;
    private static Compacted bySpark;
    private static Compacted byDuckDb;

    @BeforeAll
    static void compactWithBoth() throws IOException, InterruptedException {
        SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .getOrCreate();
        sparks = folder.resolve("sparks");
        ducks = folder.resolve("ducks");
        List<Trade> seen = ThreeInstances.record(sparks, "BTCUSDT");
        damage(new RecordedBucket(sparks, new Symbol("BTCUSDT")), seen);
        ThreeInstances.record(sparks, "ETHUSDT");
        copy(sparks, ducks);
        bySpark = Compacted.bySpark(sparks, DAY);
        if (Files.exists(Compacted.QUERY_JAR)) {
            byDuckDb = Compacted.byDuckDb(ducks, "--symbol=BTCUSDT,ETHUSDT", "--day=2025-11-20");
        }
    }

    @AfterAll
    static void stop() {
        SparkSession.active().stop();
    }

    private static void damage(RecordedBucket bucket, List<Trade> seen) throws IOException {
        // Another price in one copy, and the same price in another spelling.
        bucket.part("i-4", Origin.STREAM, List.of(seen.get(50).withPrice("1.00000000"), seen.get(51)));
        bucket.part(
                "i-4",
                Origin.STREAM,
                List.of(seen.get(60).withPrice(seen.get(60).price() + "0")));
        // A torn line, with the digest of its manifest.
        List<Trade> two = seen.subList(70, 72);
        String lines = bucket.line(two.get(0), Origin.STREAM) + "\n{\"e\":\"trade\",\"s\":\"BTCU\n";
        DAMAGED.add(bucket.part("torn", Origin.STREAM, two, RecordedBucket.gzip(lines), lines.length()));
        // Whole lines that the manifest does not name.
        String changed = bucket.part("changed", Origin.STREAM, seen.subList(80, 82));
        bucket.write(changed, RecordedBucket.gzip(bucket.line(seen.get(80).withPrice("2.0"), Origin.STREAM) + "\n"));
        DAMAGED.add(changed);
        // Without a manifest: one whole, one torn.
        for (int i = 0; i < 2; i++) {
            String key = bucket.part("single-" + i, Origin.STREAM, seen.subList(90, 92));
            Files.delete(
                    bucket.root().resolve(key.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json")));
            if (i == 1) {
                bucket.write(key, "not gzip".getBytes(StandardCharsets.UTF_8));
                DAMAGED.add(key);
            }
            Files.setLastModifiedTime(
                    bucket.root().resolve(key), FileTime.from(Instant.now().minusSeconds(3_600)));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static Map<String, FileTime> times(Path bucket) throws IOException {
        Map<String, FileTime> times = new TreeMap<>();
        for (String key : Compacted.keys(bucket, "")) {
            times.put(key, Files.getLastModifiedTime(bucket.resolve(key)));
        }
        return times;
    }

    @Test
    void rowsAreEqualToTheLastDigit() throws IOException, SQLException {
        assumeThat(byDuckDb).as("market-data-query.jar is built").isNotNull();
        List<String> keys = Compacted.keys(ducks, ".parquet");

        assertThat(keys).hasSize(12).isEqualTo(Compacted.keys(sparks, ".parquet"));
        for (String key : keys) {
            String spark = "read_parquet('" + sparks.resolve(key) + "')";
            String duck = "read_parquet('" + ducks.resolve(key) + "')";
            assertThat(Compacted.rows("SELECT * FROM " + spark))
                    .isNotEmpty()
                    .isEqualTo(Compacted.rows("SELECT * FROM " + duck));
        }
    }

    /**
     * DuckDB marks plain integers and texts in one of the two ways that Parquet has for it, and declares optional columns
     * required in hours where they are never empty.
     */
    @Test
    void filesHaveThePublishedSchemaAndTheDigestOfTheirSource() throws IOException, SQLException {
        assumeThat(byDuckDb).as("market-data-query.jar is built").isNotNull();
        for (String key : Compacted.keys(ducks, ".parquet")) {
            String columns = "SELECT name, type, type_length, precision, scale,"
                    + " CASE WHEN name IN ('event_time', 'received_time') THEN 'any' ELSE repetition_type END,"
                    + " nullif(nullif(converted_type, 'INT_64'), 'INT_32'), nullif(logical_type, 'StringType()')"
                    + " FROM parquet_schema('%s') OFFSET 1";
            String digest = "SELECT value::VARCHAR FROM parquet_kv_metadata('%s') WHERE key::VARCHAR = 'source_sha256'";
            assertThat(Compacted.rows(columns.replace("%s", sparks.resolve(key).toString())))
                    .isEqualTo(Compacted.rows(
                            columns.replace("%s", ducks.resolve(key).toString())));
            assertThat(Compacted.rows(digest.replace("%s", sparks.resolve(key).toString())))
                    .hasSize(1)
                    .isEqualTo(Compacted.rows(
                            digest.replace("%s", ducks.resolve(key).toString())));
        }
    }

    @Test
    void commitObjectsAndMessagesAreEqual() throws IOException {
        assumeThat(byDuckDb).as("market-data-query.jar is built").isNotNull();
        List<String> keys = Compacted.keys(ducks, ".json");

        assertThat(keys).hasSize(6).isEqualTo(Compacted.keys(sparks, ".json"));
        for (String key : keys) {
            assertThat(Compacted.commit(sparks, key)).isEqualTo(Compacted.commit(ducks, key));
        }
        assertThat(bySpark).isEqualTo(byDuckDb);
    }

    @Test
    void compactAcceptsTheHours() throws IOException, InterruptedException {
        assumeThat(byDuckDb).as("market-data-query.jar is built").isNotNull();

        Compacted check = Compacted.byDuckDb(sparks, "--check", "--symbol=ETHUSDT", "--day=2025-11-20");

        assertThat(check.code()).as(String.join("\n", check.lines())).isZero();
        assertThat(check.lines()).filteredOn(line -> line.contains("unchanged")).hasSize(3);
    }

    @Test
    void theSecondRunDoesNothing() throws IOException, InterruptedException {
        Map<String, FileTime> before = times(sparks);

        Compacted second = Compacted.bySpark(sparks, DAY);

        assertThat(times(sparks)).isEqualTo(before);
        assertThat(second.lines())
                .filteredOn(line -> line.contains("unchanged"))
                .hasSize(6);
        assertThat(second.lines()).noneMatch(line -> line.contains(": compacted"));
    }

    @Test
    void damagedPartsAreNamedAndCopiesThatDifferAreReported() {
        assertThat(bySpark.code()).isOne();
        for (String key : DAMAGED) {
            assertThat(bySpark.lines()).anyMatch(line -> line.contains(key + " is left out: "));
        }
        assertThat(DAMAGED).hasSize(3);
        assertThat(bySpark.lines())
                .filteredOn(line -> line.contains(" has copies that differ"))
                .hasSize(1);
    }

    @Test
    void aPriceThatTheTableCannotHoldIsRefused() throws IOException, InterruptedException {
        Path root = folder.resolve("inexact");
        RecordedBucket bucket = new RecordedBucket(root, new Symbol("BTCUSDT"));
        String key = bucket.part(
                "i-1",
                Origin.STREAM,
                List.of(new Trade(5, ThreeInstances.HOUR_MS + 1, "0.000000019", "1.00000000", true)));

        Compacted run = Compacted.bySpark(root, DAY);

        assertThat(run.code()).isOne();
        assertThat(run.lines()).anyMatch(line -> line.contains("trade 5 (price 0.000000019, ") && line.contains(key));
        assertThat(root.resolve("compact")).doesNotExist();
    }

    /** The figures of the recorded frames, where a developer has them, and the SQL that people are given for Spark. */
    @Test
    void recordedFramesHaveTheirKnownFigures() throws IOException, InterruptedException, SQLException {
        String named = System.getenv("MARKETDATA_SAMPLES");
        Path frames =
                Path.of(named == null ? "no samples" : named).resolve("spot_btcusdt_trade_20240808T2354_650s.jsonl.gz");
        assumeThat(frames).exists();
        Path root = folder.resolve("recorded");
        RecordedBucket bucket = new RecordedBucket(root, new Symbol("BTCUSDT"));
        List<Trade> trades = Trade.frames(frames);
        bucket.record("i-1", trades, trade -> trade.id() % 20 == 0);
        bucket.record("i-2", trades, trade -> trade.id() % 20 == 10);

        Compacted run = Compacted.bySpark(root, "--symbols", "BTCUSDT", "--from", "2024-08-08", "--to", "2024-08-10");

        assertThat(run.code()).as(String.join("\n", run.lines())).isZero();
        assertThat(Compacted.rows("SELECT count(*), count(DISTINCT trade_id), sum(quantity) FROM read_parquet('"
                        + root.resolve(DATA + "trade/**/trades.parquet") + "')"))
                .containsExactly("19904|19904|437.91552000");
        String bars = "read_parquet('" + root.resolve(DATA + "ohlcv_1s/**/bars.parquet") + "')";
        assertThat(Compacted.rows("SELECT trade_count, open, high, low, close, volume FROM " + bars
                        + " WHERE ts = TIMESTAMPTZ '2024-08-08 23:58:35Z'"))
                .containsExactly("950|61662.36000000|61662.36000000|61583.22000000|61627.00000000|18.77791000");
        assertSqlAgrees(root);
    }

    /** On the hours of the symbol without damaged parts. */
    @Test
    void theSqlForSparkGivesTheSameBars() throws IOException {
        Path root = folder.resolve("whole");
        copy(sparks, root);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().contains("symbol=BTCUSDT")) {
                    Files.delete(file);
                }
            }
        }
        assertSqlAgrees(root);
    }

    private static void assertSqlAgrees(Path root) throws IOException {
        // With the defaults of Spark, not with the settings of the job.
        SparkSession session = SparkSession.active().newSession();
        session.conf().set("spark.sql.session.timeZone", "UTC");
        String sql = Files.readString(Path.of(System.getProperty("spark.sql.file")))
                .replace("YOUR-BUCKET", "file://" + root);
        for (String statement : sql.replaceAll("(?m)--.*$", "").split(";", -1)) {
            if (!statement.isBlank()) {
                session.sql(statement).collectAsList();
            }
        }
        Dataset<Row> compacted = session.read().parquet(root + "/" + DATA + "ohlcv_1s");
        String[] columns = {
            "ts",
            "symbol",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "quote_volume",
            "taker_buy_volume",
            "trade_count",
            "id_first",
            "id_last",
            "complete"
        };
        Dataset<Row> ours = compacted.selectExpr(columns);
        Dataset<Row> theirs = session.table("bars_1s").selectExpr(columns);
        assertThat(ours.count()).isPositive().isEqualTo(theirs.count());
        assertThat(ours.exceptAll(theirs).collectAsList()).isEmpty();
        assertThat(theirs.exceptAll(ours).collectAsList()).isEmpty();
    }
}
