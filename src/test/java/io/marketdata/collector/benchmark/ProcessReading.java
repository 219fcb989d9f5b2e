package io.marketdata.collector.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Linux counts about a process, from its start.
 *
 * @param cpuMicros processor time of the whole process
 * @param threadMicros the same by thread, threads of one kind added up; "ended" for those that have ended
 * @param peakKib the largest resident set
 */
record ProcessReading(double cpuMicros, Map<String, Double> threadMicros, long peakKib) {

    /** The kernel reports in hundredths of a second to programs, whatever it counts in. */
    private static final double MICROS_PER_TICK = 10_000;

    static boolean isSupported() {
        return Files.isReadable(Path.of("/proc/self/task"));
    }

    static ProcessReading of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        Map<String, Double> threads = new TreeMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path task : tasks) {
                threads.merge(kind(Files.readString(task.resolve("comm")).strip()), ticks(task), Double::sum);
            }
        }
        double total = ticks(process);
        double live = threads.values().stream().mapToDouble(each -> each).sum();
        threads.put("ended", Math.max(0, total - live));
        return new ProcessReading(total, threads, peakKib(process));
    }

    /** Processor time of a process or thread, µs: the 14th and the 15th word, the second one of which may have blanks. */
    private static double ticks(Path folder) throws IOException {
        String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(words[11]) + Long.parseLong(words[12])) * MICROS_PER_TICK;
    }

    private static long peakKib(Path process) throws IOException {
        return Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    /** The kind of a thread by its name, of which Linux has the first 15 characters. */
    private static String kind(String name) {
        if (name.startsWith("C1 Comp") || name.startsWith("C2 Comp") || name.startsWith("Sweeper")) {
            return "JIT";
        }
        if (name.startsWith("G1 ") || name.startsWith("GC Thread")) {
            return "GC";
        }
        String kind = name.replaceAll("[-.#\\d]+$", "");
        return kind.isEmpty() ? name : kind;
    }
}
