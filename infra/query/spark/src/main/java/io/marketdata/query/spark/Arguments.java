package io.marketdata.query.spark;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.compact.HourSource;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What the command line asks for.
 *
 * @param bucket as Hadoop names it
 * @param from the first day, UTC
 * @param to the first day after the last one
 * @param parallel hours in one Spark job
 */
record Arguments(String bucket, List<Symbol> symbols, LocalDate from, LocalDate to, int parallel) {

    static final String USAGE = "Usage: spark-submit … market-data-query-spark.jar --bucket s3a://BUCKET|file:DIR"
            + " --symbols SYMBOL,… --from DAY --to DAY [--parallel N]\n"
            + "Compacts the closed hours of UTC days, from the first one to the one before --to. --parallel: hours in one"
            + " Spark job (default: 24).";

    private static final Set<String> NAMES = Set.of("--bucket", "--symbols", "--from", "--to", "--parallel");

    /** How long after its end an hour counts as closed, as in {@code compact}. */
    private static final long SETTLE_MS = TimeUnit.MINUTES.toMillis(20);

    Arguments {
        symbols = List.copyOf(symbols);
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("--from " + from + " must be before --to " + to);
        }
        if (parallel < 1) {
            throw new IllegalArgumentException("--parallel must be at least 1");
        }
    }

    /** @throws IllegalArgumentException with what is wrong */
    static Arguments parse(String... arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!NAMES.contains(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException("unknown option, or one without its value: " + arguments[i]);
            }
            if (given.put(arguments[i], arguments[i + 1]) != null) {
                throw new IllegalArgumentException(arguments[i] + " is given twice");
            }
        }
        List<Symbol> symbols = new ArrayList<>();
        for (String symbol : value(given, "--symbols").split(",", -1)) {
            symbols.add(Symbol.of(symbol));
        }
        return new Arguments(
                bucket(value(given, "--bucket")),
                symbols,
                day(given, "--from"),
                day(given, "--to"),
                number(given.getOrDefault("--parallel", "24")));
    }

    private static String value(Map<String, String> given, String name) {
        if (!given.containsKey(name)) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return given.get(name);
    }

    private static String bucket(String text) {
        if (text.startsWith("file:")) {
            String directory = text.substring("file:".length()).replaceFirst("^//(?=/)", "");
            return "file://" + Path.of(directory).toAbsolutePath().normalize();
        }
        if (text.matches("s3a?://[^/]+/?")) {
            return text.replaceFirst("/$", "");
        }
        throw new IllegalArgumentException("--bucket must be s3a://BUCKET or file:DIR, not " + text);
    }

    private static LocalDate day(Map<String, String> given, String name) {
        try {
            return LocalDate.parse(value(given, name));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + " must be a day such as 2026-11-20", e);
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--parallel must be a whole number, not " + text, e);
        }
    }

    /** The hours that are closed, symbol by symbol. */
    List<Target> targets(long nowMs) {
        long endMs = to.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        List<Target> targets = new ArrayList<>();
        for (Symbol symbol : symbols) {
            long hourMs = from.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
            while (hourMs < endMs && hourMs + HourSource.HOUR_MS + SETTLE_MS <= nowMs) {
                targets.add(new Target(symbol, hourMs));
                hourMs += HourSource.HOUR_MS;
            }
        }
        return targets;
    }
}
