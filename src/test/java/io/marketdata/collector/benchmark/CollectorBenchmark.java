package io.marketdata.collector.benchmark;

import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.TlsKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Processor time, memory, start and delay of the collector's jar, beside other ways to record the same trades. Each way
 * is a process of its own, and ways take turns. No test: run it by hand, see docs/BENCHMARKS.md.
 */
public final class CollectorBenchmark {

    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    static final Path JAR =
            Path.of(System.getProperty("jar", "target/collector.jar")).toAbsolutePath();

    /** The jar has the libraries that references need. */
    static final String CLASSES = JAR + ":" + Path.of("target/test-classes").toAbsolutePath();

    private static final Path PAGE = Path.of("docs/BENCHMARKS.md");
    private static final Path CHART = Path.of("docs/images/benchmark.svg");
    private static final String BEGIN = "<!-- written by CollectorBenchmark -->\n";
    private static final String END = "<!-- end -->\n";

    private final int rounds = Integer.getInteger("rounds", 3);
    private final int flatOut = Integer.getInteger("trades", 3_000_000);
    private final int seconds = Integer.getInteger("seconds", 20);
    private final List<Way> ways = new ArrayList<>();
    private final List<Results> results = new ArrayList<>();
    private final Path work;
    private final Path keys;

    private CollectorBenchmark(Path work) throws IOException, InterruptedException {
        this.work = work;
        this.keys = TlsKeys.valid(work);
        String wanted = System.getProperty("ways", "");
        Arrays.stream(Way.values())
                .filter(way -> wanted.isEmpty() || List.of(wanted.split(",")).contains(way.id()))
                .forEach(ways::add);
        for (String name :
                System.getProperty("loads", "flat,50000x10,3000tls,31tls").split(",")) {
            Load load = Load.parse(name);
            results.add(new Results(load, load.trades(flatOut, seconds)));
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (!ProcessReading.isSupported()) {
            System.err.println("This benchmark reads /proc and runs on Linux only.");
            System.exit(2);
        }
        Path work = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "benchmark")
                .toAbsolutePath();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly),
                        "ends-processes"));
        try {
            new CollectorBenchmark(work).run();
        } finally {
            Measurement.delete(work);
        }
    }

    private void run() throws Exception {
        String machine = machine();
        List<Way> present = ways.stream().filter(way -> way.missing().isEmpty()).toList();
        for (int round = 1; round <= rounds; round++) {
            for (Results each : results) {
                for (Way way : present) {
                    System.err.println("round " + round + " of " + rounds + ", "
                            + each.load().name() + ", " + way.title());
                    measure(each, way);
                }
            }
        }
        String text = text(machine);
        System.out.println(text);
        if (!System.getProperty("write", "yes").equals("no")) {
            write(text);
        }
    }

    private void measure(Results into, Way way) throws Exception {
        int trades = into.load().trades(flatOut, seconds);
        try {
            Run run = new Measurement(way, into.load(), trades, work, keys).run();
            System.err.printf(
                    Locale.ROOT,
                    "  %.2f µs, %,.0f/s, %.0f MiB, %d missing%n",
                    run.cpuMicros(),
                    run.perSecond(),
                    run.peakMib(),
                    run.lost());
            into.add(run);
        } catch (IOException e) {
            System.err.println("  " + e.getMessage());
            into.fail(way, "see the output of the run");
        }
    }

    private String text(String machine) throws Exception {
        StringBuilder text = new StringBuilder(machine);
        for (Way way : ways) {
            if (!way.missing().isEmpty()) {
                text.append("\nNot run: ")
                        .append(way.title())
                        .append(", because ")
                        .append(way.missing())
                        .append(".\n");
            }
        }
        results.forEach(each -> text.append("\n").append(each.table()));
        text.append("\n#### Processor time by thread, µs a trade\n\n| load | way | threads |\n|---|---|---|\n");
        results.forEach(each -> text.append(each.threads()));
        return text + allocation();
    }

    /** Of the collector's threads, at 50,000 trades a second. */
    private String allocation() throws Exception {
        if (!ways.contains(Way.UNIT1) || System.getProperty("allocation", "yes").equals("no")) {
            return "";
        }
        Load load = Load.parse("50000x10");
        int trades = load.trades(0, Allocation.WARM_UP_SECONDS + Allocation.MEASURED_SECONDS + 5);
        StringBuilder text = new StringBuilder("\n#### Bytes allocated for each trade by the collector's threads\n\n");
        text.append("At 50,000 trades a second, one connection, options of the unit, in ")
                .append(Allocation.MEASURED_SECONDS)
                .append(" s after ")
                .append(Allocation.WARM_UP_SECONDS)
                .append(" s; threads with 0.1 and more.\n\n| thread | bytes a trade |\n|---|---|\n");
        new Measurement(Way.UNIT1, load, trades, work, keys)
                .run(process -> Allocation.perTrade(process, load.rate()).entrySet().stream()
                        .filter(each -> each.getValue() >= 0.1 && !each.getKey().startsWith("RMI"))
                        .sorted(Comparator.comparing((Map.Entry<String, Double> each) -> -each.getValue()))
                        .forEach(each -> text.append(
                                String.format(Locale.ROOT, "| %s | %.1f |%n", each.getKey(), each.getValue()))));
        return text.toString();
    }

    /** What the figures depend on; the load before the first measurement. */
    private String machine() throws IOException {
        String cpu = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown processor");
        return String.format(
                Locale.ROOT,
                "%s, median of %d %s, load %s at the start.\n%d × %s; Linux %s, Java %s. %s.%n",
                LocalDate.now(ZoneOffset.UTC),
                rounds,
                rounds == 1 ? "run" : "interleaved runs",
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0],
                Runtime.getRuntime().availableProcessors(),
                cpu,
                System.getProperty("os.version"),
                Runtime.version(),
                Samples.realFrames().isPresent() ? "Recorded frames" : "Synthetic frames");
    }

    private void write(String text) throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END, begin);
        if (begin < 0 || end < 0) {
            throw new IOException(PAGE + " has no place for the figures");
        }
        Files.writeString(CHART, BarChart.of(results, "Processor time for each trade, relative to the bare minimum"));
        Files.writeString(
                PAGE,
                page.substring(0, begin + BEGIN.length()) + "\n![Processor time of each way](images/"
                        + CHART.getFileName() + ")\n\n" + text + "\n" + page.substring(end));
    }
}
