package io.marketdata.collector.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The runs of all ways under one load, and their tables in Markdown. Values are medians of the rounds. */
final class Results {

    /** Threads that take less, µs a trade of the whole, are added up. */
    private static final double SMALL_SHARE = 0.02;

    private final Load load;
    private final int trades;
    private final Map<Way, List<@Nullable Run>> runs = new LinkedHashMap<>();
    private final Map<Way, String> failures = new LinkedHashMap<>();

    Results(Load load, int trades) {
        this.load = load;
        this.trades = trades;
    }

    Load load() {
        return load;
    }

    List<Way> ways() {
        return List.copyOf(runs.keySet());
    }

    void add(Run run) {
        runs.computeIfAbsent(run.way(), way -> new ArrayList<>()).add(run);
    }

    /** Adds a run that failed, so that rounds stay comparable. */
    void fail(Way way, String reason) {
        runs.computeIfAbsent(way, each -> new ArrayList<>()).add(null);
        failures.put(way, reason);
    }

    double cpu(Way way) {
        return median(way, Run::cpuMicros);
    }

    /** The median of the ratios of a round; not a number without a reference. */
    double ratio(Way way, ToDoubleFunction<Run> value) {
        List<@Nullable Run> these = runs.get(way);
        List<@Nullable Run> reference = runs.getOrDefault(Way.BARE, List.of());
        return median(IntStream.range(0, Math.min(these.size(), reference.size()))
                .filter(i -> these.get(i) != null && reference.get(i) != null)
                .mapToDouble(i -> value.applyAsDouble(these.get(i)) / value.applyAsDouble(reference.get(i)))
                .toArray());
    }

    private double median(Way way, ToDoubleFunction<Run> value) {
        return median(runs.get(way).stream()
                .filter(run -> run != null)
                .mapToDouble(value)
                .toArray());
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values.length == 0 ? Double.NaN : values[values.length / 2];
    }

    String table() {
        StringBuilder text =
                new StringBuilder(String.format(Locale.ROOT, "#### %s: %,d trades\n\n", load.title(), trades));
        text.append(
                "| way | processor time, µs a trade | in the second half | trades a second | all stored after, s | peak memory, MiB |"
                        + " first trade after, s | delay, ms: median / 99 % / largest | missing |\n|---|---|---|---|---|---|---|---|---|\n");
        runs.keySet().forEach(way -> text.append(row(way)));
        return text.toString();
    }

    private String row(Way way) {
        if (failures.containsKey(way)) {
            return "| " + way.title() + " | **failed**: " + failures.get(way) + " | | | | | | | |\n";
        }
        String delays = load.isFlatOut()
                ? "–"
                : IntStream.range(0, 3)
                        .mapToObj(i -> number(median(way, run -> run.delayMillis()[i])))
                        .collect(Collectors.joining(" / "));
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %,.0f | %.1f | %s | %s | %s | %,.0f |\n",
                way.title(),
                related(way, Run::cpuMicros),
                load.isFlatOut() ? "–" : related(way, Run::lateCpuMicros),
                median(way, Run::perSecond),
                median(way, Run::storedSeconds),
                related(way, Run::peakMib),
                related(way, Run::startSeconds),
                delays,
                runs.get(way).stream().mapToDouble(Run::lost).max().orElse(0));
    }

    /** A median and its ratio to the reference. */
    private String related(Way way, ToDoubleFunction<Run> value) {
        double ratio = ratio(way, value);
        String times = Double.isNaN(ratio) || way == Way.BARE ? "" : String.format(Locale.ROOT, " (%.1f ×)", ratio);
        return number(median(way, value)) + times;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }

    /** Rows of the table of threads: of each way, what takes most first. */
    String threads() {
        StringBuilder text = new StringBuilder();
        for (Way way : runs.keySet()) {
            if (!failures.containsKey(way)) {
                text.append("| " + load.name() + " | " + way.title() + " | " + threads(way) + " |\n");
            }
        }
        return text.toString();
    }

    private String threads(Way way) {
        Map<String, Double> all = new TreeMap<>();
        runs.get(way).forEach(run -> run.threadMicros().keySet().forEach(name -> all.put(name, 0.0)));
        all.replaceAll((name, zero) -> median(way, run -> run.threadMicros().getOrDefault(name, 0.0)));
        double small = SMALL_SHARE * cpu(way);
        double others = all.values().stream()
                .filter(each -> each < small)
                .mapToDouble(each -> each)
                .sum();
        String large = all.entrySet().stream()
                .filter(each -> each.getValue() >= small)
                .sorted(Comparator.comparing((Map.Entry<String, Double> each) -> -each.getValue()))
                .map(each -> each.getKey() + " " + number(each.getValue()))
                .collect(Collectors.joining(", "));
        return large + ", others " + number(others);
    }
}
