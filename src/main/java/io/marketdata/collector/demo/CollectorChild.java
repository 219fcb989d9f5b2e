package io.marketdata.collector.demo;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the collector as a child process from this program's own jar. The child ends when this process does, however this
 * process ends, because its standard input ends then ({@code --until-input-ends}).
 */
public final class CollectorChild implements AutoCloseable {

    /** Environment variables that a JVM may need. The child inherits no others, so no settings of this process. */
    private static final Set<String> KEPT =
            Set.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SystemRoot");

    private final Path jar;
    private final Path home;
    private final Map<String, String> environment;
    private @Nullable Process process;

    /**
     * @param home its working directory, and where its log goes
     * @param environment its settings
     */
    public CollectorChild(Path jar, Path home, Map<String, String> environment) {
        this.jar = jar;
        this.home = home;
        this.environment = Map.copyOf(environment);
    }

    /** The jar that this program runs from; empty if it runs from a directory of classes. */
    public static Optional<Path> ownJar() {
        CodeSource source = CollectorChild.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return Optional.empty();
        }
        try {
            Path file = Path.of(source.getLocation().toURI());
            return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The output of every start of the child. */
    Path log() {
        return home.resolve("collector.log");
    }

    /** Starts the child, for the first time or again after it has ended. */
    void start() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder builder = new ProcessBuilder(java.toString(), "-jar", jar.toString(), "--until-input-ends")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log().toString())));
        builder.environment().keySet().retainAll(KEPT);
        builder.environment().putAll(environment);
        process = builder.start();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Process id; 0 before the first start. */
    long pid() {
        return process == null ? 0 : process.pid();
    }

    /** Sends SIGKILL. */
    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /**
     * Sends SIGTERM and waits for the end.
     *
     * @return whether the child ended within {@code patience}
     */
    boolean stop(Duration patience) throws InterruptedException {
        if (process == null) {
            return true;
        }
        process.destroy();
        return process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The last lines of its log. */
    List<String> lastLines(int count) throws IOException {
        // A kill may have cut the last line in the middle of a character, which readAllLines would reject.
        String text = Files.exists(log()) ? new String(Files.readAllBytes(log()), StandardCharsets.UTF_8) : "";
        List<String> all = text.lines().toList();
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
