package io.marketdata.query.benchmark;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.DayOfThreeInstances;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What compaction and a query of a month cost beside other ways, on recorded frames where there are some. Each way runs in
 * a process of its own, and what it answers is compared. No test: docs/BENCHMARKS.md says how to run it, and holds its
 * output.
 */
public final class QueryBenchmark {

    private static final LocalDate FIRST = LocalDate.of(2025, 11, 1);
    private static final String FRAMES = "spot_btcusdt_trade_20240808T2354_650s.jsonl.gz";

    /**
     * How much is measured.
     *
     * @param hours of the busy day
     * @param days of the month
     * @param smallHours of each day of the month
     * @param sparkDays of the month that Spark and this program compact for comparison; 0 leaves Spark out
     * @param thin of the recorded trades the month has one in so many
     * @param runs of this program
     * @param otherRuns of the other ways
     * @param limit after which a run is ended
     */
    record Size(
            int hours, int days, int smallHours, int sparkDays, int thin, int runs, int otherRuns, Duration limit) {}

    private static final String SPARK_IS_MISSING =
            "`infra/query/spark/target/classpath` is missing, or `-DsparkDays=0`";

    private final Size size;
    private final Path folder;
    private final Path root;
    private final PrintStream out;
    private final PrintStream progress;

    QueryBenchmark(Size size, Path folder, Path root, PrintStream out, PrintStream progress) {
        this.size = size;
        this.folder = folder.toAbsolutePath().normalize();
        this.root = root.toAbsolutePath().normalize();
        this.out = out;
        this.progress = progress;
    }

    /** Prints the tables. Run it in the root of the source; it writes below {@code target/benchmark}. */
    public static void main(String[] arguments) throws Exception {
        Size size = new Size(
                Integer.getInteger("hours", 24),
                Integer.getInteger("days", 30),
                24,
                Integer.getInteger("sparkDays", 2),
                Integer.getInteger("thin", 100),
                Integer.getInteger("runs", 3),
                Integer.getInteger("otherRuns", 1),
                Duration.ofMinutes(Integer.getInteger("limitMinutes", 20)));
        new QueryBenchmark(size, Path.of("target", "benchmark"), Path.of(""), System.out, System.err).run();
    }

    /** Measures, and prints each table when it is complete. What is written is deleted. */
    void run() throws Exception {
        delete(folder);
        Files.createDirectories(folder);
        try {
            List<Trade> tape = tape();
            machine();
            busyDay(tape);
            month(IntStream.range(0, tape.size())
                    .filter(i -> i % size.thin() == 0)
                    .mapToObj(tape::get)
                    .toList());
        } finally {
            delete(folder);
        }
    }

    private List<Trade> tape() throws IOException {
        String samples = System.getenv("MARKETDATA_SAMPLES");
        Path frames = Path.of(samples == null ? "" : samples, FRAMES);
        if (samples != null && Files.exists(frames)) {
            say("From recorded frames: %s.%n", FRAMES);
            return Trade.frames(frames);
        }
        say("From made-up trades: MARKETDATA_SAMPLES names no directory with recorded frames.%n");
        return Trade.made(1, 0, 650_000, 1);
    }

    private void machine() {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        say(
                "%d processors, %d GiB of memory, load %.1f at the start; %s %s, Java %s; %s; %s.%n",
                system.getAvailableProcessors(),
                system.getTotalMemorySize() >> 30,
                system.getSystemLoadAverage(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version(),
                versions("DuckDB", Ways.duckDbVersion()),
                versions("", List.of("jq", "--version")));
    }

    private String versions(String name, List<String> command) {
        try {
            Measured run = Measured.run(folder, size.limit(), command);
            return (name + " " + (run.code() == 0 ? run.out() : "?")).strip();
        } catch (IOException e) {
            return name + " is not installed";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void say(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
    }

    private void busyDay(List<Trade> tape) throws Exception {
        Ways ways = new Ways(root, folder.resolve("day"), folder.resolve("day-work"));
        progress.printf(Locale.ROOT, "writing a day of %d hours%n", size.hours());
        RecordedBucket bucket = new RecordedBucket(ways.bucket(), new Symbol("BTCUSDT"));
        long trades = new DayOfThreeInstances(bucket, tape).write(FIRST, size.hours());
        Results results = new Results(String.format(
                Locale.ROOT,
                "A busy day to Parquet: %d hours, %,d trades, three instances, %,d parts of 5 s",
                size.hours(),
                trades,
                parts(ways.bucket())));
        Compacted compacted = compact(results, ways, FIRST, FIRST.plusDays(1));
        Path file = folder.resolve("day.parquet");
        List<Measured> copies = times(size.otherRuns(), "DuckDB to Parquet", ways.duckDbCopy(file), () -> {});
        results.add(
                "DuckDB on raw with `infra/sql/duckdb.sql`: trades only, no digest checked",
                copies,
                Measured.run(folder, size.limit(), ways.duckDbCopied(file)).out());
        say("%n%s", results.text());
        compacted.rates(size.hours() / 24.0, 3 * trades);
        delete(ways.bucket());
    }

    private void month(List<Trade> tape) throws Exception {
        Ways ways = new Ways(root, folder.resolve("month"), folder.resolve("month-work"));
        RecordedBucket bucket = new RecordedBucket(ways.bucket(), new Symbol("BTCUSDT"), 120_000);
        DayOfThreeInstances days = new DayOfThreeInstances(bucket, tape);
        LocalDate end = FIRST.plusDays(size.days());
        long trades = 0;
        for (LocalDate day = FIRST; day.isBefore(end); day = day.plusDays(1)) {
            progress.println("writing " + day);
            trades += days.write(day, size.smallHours());
        }
        String what = String.format(
                Locale.ROOT,
                "%d days, %,d trades, three instances, %,d parts of 120 s",
                size.days(),
                trades,
                parts(ways.bucket()));
        times(1, "compact the month", ways.compact(FIRST, end), () -> {});
        question(ways, "Number and quantity of all trades: " + what);
        if (size.sparkDays() > 0) {
            smallDays(ways, trades);
        }
    }

    private void smallDays(Ways ways, long trades) throws Exception {
        delete(ways.bucket().resolve("compact"));
        Results results = new Results("Small days to Parquet: the first " + size.sparkDays() + " of them");
        Compacted compacted = compact(results, ways, FIRST, FIRST.plusDays(size.sparkDays()));
        say("%n%s", results.text());
        compacted.rates(size.sparkDays(), 3 * trades * size.sparkDays() / size.days());
    }

    private final class Compacted {
        private final double ours;
        private final double spark;

        Compacted(double ours, double spark) {
            this.ours = ours;
            this.spark = spark;
        }

        void rates(double days, long lines) {
            rate("compact", ours, days, lines);
            rate("Spark", spark, days, lines);
        }

        private void rate(String way, double seconds, double days, long lines) {
            if (!Double.isNaN(seconds)) {
                say(
                        "%n%s: about %,.0f lines a second, %,.0f such days of a symbol an hour.%n",
                        way, lines / seconds, 3_600 * days / seconds);
            }
        }
    }

    /** Compacts with Spark, then with this program, whose hours stay. */
    private Compacted compact(Results results, Ways ways, LocalDate from, LocalDate to) throws Exception {
        Path made = ways.bucket().resolve("compact");
        Optional<List<String>> job = spark(ways.sparkCompact(from, to));
        List<Measured> bySpark = List.of();
        String answer = "";
        if (job.isPresent()) {
            bySpark = times(size.otherRuns(), "Spark to Parquet", job.get(), () -> delete(made));
            answer = answer(ways, from, to);
        }
        List<Measured> runs = times(size.runs(), "compact", ways.compact(from, to), () -> delete(made));
        double ours = results.add("`compact`, one process a day", runs, answer(ways, from, to));
        List<Measured> again = times(size.runs(), "compact again", ways.compact(from, to), () -> {});
        results.add("the same again: nothing to do", again, answer(ways, from, to));
        if (bySpark.isEmpty()) {
            results.skip("Spark job", SPARK_IS_MISSING);
            return new Compacted(ours, Double.NaN);
        }
        return new Compacted(ours, results.add("Spark job, `local[*]`", bySpark, answer));
    }

    private Optional<List<String>> spark(Optional<List<String>> command) {
        return size.sparkDays() == 0 ? Optional.empty() : command;
    }

    private String answer(Ways ways, LocalDate from, LocalDate to) throws Exception {
        delete(ways.work().resolve("hours"));
        return lastLine(Measured.run(folder, size.limit(), ways.sql("--from=" + from, "--to=" + to)));
    }

    private void question(Ways ways, String title) throws Exception {
        Results results = new Results(title);
        List<Measured> first =
                times(size.runs(), "sql", ways.sql(), () -> delete(ways.work().resolve("hours")));
        add(results, "`sql` on compacted hours, none of them in the work directory", first);
        add(results, "`sql` again", times(size.runs(), "sql again", ways.sql(), () -> {}));
        add(results, "`jq` on raw", times(size.otherRuns(), "jq", ways.jq(), () -> {}));
        add(
                results,
                "DuckDB on raw, `read_json_auto`",
                times(size.otherRuns(), "DuckDB alone", ways.duckDbAlone(), () -> {}));
        add(
                results,
                "DuckDB on raw, `infra/sql/duckdb.sql`",
                times(size.otherRuns(), "DuckDB views", ways.duckDbViews(), () -> {}));
        Optional<List<String>> spark = spark(ways.sparkQuery());
        if (spark.isPresent()) {
            add(
                    results,
                    "Spark on raw, `infra/sql/spark.sql`, `local[*]`",
                    times(size.otherRuns(), "Spark views", spark.get(), () -> {}));
        } else {
            results.skip("Spark on raw", SPARK_IS_MISSING);
        }
        say("%n%s", results.text());
    }

    private static void add(Results results, String way, List<Measured> runs) {
        results.add(way, runs, lastLine(runs.get(runs.size() - 1)));
    }

    private static String lastLine(Measured run) {
        return run.out().substring(run.out().lastIndexOf('\n') + 1);
    }

    private interface Preparation {
        void run() throws IOException;
    }

    private List<Measured> times(int runs, String what, List<String> command, Preparation before) throws Exception {
        List<Measured> measured = new ArrayList<>();
        for (int run = 1; run <= runs; run++) {
            before.run();
            progress.printf(Locale.ROOT, "%s, run %d of %d%n", what, run, runs);
            Measured one = Measured.run(folder, size.limit(), command);
            progress.printf(Locale.ROOT, "  %.1f s, exit code %d%n", one.seconds(), one.code());
            if (one.code() != 0) {
                progress.println(Measured.errors(folder));
            }
            measured.add(one);
        }
        return measured;
    }

    private static long parts(Path bucket) throws IOException {
        try (Stream<Path> files = Files.walk(bucket.resolve("raw"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("part-"))
                    .count();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
