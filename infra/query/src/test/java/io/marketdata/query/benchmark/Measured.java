package io.marketdata.query.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A command that ran in a process of its own.
 *
 * @param seconds from its start to its end
 * @param cpuSeconds of the process and of those that it started; -1 if unknown
 * @param peakMib the most resident memory that they had together, from {@code VmHWM} (Linux); -1 if unknown
 * @param code its exit code
 * @param out its standard output, at most 1 MiB
 */
record Measured(double seconds, double cpuSeconds, long peakMib, int code, String out) {

    private static final int MAX_OUT = 1 << 20;

    /** Runs a command to its end, and kills it with all that it started after {@code limit}. */
    static Measured run(Path folder, Duration limit, List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        long peakKib = -1;
        Map<Long, Duration> cpu = new HashMap<>();
        do {
            peakKib = Math.max(peakKib, look(process, cpu));
            if (System.nanoTime() - began > limit.toNanos()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } while (!process.waitFor(50, TimeUnit.MILLISECONDS));
        double seconds = (System.nanoTime() - began) / 1e9;
        try (var in = Files.newInputStream(out)) {
            double cpuSeconds =
                    cpu.values().stream().mapToLong(Duration::toMillis).sum() / 1_000.0;
            return new Measured(
                    seconds,
                    cpu.isEmpty() ? -1 : cpuSeconds,
                    peakKib < 0 ? -1 : peakKib / 1024,
                    process.exitValue(),
                    new String(in.readNBytes(MAX_OUT), StandardCharsets.UTF_8).strip());
        } finally {
            Files.delete(out);
        }
    }

    /** Adds up what the process and those that it started have now, in KiB. */
    private static long look(Process process, Map<Long, Duration> cpu) {
        long sum = 0;
        boolean isKnown = false;
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        for (ProcessHandle each : all) {
            each.info().totalCpuDuration().ifPresent(used -> cpu.put(each.pid(), used));
            long kib = peakKib(each.pid());
            isKnown |= kib >= 0;
            sum += Math.max(0, kib);
        }
        return isKnown ? sum : -1;
    }

    /** The end of what the last command wrote to standard error. */
    static String errors(Path folder) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("err.txt"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }

    private static long peakKib(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            // It has ended, or this is not Linux.
        }
        return -1;
    }
}
