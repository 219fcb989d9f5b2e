package io.marketdata.query.trino;

import static io.trino.testing.TestingSession.testSessionBuilder;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.query.testkit.Documented;
import io.trino.Session;
import io.trino.plugin.hive.HivePlugin;
import io.trino.plugin.iceberg.IcebergPlugin;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.MaterializedRow;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Trino in this process, with the tables of infra/sql in a catalog for Hive and one for Iceberg. */
final class Trino implements AutoCloseable {

    private static final Pattern PROPERTY = Pattern.compile("'([^']+)'\\s*=\\s*'([^']+)'");

    private final Path folder;
    private final DistributedQueryRunner runner;
    private final Session hive = testSessionBuilder().setCatalog("hive").build();
    private final Session iceberg = testSessionBuilder().setCatalog("iceberg").build();

    /** Buckets and tables are directories in the folder. */
    Trino(Path folder) throws Exception {
        this.folder = folder;
        this.runner = DistributedQueryRunner.builder(hive).setWorkerCount(0).build();
        runner.installPlugin(new HivePlugin());
        runner.createCatalog(
                "hive",
                "hive",
                withFiles(Map.of(
                        "hive.metastore", "file",
                        "hive.metastore.catalog.dir", "local:///hive",
                        "hive.security", "allow-all",
                        "hive.recursive-directories", "true",
                        // Of the hours that projection makes up, most are not there.
                        "hive.ignore-absent-partitions", "true",
                        "hive.timestamp-precision", "MICROSECONDS",
                        "hive.table-statistics-enabled", "false",
                        "hive.collect-column-statistics-on-write", "false")));
        runner.installPlugin(new IcebergPlugin());
        runner.createCatalog(
                "iceberg",
                "iceberg",
                withFiles(Map.of(
                        "iceberg.catalog.type",
                        "TESTING_FILE_METASTORE",
                        "hive.metastore.catalog.dir",
                        "local:///iceberg")));
    }

    private Map<String, String> withFiles(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("fs.local.enabled", "true");
        all.put("local.location", folder.toString());
        return all;
    }

    /** Rows of a query in the Hive catalog, with their values separated by commas. */
    List<String> rows(String sql) {
        return runner.execute(hive, sql).getMaterializedRows().stream()
                .map(Trino::text)
                .toList();
    }

    private static String text(MaterializedRow row) {
        return row.getFields().stream()
                .map(field -> field instanceof BigDecimal number ? number.toPlainString() : String.valueOf(field))
                .collect(Collectors.joining(","));
    }

    /** Runs a statement in the Iceberg catalog and returns how many rows it changed. */
    long change(String sql) {
        return runner.execute(iceberg, sql).getUpdateCount().orElse(-1);
    }

    /**
     * Runs athena-raw.sql with the schema in the place of its database. What is Athena's alone is translated: the
     * database, the words of CREATE EXTERNAL TABLE, and {@code string}. Mapping, projection and views are as documented.
     * The table of the hourly index is left out.
     */
    void createRaw(String schema, String bucket, String symbols) throws IOException {
        for (String statement : Documented.statements("athena-raw.sql")) {
            String sql = statement
                    .replace("market_data", schema)
                    .replace("s3://YOUR-BUCKET", "local:///" + bucket)
                    .replace("BTCUSDT,ETHUSDT", symbols)
                    .replace("2025-01-01,NOW", "2024-08-01,NOW");
            if (sql.startsWith("CREATE DATABASE")) {
                runner.execute(hive, "CREATE SCHEMA " + schema);
            } else if (sql.startsWith("CREATE EXTERNAL TABLE IF NOT EXISTS " + schema + ".raw_trades")) {
                createRawTable(schema, sql);
            } else if (!sql.contains(".manifests")) {
                runner.execute(hive, sql);
            }
        }
    }

    /** Trino has no words for the properties of a SerDe, but reads them where Hive has put them. */
    private void createRawTable(String schema, String sql) throws IOException {
        Matcher parts = Pattern.compile(
                        "raw_trades \\((.*?)\\)\\s+PARTITIONED BY \\((.*?)\\)\\s+ROW FORMAT .*SERDEPROPERTIES \\((.*?)\\)"
                                + "\\s+LOCATION '(.*?)'\\s+TBLPROPERTIES \\((.*)\\)",
                        Pattern.DOTALL)
                .matcher(sql);
        if (!parts.find()) {
            throw new AssertionError("athena-raw.sql has another form: " + sql);
        }
        runner.execute(
                hive,
                "CREATE TABLE " + schema + ".raw_trades ("
                        + (parts.group(1) + "," + parts.group(2)).replace(" string", " varchar")
                        + ") WITH (format = 'OPENX_JSON', external_location = '" + parts.group(4)
                        + "', partitioned_by = ARRAY['symbol', 'dt', 'hh'])");
        Path table = folder.resolve("hive/" + schema + "/raw_trades/.trinoSchema");
        ObjectMapper json = new ObjectMapper();
        ObjectNode stored = (ObjectNode) json.readTree(table.toFile());
        put(stored.withObject("/serdeParameters"), parts.group(3));
        put(stored.withObject("/parameters"), parts.group(5));
        Files.deleteIfExists(table.resolveSibling("..trinoSchema.crc"));
        json.writeValue(table.toFile(), stored);
    }

    private static void put(ObjectNode properties, String documented) {
        Matcher property = PROPERTY.matcher(documented);
        while (property.find()) {
            properties.put(property.group(1), property.group(2));
        }
    }

    /** Runs the CREATE TABLEs of athena-iceberg.sql, with Trino's words for types, partitions and properties. */
    void createIceberg() throws IOException {
        runner.execute(iceberg, "CREATE SCHEMA market_data");
        for (String statement : Documented.statements("athena-iceberg.sql")) {
            Matcher parts = Pattern.compile(
                            "(CREATE TABLE .*\\))\\s+PARTITIONED BY \\((.*)\\)\\s+LOCATION.*", Pattern.DOTALL)
                    .matcher(statement);
            if (parts.matches()) {
                String columns = parts.group(1).replace(" string", " varchar").replace(" timestamp", " timestamp(6)");
                String partitions = parts.group(2).replace(", ", "', '");
                runner.execute(
                        iceberg,
                        columns + " WITH (format = 'PARQUET', compression_codec = 'ZSTD', partitioning = ARRAY['"
                                + partitions + "'])");
            }
        }
    }

    /** Runs a MERGE of athena-iceberg.sql for a day, as documented, but that trades_raw is in another catalog. */
    long merge(String table, String day) throws IOException {
        String sql = Documented.statements("athena-iceberg.sql").stream()
                .filter(statement -> statement.startsWith("MERGE INTO market_data." + table + " "))
                .findFirst()
                .orElseThrow();
        return change(sql.replace("market_data.trades_raw", "hive.market_data.trades_raw")
                .replace("2025-01-15", day)
                .replace(
                        "2025-01-16", java.time.LocalDate.parse(day).plusDays(1).toString()));
    }

    /** The Parquet files below {@code compact/} as tables. */
    void createCompacted(String bucket) {
        createCompacted(
                "compacted_trades",
                "trade",
                bucket,
                "trade_id bigint, trade_time timestamp(6), price decimal(18, 8), quantity decimal(38, 8),"
                        + " buyer_is_maker boolean, event_time timestamp(6), received_time timestamp(6), copies integer");
        createCompacted(
                "compacted_bars",
                "ohlcv_1s",
                bucket,
                "ts timestamp(6), open decimal(18, 8), high decimal(18, 8), low decimal(18, 8), close decimal(18, 8),"
                        + " volume decimal(38, 8), quote_volume decimal(38, 16), taker_buy_volume decimal(38, 8),"
                        + " trade_count bigint, id_first bigint, id_last bigint, complete boolean");
    }

    private void createCompacted(String table, String stream, String bucket, String columns) {
        runner.execute(
                hive,
                "CREATE TABLE market_data." + table + " (" + columns + ", symbol varchar, dt varchar, hour varchar)"
                        + " WITH (format = 'PARQUET', partitioned_by = ARRAY['symbol', 'dt', 'hour'], external_location ="
                        + " 'local:///" + bucket + "/compact/exchange=binance/stream=" + stream + "/')");
    }

    /** Finds the hours that were compacted since. */
    void findCompacted() {
        for (String table : List.of("compacted_trades", "compacted_bars")) {
            runner.execute(hive, "CALL system.sync_partition_metadata('market_data', '" + table + "', 'FULL')");
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
