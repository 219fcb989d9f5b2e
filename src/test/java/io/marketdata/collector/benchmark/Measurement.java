package io.marketdata.collector.benchmark;

import io.marketdata.collector.model.Time;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs one way under one load, with servers and directories of its own. */
final class Measurement {

    private static final int POLL_MILLIS = 50;

    /** Seconds after the last trade in which everything must be stored. */
    private static final int PATIENCE_SECONDS = 60;

    /** For one measurement; a way that sends no answer is ended then. */
    private static final int LIMIT_MINUTES = 20;

    private final Way way;
    private final Load load;
    private final int trades;
    private final Path home;
    private final Path keys;

    Measurement(Way way, Load load, int trades, Path work, Path keys) throws IOException {
        this.way = way;
        this.load = load;
        this.trades = trades;
        this.home = Files.createTempDirectory(work, way.id());
        this.keys = keys;
        Files.createDirectory(home.resolve("bucket"));
        Files.createDirectory(home.resolve("spool"));
    }

    /**
     * When the process was started, when the first trade was sent, about half of them, and the last, µs since 1970 UTC.
     *
     * @param lateCpu processor time of the process from half of them to the last, µs
     */
    private record Sending(long startMicros, long firstMicros, long halfMicros, long lastMicros, double lateCpu) {}

    /** What is done while trades are sent. */
    interface Meanwhile {
        void run(Process process) throws Exception;
    }

    Run run() throws Exception {
        return run(process -> {});
    }

    Run run(Meanwhile meanwhile) throws Exception {
        Path sent = home.resolve("sent");
        Process server = new ProcessBuilder(
                        CollectorBenchmark.JAVA.toString(),
                        "-Xmx1g",
                        "-cp",
                        CollectorBenchmark.CLASSES,
                        LoadServer.class.getName(),
                        load.name(),
                        Integer.toString(trades),
                        Integer.toString(way.connections()),
                        keys.toString(),
                        sent.toString())
                .redirectError(home.resolve("server.txt").toFile())
                .start();
        CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES).execute(server::destroyForcibly);
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
            String[] ports = words(out, "READY");
            String address = (load.tls() ? "wss" : "ws") + "://127.0.0.1:" + ports[1];
            long startMicros = Time.SYSTEM.epochMicros();
            Process process = way.start(home, address, ports[2], keys);
            try {
                process.onExit().thenRun(server::destroyForcibly);
                words(out, "OPEN");
                meanwhile.run(process);
                awaitHalf(process);
                long halfMicros = Time.SYSTEM.epochMicros();
                double before = ProcessReading.of(process.pid()).cpuMicros();
                String[] times = words(out, "SENT");
                double late = ProcessReading.of(process.pid()).cpuMicros() - before;
                Sending sending =
                        new Sending(startMicros, Long.parseLong(times[1]), halfMicros, Long.parseLong(times[2]), late);
                return judge(process, sending, sent);
            } finally {
                end(process);
            }
        } finally {
            server.destroyForcibly().waitFor();
            delete(home);
        }
    }

    /** The words of the next line, which begins like that. */
    private String[] words(BufferedReader out, String first) throws IOException {
        String line = out.readLine();
        if (line == null || !line.startsWith(first)) {
            throw new IOException("no " + first + " from the server of " + way.id() + ", " + load.name() + ":\n"
                    + Files.readString(home.resolve("server.txt"))
                    + (Files.exists(home.resolve("output.txt")) ? Files.readString(home.resolve("output.txt")) : ""));
        }
        return line.split(" ");
    }

    private void awaitHalf(Process process) throws InterruptedException {
        if (!load.isFlatOut()) {
            process.waitFor(500L * trades / load.rate(), TimeUnit.MILLISECONDS);
        }
    }

    private Run judge(Process process, Sending sending, Path sent) throws IOException, InterruptedException {
        long giveUpMicros = sending.lastMicros() + PATIENCE_SECONDS * 1_000_000L;
        while (true) {
            awaitEmptySpool(process, giveUpMicros);
            long now = Time.SYSTEM.epochMicros();
            ProcessReading reading = ProcessReading.of(process.pid());
            StoredTrades stored = StoredTrades.read(home.resolve("bucket"), sent, trades);
            if (stored.count() == trades || now > giveUpMicros) {
                Map<String, Double> threads = new TreeMap<>();
                reading.threadMicros().forEach((name, micros) -> threads.put(name, micros / trades));
                double late =
                        load.isFlatOut() ? Double.NaN : sending.lateCpu() / stored.sentAfter(sending.halfMicros());
                double seconds = (stored.lastReceivedMicros() - sending.firstMicros()) / 1e6;
                return new Run(
                        way,
                        trades - stored.count(),
                        reading.cpuMicros() / trades,
                        late,
                        threads,
                        stored.count() / seconds,
                        (now - sending.lastMicros()) / 1e6,
                        reading.peakKib() / 1_024.0,
                        (stored.firstReceivedMicros() - sending.startMicros()) / 1e6,
                        quantiles(stored.delays()));
            }
            process.waitFor(10 * POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void awaitEmptySpool(Process process, long giveUpMicros) throws IOException, InterruptedException {
        while (!StoredTrades.parts(home.resolve("spool"), "").isEmpty() && Time.SYSTEM.epochMicros() < giveUpMicros) {
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException(way.id() + " has ended: " + Files.readString(home.resolve("output.txt")));
            }
        }
    }

    private static double[] quantiles(long[] sorted) {
        if (sorted.length == 0) {
            return new double[] {Double.NaN, Double.NaN, Double.NaN};
        }
        int last = sorted.length - 1;
        return new double[] {sorted[last / 2] / 1e3, sorted[(int) (last * 0.99)] / 1e3, sorted[last] / 1e3};
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : all) {
                Files.delete(file);
            }
        }
    }
}
