package io.marketdata.query.chart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A chart as one HTML file, which can be moved and magnified. It holds the library that draws it, so that it needs no
 * network; numbers are in it as text, with every digit.
 */
public final class HtmlChart {

    private static final String LIBRARY = "/lightweight-charts/";

    private HtmlChart() {}

    /** The text of the file. */
    public static String of(Chart chart) throws IOException {
        String title = chart.symbol() + ", " + chart.period();
        String page = resource("/chart/page.html")
                .replace("@TITLE@", title)
                .replace("@SYMBOL@", chart.symbol().value())
                .replace("@PERIOD@", chart.period())
                .replace("@FACTS@", chart.facts())
                .replace("@DATA@", data(chart).toString().replace("<", "\\u003c"))
                .replace("@SCRIPT@", resource("/chart/page.js"))
                .replace("@NOTICE@", text(resource(LIBRARY + "NOTICE")))
                .replace("@LICENSE@", text(resource(LIBRARY + "LICENSE")));
        return page.replace("@LIBRARY@", resource(LIBRARY + "lightweight-charts.standalone.production.js"));
    }

    private static String text(String value) {
        return value.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static ObjectNode data(Chart chart) {
        Grid grid = chart.grid();
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("from", grid.fromMs() / 1_000).put("to", grid.toMs() / 1_000).put("every", grid.everyMs() / 1_000);
        int decimals = chart.candles().stream()
                .mapToInt(candle -> Math.max(
                        Math.max(
                                candle.open().stripTrailingZeros().scale(),
                                candle.close().stripTrailingZeros().scale()),
                        Math.max(
                                candle.high().stripTrailingZeros().scale(),
                                candle.low().stripTrailingZeros().scale())))
                .max()
                .orElse(0);
        root.put("decimals", Math.max(0, decimals));
        ArrayNode candles = root.putArray("candles");
        for (Candle candle : chart.candles()) {
            candles.addArray()
                    .add(candle.startMs() / 1_000)
                    .add(candle.open().toPlainString())
                    .add(candle.high().toPlainString())
                    .add(candle.low().toPlainString())
                    .add(candle.close().toPlainString())
                    .add(candle.volume().toPlainString())
                    .add(candle.trades())
                    .add(candle.minCopies())
                    .add(candle.complete());
        }
        ArrayNode shades = root.putArray("shades");
        for (Shade shade : chart.shades()) {
            shades.addArray().add(shade.fromMs()).add(shade.toMs()).add(shade.missing());
        }
        return root;
    }

    private static String resource(String name) throws IOException {
        try (@Nullable InputStream in = HtmlChart.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("this jar has no " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
