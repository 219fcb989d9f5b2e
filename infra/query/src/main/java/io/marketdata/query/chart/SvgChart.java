package io.marketdata.query.chart;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** A chart as an SVG file: it needs no script and no network, and follows the reader's light or dark colours. */
public final class SvgChart {

    private static final double LEFT = 10;
    private static final double RIGHT = 550;
    private static final double WIDTH = 640;
    private static final double HEIGHT = 488;

    /** The rows of the picture: top and bottom, in its own units. */
    private enum Panel {
        PRICE(78, 296),
        VOLUME(304, 362),
        INCOMPLETE(368, 373),
        COPIES(375, 389),
        ALL(78, 389);

        private final double top;
        private final double bottom;

        Panel(double top, double bottom) {
            this.top = top;
            this.bottom = bottom;
        }
    }

    private static final String STYLE = """
            <style>
            svg { --back: #fff; --text: #1b2430; --soft: #5b6675; --line: #dfe4ea; --up: #1f6fc4; --down: #c2570c; --gone: #b3161a;
              --none: #8a93a1; --one: #e0a11b; --two: #6fb58a; --three: #2f7d4f; background: var(--back) }
            @media (prefers-color-scheme: dark) { svg { --back: #14181f; --text: #e6ebf2; --soft: #9aa6b5; --line: #2b323d;
              --up: #6fb1f5; --down: #f0924c; --gone: #ff6a60; --none: #768296; --one: #ffc04d; --two: #4f9a70; --three: #9fe0b8 } }
            text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--soft) }
            .h { font-size: 19px; font-weight: 600 } .h, .f { fill: var(--text) } .m { text-anchor: middle }
            .line { stroke: var(--line); fill: none } .back { fill: var(--back) }
            .c { stroke-width: 1 } .up { fill: var(--back); stroke: var(--up) } .down { fill: var(--down); stroke: var(--down) }
            .vu { fill: var(--up); opacity: .55 } .vd { fill: var(--down); opacity: .55 } .i { fill: var(--gone) }
            .k1 { fill: var(--one) } .k2 { fill: var(--two) } .k3 { fill: var(--three) }
            .gap { fill: url(#g); stroke: var(--gone); stroke-width: .6 } .unknown { fill: url(#u) }
            #g path { stroke: var(--gone) } #u path { stroke: var(--none) }
            </style>
            <defs>
            <pattern id="g" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke-width="4" opacity=".45"/></pattern>
            <pattern id="u" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path d="M0 0V6" stroke-width="3" opacity=".45"/></pattern>
            </defs>
            """;

    private final Chart chart;
    private final StringBuilder out = new StringBuilder(64 << 10);
    private final double slot;
    private final BigDecimal low;
    private final BigDecimal high;
    private final double most;

    private SvgChart(Chart chart) {
        this.chart = chart;
        this.slot = (RIGHT - LEFT) / chart.grid().slots();
        BigDecimal least = chart.candles().stream()
                .map(Candle::low)
                .reduce(BigDecimal::min)
                .orElse(BigDecimal.ZERO);
        BigDecimal greatest = chart.candles().stream()
                .map(Candle::high)
                .reduce(BigDecimal::max)
                .orElse(BigDecimal.ONE);
        BigDecimal margin = least.compareTo(greatest) < 0
                ? greatest.subtract(least).movePointLeft(2)
                : greatest.movePointLeft(3).max(new BigDecimal("0.00000001"));
        this.low = least.subtract(margin);
        this.high = greatest.add(margin);
        this.most = chart.candles().stream()
                .mapToDouble(candle -> candle.volume().doubleValue())
                .max()
                .orElse(1);
    }

    /** The text of the file. */
    public static String of(Chart chart) {
        return new SvgChart(chart).draw();
    }

    private String draw() {
        String title = chart.symbol() + ", " + chart.period();
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"t d\">\n",
                WIDTH, HEIGHT);
        add("<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n", title, chart.facts());
        out.append(STYLE);
        add("<rect class=\"back\" width=\"100%%\" height=\"100%%\"/>\n");
        add("<text class=\"h\" x=\"10\" y=\"26\">%s</text>\n", chart.symbol());
        add("<text x=\"10\" y=\"46\">%s</text>\n<text x=\"10\" y=\"65\">%s</text>\n", chart.period(), chart.facts());
        axes();
        chart.shades().forEach(this::shade);
        chart.candles().forEach(this::candle);
        volumes(true, "vu");
        volumes(false, "vd");
        strip(Panel.INCOMPLETE, candle -> candle.complete() ? 0 : 1, 1, "i");
        for (int copies = 1; copies <= 3; copies++) {
            strip(Panel.COPIES, candle -> Math.min(3, candle.minCopies()), copies, "k" + copies);
        }
        legend();
        return out.append("</svg>\n").toString();
    }

    private void add(String template, Object... values) {
        out.append(String.format(Locale.ROOT, template, values));
    }

    private double x(long ms) {
        return LEFT + slot * (ms - chart.grid().fromMs()) / chart.grid().everyMs();
    }

    private double y(BigDecimal price) {
        double part = price.subtract(low).doubleValue() / high.subtract(low).doubleValue();
        return Panel.PRICE.bottom - part * (Panel.PRICE.bottom - Panel.PRICE.top);
    }

    private void axes() {
        for (BigDecimal price : Axis.prices(low, high)) {
            add("<path class=\"line\" d=\"M%.1f %.1fH%.1f\"/>", LEFT, y(price), RIGHT);
            add(
                    "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                    RIGHT + 5, y(price) + 4, price.stripTrailingZeros().toPlainString());
        }
        Axis.times(chart.grid()).forEach(ms -> {
            add("<path class=\"line\" d=\"M%.1f %.1fV%.1f\"/>", x(ms), Panel.ALL.top, Panel.ALL.bottom);
            double middle = Math.max(x(ms), LEFT + 30);
            add("<text class=\"m\" x=\"%.1f\" y=\"407\">%s</text>\n", middle, Axis.label(chart.grid(), ms));
        });
        add("<text x=\"%.1f\" y=\"338\">volume</text><text x=\"%.1f\" y=\"387\">copies</text>\n", RIGHT + 5, RIGHT + 5);
    }

    /** At least a line wide, so that the shortest gap shows. */
    private void shade(Shade shade) {
        add(
                "<rect class=\"%s\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\"><title>%s</title></rect>\n",
                shade.isGap() ? "gap" : "unknown",
                x(shade.fromMs()),
                Panel.ALL.top,
                Math.max(0.8, x(shade.toMs()) - x(shade.fromMs())),
                Panel.ALL.bottom - Panel.ALL.top,
                shade.isGap() ? shade.missing() + " trades missing" : "nothing recorded");
    }

    private void candle(Candle candle) {
        double left = x(candle.startMs()) + slot * 0.15;
        double body = Math.min(y(candle.open()), y(candle.close()));
        double height = Math.max(0.6, Math.abs(y(candle.open()) - y(candle.close())));
        double middle = x(candle.startMs()) + slot / 2;
        add(
                "<path class=\"c %s\" d=\"M%.2f %.1fV%.1fM%.2f %.1fV%.1fM%.2f %.1fh%.2fv%.1fH%.2fz\"/>\n",
                candle.isUp() ? "up" : "down",
                middle,
                y(candle.high()),
                body,
                middle,
                body + height,
                Math.max(body + height, y(candle.low())),
                left,
                body,
                slot * 0.7,
                height,
                left);
    }

    private void volumes(boolean isUp, String style) {
        add("<path class=\"%s\" d=\"", style);
        double scale = (Panel.VOLUME.bottom - Panel.VOLUME.top) / most;
        for (Candle candle : chart.candles()) {
            if (candle.isUp() == isUp) {
                box(candle, Panel.VOLUME.bottom, candle.volume().doubleValue() * scale);
            }
        }
        out.append("\"/>\n");
    }

    private void strip(Panel panel, ToIntFunction<Candle> kind, int wanted, String style) {
        add("<path class=\"%s\" d=\"", style);
        for (Candle candle : chart.candles()) {
            if (kind.applyAsInt(candle) == wanted) {
                box(candle, panel.bottom, panel.bottom - panel.top);
            }
        }
        out.append("\"/>\n");
    }

    private void box(Candle candle, double bottom, double height) {
        double left = x(candle.startMs());
        add("M%.2f %.1fh%.2fv-%.2fH%.2fz", left, bottom, slot * 0.9, height, left);
    }

    private void legend() {
        String[][] entries = {
            {"up", "closes higher"}, {"down", "closes lower"}, {"i", "incomplete candle"},
            {"gap", "gap: trades missing"}, {"unknown", "nothing recorded"}, {"k1", "1 copy of a trade"},
            {"k2", "2 copies"}, {"k3", "3 or more copies of each trade"},
        };
        for (int i = 0; i < entries.length; i++) {
            double x = 10 + i % 3 * 190;
            double y = 436 + (i / 3) * 20;
            add("<rect class=\"%s\" x=\"%.0f\" y=\"%.0f\" width=\"12\" height=\"10\"/>", entries[i][0], x, y - 10);
            add("<text class=\"f\" x=\"%.0f\" y=\"%.0f\">%s</text>\n", x + 18, y, entries[i][1]);
        }
    }
}
