package io.marketdata.collector.status;

import io.marketdata.collector.html.Html;
import java.util.List;

/** Draws a history of rates as a line, scaled so that the highest rate fills the height; what is not known is left out. */
final class Sparkline {

    private static final int HEIGHT = 30;

    private final List<Double> rates;
    private final double top;
    private final StringBuilder shapes = new StringBuilder();
    private final StringBuilder points = new StringBuilder();
    private int begin;

    private Sparkline(List<Double> rates) {
        this.rates = rates;
        this.top = rates.stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
    }

    /** @param rates one for each {@link RateHistory#STEP}, the newest last; NaN if not known */
    static String of(List<Double> rates) {
        if (rates.size() < 2) {
            return "<span class=\"soft\">after 20 s</span>";
        }
        return new Sparkline(rates).draw();
    }

    private String draw() {
        int first = RateHistory.STEPS - rates.size();
        for (int i = 0; i < rates.size(); i++) {
            double rate = rates.get(i);
            int x = 2 * (first + i);
            if (Double.isNaN(rate)) {
                endSegment(x - 2);
                continue;
            }
            if (points.isEmpty()) {
                begin = x;
            }
            points.append(Html.format("%d,%.1f ", x, HEIGHT - 1 - (top == 0 ? 0 : (HEIGHT - 3) * rate / top)));
        }
        int last = 2 * (RateHistory.STEPS - 1);
        endSegment(last);
        return "<svg viewBox=\"0 0 " + last + " " + HEIGHT
                + "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\""
                + Html.format("at most %.1f trades per second", top) + "\">" + shapes + "</svg>";
    }

    private void endSegment(int x) {
        if (!points.isEmpty()) {
            String line = points.toString().strip();
            shapes.append("<polygon points=\"" + begin + "," + HEIGHT + " " + line + " " + x + "," + HEIGHT
                    + "\"/><polyline points=\"" + line + "\"/>");
            points.setLength(0);
        }
    }
}
