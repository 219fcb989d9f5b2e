package io.marketdata.query.compact;

import io.marketdata.collector.model.IdRange;
import io.marketdata.query.compact.HourCommit.Rows;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.ParquetSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one hour in DuckDB: each trade once, and the bars of its seconds. Every line must be a trade of the symbol
 * and of the hour with values that the tables hold exactly, or the hour is refused. One thread.
 */
final class HourTables {

    /** One call for all members: paths are case-sensitive, names of columns are not. */
    private static final String LINES = """
            SELECT TRY_CAST(x[1] AS BIGINT) AS id, TRY_CAST(x[2] AS BIGINT) AS ticks, x[3] AS price, x[4] AS quantity,
                   TRY_CAST(x[5] AS BOOLEAN) AS maker, x[6] AS symbol, TRY_CAST(x[7] AS BIGINT) AS event,
                   TRY_CAST(x[8] AS BIGINT) AS received, filename
            FROM (SELECT json->>['$.t', '$.T', '$.p', '$.q', '$.m', '$.s', '$.E', '$.recv_us'] AS x, filename
                  FROM read_ndjson_objects(%s, format = 'newline_delimited', filename = true))
            """;

    /** Times have 13 digits in ms, 16 in µs. */
    private static final String MICROS = "CASE WHEN %1$s > 9999999999999 THEN %1$s ELSE %1$s * 1000 END";

    /** Ten digits and eight decimals, as the schema holds them; more decimals would be rounded without a word. */
    private static final String EXACT = "regexp_full_match(%s, '[0-9]{1,%d}(\\.[0-9]{1,8}0*)?')";

    private static final int PRICE_DIGITS = 10;
    private static final int QUANTITY_DIGITS = 22;

    private final DuckDb duck;
    private final HourSource source;
    private final JoinedParts joined;
    private final String symbol;

    /** What the checks count. */
    private record Tally(long lines, long strays, long inexact, long outside, long disputed) {}

    HourTables(DuckDb duck, HourSource source, JoinedParts joined) {
        this.duck = duck;
        this.source = source;
        this.joined = joined;
        this.symbol = DuckDb.text(source.symbol().value());
    }

    /** The rows of lines in files; {@code filename} is the file. */
    static String lines(List<Path> files) {
        return DuckDb.sql(LINES, DuckDb.list(files));
    }

    static String micros(String column) {
        return DuckDb.sql(MICROS, column);
    }

    /** Makes both tables. Parts with lines that no collector writes are left out, by name. */
    List<Disagreement> make() throws SQLException, IOException, HourRefusedException {
        @Nullable Tally tally = tallyOfAll();
        if (tally == null && joined.leaveOutUnreadable()) {
            tally = tallyOfAll();
        }
        if (tally == null) {
            throw new HourRefusedException(
                    "DuckDB reads other lines than the manifests say, and each part alone is right");
        }
        if (tally.inexact() > 0 || tally.outside() > 0) {
            throw refused(tally);
        }
        List<Disagreement> disputes = tally.disputed() == 0 ? List.of() : new DisputedTrades(duck, joined).find();
        fillTrades(disputes);
        fillBars();
        return disputes;
    }

    /** Null if what was read is not what the manifests say. */
    private @Nullable Tally tallyOfAll() throws SQLException {
        duck.run(ParquetSchema.TRADES.createTable("trades"));
        duck.run(ParquetSchema.BARS.createTable("bars"));
        if (joined.files().isEmpty()) {
            duck.run("CREATE OR REPLACE TABLE merged AS SELECT * FROM (SELECT 0 AS id) WHERE false");
            return new Tally(0, 0, 0, 0, 0);
        }
        try {
            merge();
        } catch (SQLException e) {
            // The message names a joined file and its line; the parts are read one by one instead.
            return null;
        }
        Tally tally = tally();
        return tally.strays() == 0 && tally.lines() == joined.lines() ? tally : null;
    }

    private void merge() throws SQLException {
        duck.run(DuckDb.sql("""
                CREATE OR REPLACE TABLE merged AS
                SELECT id, count(*)::INTEGER AS copies, min(price) AS price, max(price) AS price2,
                       min(quantity) AS quantity, max(quantity) AS quantity2, max(%1$s) AS micros,
                       min((%1$s) // 1000) AS ms, max((%1$s) // 1000) AS ms2, bool_and(maker) AS maker,
                       bool_or(maker) AS maker2, min(%2$s) AS event, min(received) AS received,
                       count(*) FILTER (id IS NULL OR id < 0 OR ticks IS NULL OR price IS NULL OR quantity IS NULL
                           OR maker IS NULL OR symbol IS DISTINCT FROM %3$s) AS strays
                FROM (%4$s) GROUP BY id
                """, micros("ticks"), micros("event"), symbol, lines(joined.files())));
    }

    private Tally tally() throws SQLException {
        String sql = DuckDb.sql("""
                SELECT sum(copies), sum(strays), count(*) FILTER (NOT %s), count(*) FILTER (NOT %s), count(*) FILTER (%s)
                FROM merged
                """, exact(), within(), disputed());
        return duck.rows(
                        sql,
                        row -> new Tally(
                                row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)))
                .get(0);
    }

    private static String exact() {
        return "("
                + DuckDb.sql(EXACT, "price", PRICE_DIGITS) + " AND " + DuckDb.sql(EXACT, "price2", PRICE_DIGITS)
                + " AND "
                + DuckDb.sql(EXACT, "quantity", QUANTITY_DIGITS) + " AND "
                + DuckDb.sql(EXACT, "quantity2", QUANTITY_DIGITS) + ")";
    }

    private String within() {
        return "(ms >= " + source.hourMs() + " AND ms2 < " + (source.hourMs() + HourSource.HOUR_MS) + ")";
    }

    /** Also if only the spelling differs. */
    private static String disputed() {
        return "price <> price2 OR quantity <> quantity2 OR ms <> ms2 OR maker <> maker2";
    }

    static String disputedIds() {
        return "SELECT id FROM merged WHERE " + disputed();
    }

    private HourRefusedException refused(Tally tally) throws SQLException {
        boolean isInexact = tally.inexact() > 0;
        String which = "SELECT id, price2, quantity2 FROM merged WHERE NOT " + (isInexact ? exact() : within())
                + " ORDER BY id LIMIT 1";
        List<String> first = duck.rows(
                which,
                row -> "trade " + row.getLong(1) + " (price " + row.getString(2) + ", quantity " + row.getString(3)
                        + ") in " + partsWith(row.getLong(1)));
        String why = isInexact
                ? "has a number that the table cannot hold exactly: at most 8 decimals, a price below 10,000,000,000"
                : "has a time outside of the hour";
        return new HourRefusedException(first.get(0) + " " + why);
    }

    private String partsWith(long id) {
        return String.join(
                ", ",
                joined.segments().stream()
                        .filter(segment -> segment.part().ids().contains(id))
                        .map(segment -> segment.part().key())
                        .toList());
    }

    private void fillTrades(List<Disagreement> disputes) throws SQLException {
        duck.run(DuckDb.sql("""
                INSERT INTO trades
                SELECT id, make_timestamp(micros) AT TIME ZONE 'UTC', %s, price::DECIMAL(18,8), quantity::DECIMAL(38,8),
                       maker, make_timestamp(event) AT TIME ZONE 'UTC', make_timestamp(received) AT TIME ZONE 'UTC', copies
                FROM merged
                """, symbol));
        for (Disagreement dispute : disputes) {
            Disagreement.Version version = dispute.versions().get(0);
            duck.run(DuckDb.sql(
                    """
                    UPDATE trades SET price = %s, quantity = %s, buyer_is_maker = %s,
                           trade_time = make_timestamp(%d * 1000) AT TIME ZONE 'UTC' WHERE trade_id = %d
                    """, version.price(), version.quantity(), version.buyerIsMaker(), version.timeMs(), dispute.id()));
        }
    }

    /**
     * A bar is complete if no id is missing between the trade before it, its own, and the trade after it: a lost first or
     * last trade of a second would not show from the inside.
     */
    private void fillBars() throws SQLException {
        duck.run(DuckDb.sql("""
                INSERT INTO bars
                SELECT make_timestamp(second * 1000000) AT TIME ZONE 'UTC', symbol, arg_min(price, trade_id), max(price),
                       min(price), arg_max(price, trade_id), sum(quantity),
                       sum(price::DECIMAL(38,8) * quantity),
                       coalesce(sum(quantity) FILTER (NOT buyer_is_maker), 0), count(*), min(trade_id), max(trade_id),
                       bool_and(coalesce(before + 1 = trade_id AND trade_id + 1 = after, false))
                FROM (SELECT *, coalesce(lag(trade_id) OVER w, %s) AS before, coalesce(lead(trade_id) OVER w, %s) AS after,
                             epoch_us(trade_time) // 1000000 AS second
                      FROM trades WINDOW w AS (ORDER BY trade_id))
                GROUP BY second, symbol
                """, source.idBefore(), source.idAfter()));
    }

    Rows rows() throws SQLException {
        List<IdRange> gaps = gaps();
        String sql = "SELECT count(*), min(trade_id), max(trade_id), (SELECT count(*) FROM bars) FROM trades";
        return duck.rows(
                        sql,
                        row -> new Rows(
                                row.getLong(1),
                                row.getLong(4),
                                row.getObject(2, Long.class),
                                row.getObject(3, Long.class),
                                gaps))
                .get(0);
    }

    /** Missing ids between the trade before the hour and its last one; those after that belong to a later hour. */
    private List<IdRange> gaps() throws SQLException {
        String sql = DuckDb.sql("""
                SELECT before + 1, trade_id - 1
                FROM (SELECT trade_id, coalesce(lag(trade_id) OVER (ORDER BY trade_id), %s) AS before FROM trades)
                WHERE before + 1 < trade_id ORDER BY trade_id
                """, source.idBefore());
        return duck.rows(sql, row -> new IdRange(row.getLong(1), row.getLong(2)));
    }

    /** Writes both files; the same bytes for the same rows and the same version of DuckDB. */
    void write(Path trades, Path bars, String digest, String tool) throws SQLException {
        copy("trades", "trade_id", trades, digest, tool);
        copy("bars", "ts", bars, digest, tool);
    }

    private void copy(String table, String order, Path file, String digest, String tool) throws SQLException {
        duck.run(DuckDb.sql("""
                COPY (SELECT * FROM %s ORDER BY %s) TO %s (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2,
                      ROW_GROUP_SIZE 122880, KV_METADATA {source_sha256: %s, tool: %s})
                """, table, order, DuckDb.text(file.toString()), DuckDb.text(digest), DuckDb.text(tool)));
    }
}
