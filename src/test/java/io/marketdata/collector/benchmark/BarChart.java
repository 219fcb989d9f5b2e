package io.marketdata.collector.benchmark;

import java.util.List;
import java.util.Locale;

/** The processor time of each way as bars, with the bare minimum of the same load as the unit. */
final class BarChart {

    private static final int ROW = 22;
    private static final int LEFT = 290;
    private static final int WIDTH = 900;

    /** Longer bars end at the edge. */
    private static final double LARGEST = 20;

    private BarChart() {}

    static String of(List<Results> all, String caption) {
        StringBuilder bars = new StringBuilder();
        int y = 40;
        for (Results results : all) {
            bars.append(text(10, y, "b", results.load().title()));
            y += ROW;
            for (Way way : results.ways()) {
                bars.append(bar(results, way, y));
                y += ROW;
            }
            y += ROW / 2;
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + y
                + "\" role=\"img\">\n<title>"
                + caption + "</title>\n<style>\nsvg { --back: #fff; --text: #1b2430; --bar: #1f6fc4; --soft: #9aa6b5;"
                + " background: var(--back) }\n@media (prefers-color-scheme: dark) { svg { --back: #14181f; --text: #e6ebf2;"
                + " --bar: #4d96e0; --soft: #5b6675 } }\ntext { font: 13px sans-serif; fill: var(--text) }\n"
                + ".b { font-weight: bold }\n.r { text-anchor: end }\n.us { fill: var(--bar) }\n.other { fill: var(--soft) }\n"
                + "</style>\n" + text(10, 18, "", caption) + bars + "</svg>\n";
    }

    private static String bar(Results results, Way way, int y) {
        double ratio = results.ratio(way, Run::cpuMicros);
        if (Double.isNaN(ratio)) {
            return text(LEFT - 8, y, "r", way.title()) + text(LEFT, y, "", "failed");
        }
        double width = Math.min(ratio, LARGEST) / LARGEST * (WIDTH - LEFT - 130);
        String value = String.format(Locale.ROOT, "%.1f × (%.1f µs)", ratio, results.cpu(way));
        return text(LEFT - 8, y, "r", way.title())
                + String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%d\" class=\"%s\"/>\n",
                        LEFT,
                        y - 13,
                        width,
                        ROW - 6,
                        way.isCollector() ? "us" : "other")
                + text(LEFT + (int) width + 6, y, "", value);
    }

    private static String text(int x, int y, String style, String text) {
        return "<text x=\"" + x + "\" y=\"" + y + "\" class=\"" + style + "\">" + text + "</text>\n";
    }
}
