package io.marketdata.query.sql;

import io.marketdata.query.compact.LocalHours.LocalHour;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.ParquetSchema;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** The views that a query may name, over the files of hours. */
public final class Views {

    private static final String COMMITS = """
            CREATE VIEW internal.commits AS
            SELECT json->>'$.symbol' AS symbol, (json->>'$.hour')::TIMESTAMPTZ AS hour, json,
                   CASE WHEN filename IN (%s) THEN 'compacted' ELSE 'parts' END AS made_from
            FROM read_ndjson_objects(%s, filename = true, maximum_object_size = 33554432)
            """;

    private static final String EMPTY_COMMITS = """
            CREATE VIEW internal.commits AS SELECT ''::VARCHAR AS symbol, '1970-01-01'::TIMESTAMPTZ AS hour, '{}'::JSON AS json,
                   '' AS made_from WHERE false
            """;

    private static final String MANIFESTS = """
            CREATE VIEW manifests AS
            SELECT symbol, hour, regexp_extract(part.name, '/part-(.+)-[0-9]+\\.jsonl\\.gz$', 1) AS instance_id,
                   folder || part.name AS s3_key, part.record_count, part.bytes_gzip,
                   make_timestamp(part.time_min_ms * 1000) AT TIME ZONE 'UTC' AS time_min,
                   make_timestamp(part.time_max_ms * 1000) AT TIME ZONE 'UTC' AS time_max,
                   part.id_first, part.id_last, part.sha256
            FROM (SELECT symbol, hour, json->>'$.folder' AS folder, unnest(from_json(json->'$.parts',
                         '[{"name":"VARCHAR","record_count":"BIGINT","bytes_gzip":"BIGINT","time_min_ms":"BIGINT",
                            "time_max_ms":"BIGINT","id_first":"BIGINT","id_last":"BIGINT","sha256":"VARCHAR"}]')) AS part
                  FROM internal.commits)
            """;

    private static final String GAPS = """
            CREATE VIEW gaps AS
            SELECT symbol, hour, gap[1] AS id_first, gap[2] AS id_last, gap[2] - gap[1] + 1 AS missing
            FROM (SELECT symbol, hour, unnest(from_json(json->'$.gaps', '[["BIGINT"]]')) AS gap FROM internal.commits)
            """;

    private static final String COVERAGE = """
            CREATE VIEW coverage AS
            SELECT symbol, hour, made_from, (json->>'$.trades.rows')::BIGINT AS trades,
                   (json->>'$.trades.id_first')::BIGINT AS id_first, (json->>'$.trades.id_last')::BIGINT AS id_last,
                   (json->>'$.missing_count')::BIGINT AS missing, (json->>'$.source.parts')::BIGINT AS parts,
                   json_array_length(json->'$.left_out')::BIGINT AS left_out,
                   json_array_length(json->'$.disagreements')::BIGINT AS disagreements
            FROM internal.commits
            """;

    /** Complete if all its seconds are: seconds follow one another by their ids. */
    private static final String BARS_1M = """
            CREATE VIEW bars_1m AS
            SELECT time_bucket(INTERVAL 1 MINUTE, ts) AS ts, symbol, arg_min(open, ts) AS open, max(high) AS high,
                   min(low) AS low, arg_max("close", ts) AS "close", sum(volume)::DECIMAL(38,8) AS volume,
                   sum(quote_volume)::DECIMAL(38,16) AS quote_volume,
                   sum(taker_buy_volume)::DECIMAL(38,8) AS taker_buy_volume, sum(trade_count)::BIGINT AS trade_count,
                   min(id_first) AS id_first, max(id_last) AS id_last, bool_and(complete) AS complete
            FROM bars_1s AS b GROUP BY time_bucket(INTERVAL 1 MINUTE, b.ts), symbol
            """;

    /** An empty second has the price before it. It is complete if the trades around it follow one another by their ids. */
    private static final String BARS_FILLED = """
            CREATE VIEW bars_1s_filled AS
            WITH ends AS (SELECT symbol, min(ts) AS least, max(ts) AS most FROM bars_1s GROUP BY symbol),
                 seconds AS (SELECT symbol, unnest(generate_series(least, most, INTERVAL 1 SECOND)) AS ts FROM ends),
                 joined AS (
                   SELECT seconds.ts, seconds.symbol, open, high, low, "close", volume, quote_volume, taker_buy_volume,
                          trade_count, id_first, id_last, complete,
                          last_value("close" IGNORE NULLS) OVER before AS price,
                          last_value(id_last IGNORE NULLS) OVER before AS id_before,
                          first_value(id_first IGNORE NULLS) OVER after AS id_after
                   FROM seconds LEFT JOIN bars_1s USING (symbol, ts)
                   WINDOW before AS (PARTITION BY seconds.symbol ORDER BY seconds.ts ROWS UNBOUNDED PRECEDING),
                          after AS (PARTITION BY seconds.symbol ORDER BY seconds.ts
                                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING))
            SELECT ts, symbol, coalesce(open, price) AS open, coalesce(high, price) AS high, coalesce(low, price) AS low,
                   coalesce("close", price) AS "close", coalesce(volume, 0) AS volume,
                   coalesce(quote_volume, 0) AS quote_volume, coalesce(taker_buy_volume, 0) AS taker_buy_volume,
                   coalesce(trade_count, 0) AS trade_count, id_first, id_last,
                   coalesce(complete, id_before + 1 = id_after) AS complete
            FROM joined
            """;

    private Views() {}

    /**
     * Creates them.
     *
     * @param fromMs trades before it are left out, ms since 1970 UTC
     * @param toMs trades at it and later are left out
     */
    public static void create(DuckDb duck, List<LocalHour> hours, long fromMs, long toMs) throws SQLException {
        duck.run("CREATE SCHEMA internal");
        table(duck, "trades", "trade_time", ParquetSchema.TRADES, files(hours, "trades"), fromMs, toMs);
        table(duck, "bars_1s", "ts", ParquetSchema.BARS, files(hours, "bars"), fromMs, toMs);
        List<Path> commits = hours.stream()
                .map(hour -> hour.directory().resolve("commit.json"))
                .toList();
        String compacted = hours.stream()
                .filter(LocalHour::isCompacted)
                .map(hour -> DuckDb.text(hour.directory().resolve("commit.json").toString()))
                .collect(Collectors.joining(", "));
        duck.run(
                commits.isEmpty()
                        ? EMPTY_COMMITS
                        : DuckDb.sql(COMMITS, compacted.isEmpty() ? "''" : compacted, DuckDb.list(commits)));
        for (String view : List.of(MANIFESTS, GAPS, COVERAGE, BARS_1M, BARS_FILLED)) {
            duck.run(view);
        }
    }

    private static List<Path> files(List<LocalHour> hours, String table) {
        return hours.stream()
                .map(hour -> hour.directory().resolve(table + ".parquet"))
                .toList();
    }

    private static void table(
            DuckDb duck, String name, String time, ParquetSchema schema, List<Path> files, long fromMs, long toMs)
            throws SQLException {
        // The tables with which hours were made from parts have the same names.
        duck.run("DROP TABLE IF EXISTS merged");
        duck.run("DROP TABLE IF EXISTS bars");
        duck.run("DROP TABLE IF EXISTS " + name);
        if (files.isEmpty()) {
            duck.run(schema.createTable("internal." + name));
            duck.run("CREATE VIEW " + name + " AS SELECT * FROM internal." + name);
            return;
        }
        duck.run(DuckDb.sql(
                "CREATE VIEW %s AS SELECT * FROM read_parquet(%s) WHERE %s >= %s AND %s < %s",
                name, DuckDb.list(files), time, moment(fromMs), time, moment(toMs)));
    }

    private static String moment(long ms) {
        return "(make_timestamp(" + ms * 1_000 + ") AT TIME ZONE 'UTC')";
    }
}
