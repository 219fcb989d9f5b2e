package io.marketdata.query.chart;

import io.marketdata.collector.model.Symbol;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** What a chart shows: candles in the order of time, one for each interval with trades, and the gaps between them. */
public record Chart(Symbol symbol, Grid grid, List<Candle> candles, List<Shade> shades) {

    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    public Chart {
        candles = List.copyOf(candles);
        shades = List.copyOf(shades);
    }

    /** How many trades it shows. */
    public long trades() {
        return candles.stream().mapToLong(Candle::trades).sum();
    }

    String period() {
        return MOMENT.format(Instant.ofEpochMilli(grid.fromMs())) + " to "
                + MOMENT.format(Instant.ofEpochMilli(grid.toMs())) + " UTC";
    }

    /** The counts, in words. */
    public String facts() {
        long incomplete = candles.stream().filter(candle -> !candle.complete()).count();
        List<Shade> gaps = shades.stream().filter(Shade::isGap).toList();
        long missing = gaps.stream()
                .mapToLong(shade -> shade.missing() == null ? 0 : shade.missing())
                .sum();
        return many(trades(), "trade") + ", " + many(candles.size(), "candle") + " of " + grid.every() + ", "
                + incomplete
                + " incomplete; "
                + (gaps.isEmpty() ? "no gap" : many(gaps.size(), "gap") + ", " + many(missing, "trade") + " missing");
    }

    private static String many(long count, String word) {
        return String.format(Locale.ROOT, "%,d %s%s", count, word, count == 1 ? "" : "s");
    }
}
