package io.marketdata.query.compact;

import io.marketdata.collector.model.Symbol;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Keys of compacted hours. The commit objects have a folder of their own, because readers glob the folders of data. */
public final class CompactLayout {

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/'hour='HH", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private CompactLayout() {}

    /** Key of an hour's trades. */
    public static String trades(Symbol symbol, long hourMs) {
        return data("trade", symbol, hourMs) + "/trades.parquet";
    }

    /** Key of an hour's one-second bars. */
    public static String bars(Symbol symbol, long hourMs) {
        return data("ohlcv_1s", symbol, hourMs) + "/bars.parquet";
    }

    private static String data(String stream, Symbol symbol, long hourMs) {
        return "compact/exchange=binance/stream=" + stream + "/symbol=" + symbol.encoded() + "/" + hour(hourMs);
    }

    /** Key of an hour's commit object. */
    public static String commit(Symbol symbol, long hourMs) {
        return commits(symbol) + hour(hourMs) + ".json";
    }

    /** The folder of a day's commit objects. */
    public static String commitsOfDay(Symbol symbol, long dayMs) {
        return commits(symbol) + DAY.format(Instant.ofEpochMilli(dayMs));
    }

    /** The folder of a symbol's commit objects. */
    public static String commits(Symbol symbol) {
        return "compact/_commits/exchange=binance/symbol=" + symbol.encoded() + "/";
    }

    private static String hour(long hourMs) {
        return HOUR.format(Instant.ofEpochMilli(hourMs));
    }
}
