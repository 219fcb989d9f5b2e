package io.marketdata.collector.testkit;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.status.MetricsPage;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The program's metrics page after everything that it counts has happened once. */
public final class ExportedMetrics {

    private static final int MOST_LABELS = 4;
    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
    private static final Pattern HELP = Pattern.compile("(?m)^# HELP (\\S+) (.*)$");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (.*)$");

    private final String page;

    private ExportedMetrics(String page) {
        this.page = page;
    }

    /** Registers everything, touches each metric that has labels, and reads the page. */
    public static ExportedMetrics read() throws IOException {
        Metrics metrics = new Metrics();
        for (Field field : Metrics.class.getFields()) {
            try {
                Object metric = field.get(metrics);
                if (metric instanceof Counter counter) {
                    touch(field, counter::labelValues);
                } else if (metric instanceof Gauge gauge) {
                    touch(field, gauge::labelValues);
                } else if (metric instanceof Histogram histogram) {
                    touch(field, histogram::labelValues);
                } else {
                    throw new AssertionError(field + " is of an unknown kind");
                }
            } catch (IllegalAccessException e) {
                throw new AssertionError(field + " is public", e);
            }
        }
        return new ExportedMetrics(
                new MetricsPage(metrics.registry()).show("text/plain").body());
    }

    /** How many labels it has is not public, so each number is tried. */
    private static void touch(Field field, Function<String[], Object> metric) {
        for (int labels = 0; labels <= MOST_LABELS; labels++) {
            try {
                String[] values = new String[labels];
                Arrays.fill(values, "x");
                metric.apply(values);
                return;
            } catch (IllegalArgumentException e) {
                // another number
            }
        }
        throw new AssertionError(field + " has more labels than " + MOST_LABELS);
    }

    /** Labels by the name of each sample: {@code _total}, {@code _bucket}, {@code _sum} and {@code _count} included. */
    public Map<String, Set<String>> samples() {
        Map<String, Set<String>> samples = new TreeMap<>();
        SAMPLE.matcher(page).results().forEach(sample -> {
            Set<String> labels = samples.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
            if (sample.group(2) != null) {
                LABEL.matcher(sample.group(2)).results().forEach(label -> labels.add(label.group(1)));
            }
        });
        return samples;
    }

    /** Help texts by the name of each metric, without the endings of a histogram's samples. */
    public Map<String, String> helps() {
        return byName(HELP);
    }

    /** Types by the name of each metric. */
    public Map<String, String> types() {
        return byName(TYPE);
    }

    private Map<String, String> byName(Pattern line) {
        Map<String, String> values = new TreeMap<>();
        for (MatchResult match : line.matcher(page).results().toList()) {
            values.put(match.group(1), match.group(2));
        }
        return values;
    }
}
