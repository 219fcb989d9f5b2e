package io.marketdata.query.sql;

import io.marketdata.query.duck.DuckDb;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The recorded trades next to the hours of the views.
 *
 * @param idBefore of the last trade before the first hour; null if none is known
 * @param idAfter of the first trade after the last hour; null if none is known
 */
public record Edges(@Nullable Long idBefore, @Nullable Long idAfter) {

    /** Reads them from the commit objects of one symbol's hours. */
    public static Edges read(DuckDb duck) throws SQLException {
        return new Edges(first(duck, "id_before", "hour"), first(duck, "id_after", "hour DESC"));
    }

    private static @Nullable Long first(DuckDb duck, String member, String order) throws SQLException {
        List<Optional<Long>> ids = duck.rows(
                DuckDb.sql(
                        "SELECT (json->>'$.source.%s')::BIGINT FROM internal.commits ORDER BY %s LIMIT 1",
                        member, order),
                row -> Optional.ofNullable(row.getObject(1, Long.class)));
        return ids.isEmpty() ? null : ids.get(0).orElse(null);
    }
}
