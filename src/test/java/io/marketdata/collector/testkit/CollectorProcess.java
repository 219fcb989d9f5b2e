package io.marketdata.collector.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The shaded jar as a process of its own, as an operator runs it. Output and errors are read as one. */
public final class CollectorProcess implements AutoCloseable {

    /** Ends what hangs. Longer than the minute for which the collector holds a repeated line back. */
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final List<String> output = new ArrayList<>();
    private final Thread reader;

    private CollectorProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::readAll, "output-of-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts it.
     *
     * @param workingDirectory the folder of {@code .env} and {@code configs/}
     * @param jvmOptions before {@code -jar}
     */
    public static CollectorProcess start(
            Path workingDirectory, Map<String, String> environment, List<String> jvmOptions, String... arguments)
            throws IOException {
        List<String> options = new ArrayList<>(SharedClasses.options());
        options.addAll(jvmOptions);
        return start(List.of(), null, workingDirectory, environment, options, arguments);
    }

    /** Starts it with output and errors written to a file or pipe, and not read here. */
    public static CollectorProcess startInto(Path output, Path workingDirectory, Map<String, String> environment)
            throws IOException {
        return start(List.of(), output, workingDirectory, environment, SharedClasses.options());
    }

    /** The same, with the JVM's options as they are. */
    public static CollectorProcess start(Path workingDirectory, Map<String, String> environment, String... arguments)
            throws IOException {
        return start(workingDirectory, environment, List.of(), arguments);
    }

    /** Starts a collector that reads every class from the jar. */
    static CollectorProcess startCold(Path workingDirectory, Map<String, String> environment, String jvmOption)
            throws IOException {
        return start(List.of(), null, workingDirectory, environment, List.of(jvmOption));
    }

    /** Starts it through another command, which takes it as its last arguments. */
    public static CollectorProcess startThrough(
            List<String> wrapper, Path workingDirectory, Map<String, String> environment, String... arguments)
            throws IOException {
        return start(wrapper, null, workingDirectory, environment, SharedClasses.options(), arguments);
    }

    private static CollectorProcess start(
            List<String> wrapper,
            @Nullable Path output,
            Path workingDirectory,
            Map<String, String> environment,
            List<String> jvmOptions,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx128m");
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(jvmOptions);
        command.add("-jar");
        command.add(
                Path.of(System.getProperty("collector.jar")).toAbsolutePath().toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(workingDirectory.toFile());
        builder.redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("AWS_")
                        || name.startsWith("JAVA_TOOL")
                        || name.toUpperCase(Locale.ROOT).endsWith("_PROXY"));
        if (output != null) {
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        }
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        // Many run at once, and only one of them could have the default port.
        builder.environment().put("HTTP_PORT", "0");
        builder.environment().putAll(environment);
        return new CollectorProcess(builder.start());
    }

    private void readAll() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (output) {
                    output.add(line);
                    output.notifyAll();
                }
            }
        } catch (IOException e) {
            // the process was killed
        }
    }

    /** Waits until a line was printed in which the pattern is found, and returns it. */
    public String awaitLine(String pattern) throws InterruptedException {
        Pattern wanted = Pattern.compile(pattern);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (output) {
            int seen = 0;
            while (true) {
                for (; seen < output.size(); seen++) {
                    if (wanted.matcher(output.get(seen)).find()) {
                        return output.get(seen);
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("no line with \"" + pattern + "\" in:\n" + text());
                }
                output.wait(left);
            }
        }
    }

    /** Everything printed so far. */
    public String text() {
        synchronized (output) {
            return String.join("\n", output);
        }
    }

    /** Processor time used so far, while the process runs and where the system reports it. */
    public Optional<Duration> processorTime() {
        return process.info().totalCpuDuration();
    }

    /** The largest resident set so far, as Linux counts it, KiB; 0 where it does not. */
    public long mostRssKib() {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM; by the handle, because {@link Process#destroy} would also close the output. */
    public CollectorProcess terminate() {
        process.toHandle().destroy();
        return this;
    }

    /** Whether it ends by itself within that time. */
    public boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** SIGSTOP: suspends it until {@link #resume}, without its knowledge. */
    public CollectorProcess suspend() throws IOException, InterruptedException {
        return signal("STOP");
    }

    /** SIGCONT. */
    public CollectorProcess resume() throws IOException, InterruptedException {
        return signal("CONT");
    }

    private CollectorProcess signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (!kill.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new AssertionError("kill -" + name + " failed");
        }
        return this;
    }

    /** SIGTERM, and waits for the exit that it leads to. */
    public void stop() throws InterruptedException {
        assertThat(terminate().awaitExit()).as(text()).isEqualTo(143);
    }

    /** SIGKILL, and waits for the end. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /** Waits for the end; the exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s:\n" + text());
        }
        reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
