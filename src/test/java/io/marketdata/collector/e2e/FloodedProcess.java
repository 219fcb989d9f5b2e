package io.marketdata.collector.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The jar with the options of the systemd unit, whose output is read only while that is wanted. */
final class FloodedProcess implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 60;
    private static final int LINES_KEPT = 200;

    private final Process process;
    private final int statusPort;
    private final long startNanos = System.nanoTime();
    private final AtomicLong bytes = new AtomicLong();
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader = new Thread(this::readAll, "flooded-output");
    private boolean reading = true;
    private long peakRssKib;

    private FloodedProcess(Process process, int statusPort) {
        this.process = process;
        this.statusPort = statusPort;
        reader.setDaemon(true);
        reader.start();
    }

    static FloodedProcess start(Path folder, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + Path.of("systemd", "jvm.options").toAbsolutePath());
        command.add("-jar");
        command.add(
                Path.of(System.getProperty("collector.jar")).toAbsolutePath().toString());
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("JAVA_TOOL"));
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        builder.environment().put("MALLOC_ARENA_MAX", "2"); // as the unit does
        builder.environment().putAll(environment);
        return new FloodedProcess(builder.start(), Integer.parseInt(environment.getOrDefault("HTTP_PORT", "0")));
    }

    int statusPort() {
        return statusPort;
    }

    /** Whether the output is read from now on. */
    synchronized void readOutput(boolean wanted) {
        reading = wanted;
        notifyAll();
    }

    private void readAll() {
        byte[] buffer = new byte[8_192];
        StringBuilder line = new StringBuilder();
        try (InputStream in = process.getInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                bytes.addAndGet(count);
                line.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
                for (int end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
                    keep(line.substring(0, end));
                    line.delete(0, end + 1);
                }
                awaitTurn();
            }
        } catch (IOException | InterruptedException e) {
            // the process has ended
        }
    }

    private synchronized void keep(String line) {
        lines.addLast(line);
        if (lines.size() > LINES_KEPT) {
            lines.removeFirst();
        }
        notifyAll();
    }

    private synchronized void awaitTurn() throws InterruptedException {
        while (!reading) {
            wait();
        }
    }

    /** Waits until one of the latest lines contains the text. */
    synchronized void awaitLine(String text) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (lines.stream().noneMatch(line -> line.contains(text))) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 || !process.isAlive()) {
                throw new AssertionError("no line with " + text + ": " + end());
            }
            wait(Math.min(left, 500));
        }
    }

    /** Bytes printed so far. */
    long loggedBytes() {
        return bytes.get();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits so many milliseconds, or until it ends. */
    void awaitEnd(long millis) throws InterruptedException {
        process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** VmRSS as the kernel reports it; 0 where it does not, or after the end. */
    long rssKib() {
        try {
            long rss = 0;
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    rss = Long.parseLong(line.replaceAll("\\D", ""));
                } else if (line.startsWith("VmHWM:")) {
                    peakRssKib = Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            return rss;
        } catch (IOException e) {
            return 0;
        }
    }

    /** VmHWM at the last sample. */
    long peakRssKib() {
        return peakRssKib;
    }

    /** SIGTERM, and waits for the exit code. */
    int terminate() throws InterruptedException {
        process.toHandle().destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running: " + end());
        }
        return process.exitValue();
    }

    /** How it ended, and the last lines that it printed. */
    synchronized String end() {
        String state = process.isAlive()
                ? "running"
                : "exit " + process.exitValue() + " after " + (System.nanoTime() - startNanos) / 1_000_000_000 + " s";
        return state + "\n" + String.join("\n", lines);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
