package io.marketdata.query.chart;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.sql.Edges;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what a chart shows from the views over one symbol's whole hours. One thread. */
public final class ChartReader {

    private static final String CANDLES = """
            SELECT t.*, complete
            FROM (SELECT epoch_ms(trade_time) // %1$d * %1$d AS start, arg_min(price, trade_id), max(price), min(price),
                         arg_max(price, trade_id), sum(quantity), count(*), min(copies)
                  FROM trades WHERE epoch_ms(trade_time) >= %2$d AND epoch_ms(trade_time) < %3$d GROUP BY start) AS t
            JOIN (SELECT epoch_ms(ts) // %1$d * %1$d AS start, bool_and(complete) AS complete
                  FROM bars_1s GROUP BY start) AS b USING (start)
            ORDER BY start
            """;

    /** From the trade before a gap to the one after it; from the beginning of the hours if that is in none of them. */
    private static final String GAPS = """
            SELECT coalesce(epoch_ms(b.trade_time), epoch_ms(g.hour)), epoch_ms(a.trade_time), g.missing
            FROM gaps AS g LEFT JOIN trades AS b ON b.trade_id = g.id_first - 1
                           LEFT JOIN trades AS a ON a.trade_id = g.id_last + 1
            ORDER BY g.id_first
            """;

    private final DuckDb duck;
    private final Grid grid;

    /** The trades of all hours. */
    private record Ends(long firstMs, long lastMs, long idLast) {}

    public ChartReader(DuckDb duck, Grid grid) {
        this.duck = duck;
        this.grid = grid;
    }

    /**
     * Reads it.
     *
     * @param unreadHoursMs hours that are recorded and could not be used, ms since 1970 UTC
     */
    public Chart read(Symbol symbol, List<Long> unreadHoursMs) throws SQLException {
        List<Candle> candles =
                duck.rows(DuckDb.sql(CANDLES, grid.everyMs(), grid.fromMs(), grid.toMs()), ChartReader::candle);
        List<Shade> shades = new ArrayList<>();
        duck.rows(GAPS, row -> grid.cut(row.getLong(1), row.getLong(2), row.getLong(3)))
                .forEach(shades::addAll);
        unreadHoursMs.forEach(hour -> shades.addAll(grid.cut(hour, hour + 3_600_000, null)));
        Edges edges = Edges.read(duck);
        for (Ends ends : ends()) {
            if (edges.idBefore() == null) {
                shades.addAll(grid.cut(grid.fromMs(), ends.firstMs(), null));
            }
            shades.addAll(after(ends, edges.idAfter()));
        }
        return new Chart(symbol, grid, candles, shades);
    }

    private static Candle candle(ResultSet row) throws SQLException {
        return new Candle(
                row.getLong(1),
                decimal(row, 2),
                decimal(row, 3),
                decimal(row, 4),
                decimal(row, 5),
                decimal(row, 6),
                row.getLong(7),
                row.getInt(8),
                row.getBoolean(9));
    }

    private static BigDecimal decimal(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNull(row.getBigDecimal(column));
    }

    private List<Ends> ends() throws SQLException {
        return duck.rows(
                "SELECT epoch_ms(min(trade_time)), epoch_ms(max(trade_time)), max(trade_id) FROM trades HAVING count(*) > 0",
                row -> new Ends(row.getLong(1), row.getLong(2), row.getLong(3)));
    }

    private List<Shade> after(Ends ends, @Nullable Long idAfter) {
        if (idAfter == null) {
            return grid.cut(ends.lastMs() + 1, grid.toMs(), null);
        }
        long missing = idAfter - ends.idLast() - 1;
        return missing > 0 ? grid.cut(ends.lastMs(), grid.toMs(), missing) : List.of();
    }
}
