package io.marketdata.query.spark;

import io.marketdata.query.compact.Disagreement;
import io.marketdata.query.compact.Disagreement.Version;
import io.marketdata.query.compact.HourSource;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * The tables of several hours in Spark, with the same meaning as those of {@code compact}. Times are integers of µs until
 * they are written. One thread of the driver.
 */
final class HourTables implements AutoCloseable {

    /** Members differ only in case, so the session must tell them apart. */
    private static final String LINE =
            "E BIGINT, s STRING, t BIGINT, p STRING, q STRING, T BIGINT, m BOOLEAN," + " recv_us BIGINT, torn STRING";

    /** PERMISSIVE, because the parts of a torn line are to be named: it counts as a stray, and strays stop the hour. */
    private static final String PARSED = """
            SELECT hour, key, symbol, from_json(line, '%s', map('mode', 'PERMISSIVE', 'columnNameOfCorruptRecord', 'torn')) AS j
            FROM (SELECT hour, key, symbol, explode(part_lines(content, sha256)) AS line FROM parts)
            """.formatted(LINE);

    /** Times have 13 digits in ms, 16 in µs. */
    private static final String LINES = """
            SELECT hour, key, j.t AS id, j.p AS price, j.q AS quantity, j.m AS maker, j.recv_us AS received,
                   IF(j.T > 9999999999999, j.T, j.T * 1000) AS micros, IF(j.E > 9999999999999, j.E, j.E * 1000) AS event,
                   j.torn IS NOT NULL OR j.t IS NULL OR j.t < 0 OR j.T IS NULL OR j.p IS NULL OR j.q IS NULL
                       OR j.m IS NULL OR NOT j.s <=> symbol AS stray
            FROM parsed
            """;

    private static final String MERGED = """
            SELECT hour, id, CAST(count(*) AS INT) AS copies, min(price) AS price, max(price) AS price2,
                   min(quantity) AS quantity, max(quantity) AS quantity2, max(micros) AS micros,
                   min(micros DIV 1000) AS ms, max(micros DIV 1000) AS ms2, bool_and(maker) AS maker,
                   bool_or(maker) AS maker2, min(event) AS event, min(received) AS received, count_if(stray) AS strays
            FROM lines GROUP BY hour, id
            """;

    /** Ten digits and eight decimals, as the schema holds them; more decimals would be rounded without a word. */
    private static final String EXACT =
            "(price RLIKE '%1$s' AND price2 RLIKE '%1$s' AND quantity RLIKE '%2$s'".formatted(number(10), number(22))
                    + " AND quantity2 RLIKE '" + number(22) + "')";

    private static final String WITHIN = "(ms >= from_ms AND ms2 < from_ms + " + HourSource.HOUR_MS + ")";

    /** Also if only the spelling differs. */
    private static final String DISPUTED = "(price <> price2 OR quantity <> quantity2 OR ms <> ms2 OR maker <> maker2)";

    private static final String TALLY = """
            SELECT hour, sum(copies), sum(strays), count_if(NOT %s), count_if(NOT %s), count_if(%s)
            FROM merged JOIN hours USING (hour) GROUP BY hour
            """.formatted(EXACT, WITHIN, DISPUTED);

    private static final String VERSIONS = """
            SELECT hour, id, CAST(price AS DECIMAL(18, 8)) AS p, CAST(quantity AS DECIMAL(38, 8)) AS q,
                   micros DIV 1000 AS ms, maker, CAST(count(*) AS INT) AS copies, sort_array(collect_set(key))
            FROM lines LEFT SEMI JOIN (SELECT hour AS h, id AS i FROM merged WHERE %s) ON hour = h AND id = i
            GROUP BY hour, id, p, q, ms, maker ORDER BY hour, id, copies DESC, p, q, ms, maker
            """.formatted(DISPUTED);

    private static final StructType WINNER =
            StructType.fromDDL("hour INT, id BIGINT, p DECIMAL(18, 8), q DECIMAL(38, 8), ms BIGINT, m BOOLEAN");

    private static final String TRADES = """
            SELECT /*+ REPARTITION(%s, hour) */ hour, id AS trade_id, coalesce(w.ms * 1000, micros) AS trade_time, symbol,
                   coalesce(w.p, CAST(price AS DECIMAL(18, 8))) AS price,
                   coalesce(w.q, CAST(quantity AS DECIMAL(38, 8))) AS quantity,
                   coalesce(w.m, maker) AS buyer_is_maker, event AS event_time, received AS received_time, copies,
                   id_before, id_after
            FROM merged JOIN hours USING (hour) LEFT JOIN winners w USING (hour, id)
            """;

    private static final String PLACED = """
            SELECT *, coalesce(lag(trade_id) OVER w, id_before) AS before, coalesce(lead(trade_id) OVER w, id_after) AS after
            FROM trades WINDOW w AS (PARTITION BY hour ORDER BY trade_id)
            """;

    /**
     * A bar is complete if no id is missing between the trade before it, its own, and the trade after it. The product has 38
     * digits, 16 of them decimals, because the session keeps the scale of products.
     */
    private static final String BARS = """
            SELECT hour, trade_time DIV 1000000 * 1000000 AS ts, symbol, min_by(price, trade_id) AS open,
                   max(price) AS high, min(price) AS low, max_by(price, trade_id) AS close, sum(quantity) AS volume,
                   sum(price * quantity) AS quote_volume,
                   coalesce(sum(quantity) FILTER (WHERE NOT buyer_is_maker), CAST(0 AS DECIMAL(38, 8)))
                       AS taker_buy_volume,
                   count(*) AS trade_count, min(trade_id) AS id_first, max(trade_id) AS id_last,
                   bool_and(coalesce(before + 1 = trade_id AND trade_id + 1 = after, false)) AS complete
            FROM placed GROUP BY hour, symbol, trade_time DIV 1000000
            """;

    private static final int WITH_PARTS = 100;

    private final SparkSession session;
    private final Dataset<Row> merged;

    /** What the checks of an hour count. */
    record Tally(long lines, long strays, long inexact, long outside, long disputed) {
        static final Tally NONE = new Tally(0, 0, 0, 0, 0);
    }

    /** Both tables, sorted, each hour in one partition. */
    record Tables(Dataset<Row> trades, Dataset<Row> bars) {}

    private HourTables(SparkSession session, Dataset<Row> merged) {
        this.session = session;
        this.merged = merged;
    }

    /** Plans the tables of hours from the parts that they use. */
    static HourTables of(SparkSession session, PartObjects objects, List<HourWork> hours) {
        session.udf().register("part_lines", new PartLines(), DataTypes.createArrayType(DataTypes.StringType));
        objects.used(hours).createOrReplaceTempView("parts");
        session.sql(PARSED).createOrReplaceTempView("parsed");
        session.sql(LINES).createOrReplaceTempView("lines");
        Dataset<Row> merged = session.sql(MERGED).persist(StorageLevel.MEMORY_AND_DISK());
        merged.createOrReplaceTempView("merged");
        return new HourTables(session, merged);
    }

    private static String number(int digits) {
        return "^[0-9]{1," + digits + "}([.][0-9]{1,8}0*)?$";
    }

    private void show(List<HourWork> hours) {
        List<Row> rows = new ArrayList<>();
        for (HourWork hour : hours) {
            HourSource source = hour.source();
            rows.add(RowFactory.create(
                    hour.number(), source.symbol().value(), source.hourMs(), source.idBefore(), source.idAfter()));
        }
        session.createDataFrame(
                        rows,
                        StructType.fromDDL(
                                "hour INT, symbol STRING, from_ms BIGINT, id_before BIGINT, id_after BIGINT"))
                .createOrReplaceTempView("hours");
    }

    /** By the number of the hour; nothing of an hour without lines. */
    Map<Integer, Tally> tally(List<HourWork> hours) {
        show(hours);
        Map<Integer, Tally> tallies = new HashMap<>();
        for (Row row : session.sql(TALLY).collectAsList()) {
            tallies.put(
                    row.getInt(0),
                    new Tally(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
        }
        return tallies;
    }

    /** Why an hour with such a tally cannot be made; null if it can. */
    @Nullable
    String refusal(HourWork hour, Tally tally) {
        if (tally.inexact() == 0 && tally.outside() == 0) {
            return null;
        }
        boolean isInexact = tally.inexact() > 0;
        Row first = session.sql("SELECT id, price2, quantity2 FROM merged JOIN hours USING (hour) WHERE hour = "
                        + hour.number() + " AND NOT " + (isInexact ? EXACT : WITHIN) + " ORDER BY id LIMIT 1")
                .first();
        long id = first.getLong(0);
        List<String> parts = hour.used().stream()
                .filter(used -> used.part().ids().contains(id))
                .map(used -> used.part().key())
                .toList();
        return "trade " + id + " (price " + first.getString(1) + ", quantity " + first.getString(2) + ") in "
                + String.join(", ", parts) + " "
                + (isInexact
                        ? "has a number that the table cannot hold exactly: at most 8 decimals, a price below 10,000,000,000"
                        : "has a time outside of the hour");
    }

    /** Trades of which copies differ, by the number of the hour; ids ascend. */
    Map<Integer, List<Disagreement>> disagreements(List<HourWork> disputed) {
        Map<Integer, TreeMap<Long, List<Version>>> versions = new TreeMap<>();
        if (!disputed.isEmpty()) {
            show(disputed);
            String ofThese = "SELECT v.* FROM (" + VERSIONS + ") v LEFT SEMI JOIN hours USING (hour)"
                    + " ORDER BY hour, id, copies DESC, p, q, ms, maker";
            session.sql(ofThese)
                    .collectAsList()
                    .forEach(row -> versions.computeIfAbsent(row.getInt(0), hour -> new TreeMap<>())
                            .computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                            .add(version(row)));
        }
        Map<Integer, List<Disagreement>> found = new HashMap<>();
        versions.forEach((hour, trades) -> {
            // Spelling alone is no difference.
            trades.values().removeIf(each -> each.size() == 1);
            List<Disagreement> all = found.computeIfAbsent(hour, number -> new ArrayList<>());
            trades.forEach((id, each) -> all.add(new Disagreement(
                    id,
                    all.size() < WITH_PARTS
                            ? each
                            : each.stream().map(HourTables::bare).toList())));
        });
        return found;
    }

    private static Version version(Row row) {
        return new Version(
                row.getDecimal(2).toPlainString(),
                row.getDecimal(3).toPlainString(),
                row.getLong(4),
                row.getBoolean(5),
                row.getInt(6),
                row.getList(7));
    }

    private static Version bare(Version version) {
        return new Version(
                version.price(),
                version.quantity(),
                version.timeMs(),
                version.buyerIsMaker(),
                version.copies(),
                List.of());
    }

    /** The tables of these hours; a disputed trade is there as most of its copies have it. */
    Tables tables(List<HourWork> hours, Map<Integer, List<Disagreement>> disagreements) {
        show(hours);
        List<Row> winners = new ArrayList<>();
        disagreements.forEach((hour, disputes) -> disputes.forEach(dispute -> {
            Version version = dispute.versions().get(0);
            winners.add(RowFactory.create(
                    hour,
                    dispute.id(),
                    new BigDecimal(version.price()),
                    new BigDecimal(version.quantity()),
                    version.timeMs(),
                    version.buyerIsMaker()));
        }));
        session.createDataFrame(winners, WINNER).createOrReplaceTempView("winners");
        session.sql(TRADES.formatted(hours.size())).createOrReplaceTempView("trades");
        Dataset<Row> placed = session.sql(PLACED);
        placed.createOrReplaceTempView("placed");
        return new Tables(
                placed.sortWithinPartitions("hour", "trade_id"),
                session.sql(BARS)
                        .repartition(hours.size(), functions.col("hour"))
                        .sortWithinPartitions("hour", "ts"));
    }

    @Override
    public void close() {
        merged.unpersist();
    }
}
