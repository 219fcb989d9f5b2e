package io.marketdata.query.export;

import io.marketdata.collector.model.IdRange;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.sql.Edges;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the trades of the view are those of a day, all of them and each in one version.
 *
 * @param idFirst the least id; no meaning without trades
 * @param idLast the greatest id; no meaning without trades
 * @param doubts gaps, and ends of the day at which trades may be missing; each is a sentence
 * @param disputed ids of trades of which recorded copies differ
 */
public record DayFacts(long trades, long idFirst, long idLast, List<String> doubts, List<Long> disputed) {

    public DayFacts {
        doubts = List.copyOf(doubts);
        disputed = List.copyOf(disputed);
    }

    private record Ids(long count, long first, long last) {}

    /** Reads them from the views over the hours of one symbol and day. */
    public static DayFacts read(DuckDb duck) throws SQLException {
        Ids ids = duck.rows(
                        "SELECT count(*), min(trade_id), max(trade_id) FROM trades",
                        row -> new Ids(row.getLong(1), row.getLong(2), row.getLong(3)))
                .get(0);
        List<Long> disputed = duck.rows(
                "SELECT unnest(from_json(json->'$.disagreements', '[{\"id\":\"BIGINT\"}]')).id AS id"
                        + " FROM internal.commits ORDER BY id",
                row -> row.getLong(1));
        return new DayFacts(ids.count(), ids.first(), ids.last(), doubts(duck, ids), disputed);
    }

    private static List<String> doubts(DuckDb duck, Ids ids) throws SQLException {
        List<String> doubts = new ArrayList<>();
        Edges edges = Edges.read(duck);
        if (edges.idBefore() == null) {
            doubts.add("no trade before id " + ids.first()
                    + " is recorded, so trades at the beginning of the day may be" + " missing");
        } else if (edges.idBefore() + 1 < ids.first()) {
            doubts.add(gap(new IdRange(edges.idBefore() + 1, ids.first() - 1)));
        }
        duck.rows(
                        "SELECT before + 1, trade_id - 1 FROM (SELECT trade_id, lag(trade_id) OVER (ORDER BY trade_id) AS before"
                                + " FROM trades) WHERE before + 1 < trade_id ORDER BY trade_id",
                        row -> new IdRange(row.getLong(1), row.getLong(2)))
                .forEach(gap -> doubts.add(gap(gap)));
        if (edges.idAfter() == null) {
            doubts.add(
                    "no trade after id " + ids.last() + " is recorded, so trades at the end of the day may be missing");
        } else if (ids.last() + 1 < edges.idAfter()) {
            doubts.add(gap(new IdRange(ids.last() + 1, edges.idAfter() - 1)));
        }
        return doubts;
    }

    private static String gap(IdRange ids) {
        return "gap: trade ids " + ids.first() + " to " + ids.last() + " (" + ids.count() + ") are missing";
    }
}
