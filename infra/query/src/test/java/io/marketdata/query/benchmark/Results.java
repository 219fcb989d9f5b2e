package io.marketdata.query.benchmark;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** A table in Markdown. Its first way is the one that others are compared with, in time and in what they answer. */
final class Results {

    private final List<String> lines = new ArrayList<>();
    private double reference = Double.NaN;
    private String answer = "";

    Results(String title) {
        lines.add("### " + title);
        lines.add("");
        lines.add(
                "| way | time, s: median (fastest, runs) | processor time, s | peak memory, MiB | time, relative | answer |");
        lines.add("|---|---|---|---|---|---|");
    }

    /** Adds a way that was not run. */
    void skip(String way, String reason) {
        lines.add("| " + way + " | not run: " + reason + " | | | | |");
    }

    /**
     * Adds a way, and returns its median time in seconds; not a number if it failed.
     *
     * @param found what it answers to the question, or what it printed in place of that
     */
    double add(String way, List<Measured> runs, String found) {
        Measured last = runs.get(runs.size() - 1);
        if (runs.stream().anyMatch(run -> run.code() != 0)) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | **failed** after %.1f, exit code %d | %s | %s | | none |",
                    way,
                    last.seconds(),
                    last.code(),
                    number(last.cpuSeconds()),
                    number(last.peakMib())));
            return Double.NaN;
        }
        double[] times = runs.stream().mapToDouble(Measured::seconds).sorted().toArray();
        double median = times[times.length / 2];
        if (Double.isNaN(reference)) {
            reference = median;
            answer = found;
        }
        lines.add(String.format(
                Locale.ROOT,
                "| %s | %.1f (%.1f, %d) | %s | %s | %.2f | %s |",
                way,
                median,
                times[0],
                times.length,
                number(max(runs.stream().mapToDouble(Measured::cpuSeconds))),
                number(max(runs.stream().mapToDouble(Measured::peakMib))),
                median / reference,
                compared(found)));
        return median;
    }

    private static double max(DoubleStream values) {
        return values.max().orElse(-1);
    }

    private static String number(double value) {
        return value < 0 ? "?" : String.format(Locale.ROOT, "%,.0f", value);
    }

    private String compared(String found) {
        return isSame(found, answer) ? "the same" : "**differs**: " + found + " and not " + answer;
    }

    /** Whether two rows of numbers, separated by commas, have the same values. */
    static boolean isSame(String one, String other) {
        String[] these = one.split(",", -1);
        String[] those = other.split(",", -1);
        boolean isSame = these.length == those.length;
        for (int i = 0; isSame && i < these.length; i++) {
            isSame = value(these[i]).equals(value(those[i]));
        }
        return isSame;
    }

    private static Object value(String text) {
        try {
            return new BigDecimal(text.strip()).stripTrailingZeros();
        } catch (NumberFormatException e) {
            return text;
        }
    }

    String text() {
        return String.join("\n", lines) + "\n";
    }
}
