package io.marketdata.collector.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Script;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that reads what others may have written, in a JVM with the heap and the stack of the systemd unit, is fed
 * with hostile bytes. Each reader answers with a result or with its documented refusal, in bounded time and memory; an
 * {@link Error} would end the collector, at every start again.
 *
 * <p>{@code -Dhostile.seed=N} repeats the damaged copies of a run, {@code -Dhostile.reader=manifest} selects readers,
 * {@code -Dhostile.oneOf=1} feeds every input; the build feeds one of eight.
 */
@Tag("long")
class HostileInputTest {

    /** Readers whose memory is not bounded yet: what they do is printed and does not fail the test. */
    private static final Set<String> UNBOUNDED = Set.of("sealed part");

    @TempDir
    private Path folder;

    @Test
    void everyReaderAnswersOrRefuses() throws Exception {
        long seed = Long.getLong("hostile.seed", System.nanoTime());
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:MaxDirectMemorySize=32m",
                "-cp",
                System.getProperty("java.class.path"),
                HostileMain.class.getName(),
                folder.toString(),
                Long.toString(seed),
                System.getProperty("hostile.reader", ""),
                System.getProperty("hostile.oneOf", "8"));
        Script run = Script.run(Map.of(), command);

        List<String> lines = run.text().lines().toList();
        List<String> findings = lines.stream()
                .filter(line -> line.startsWith("FINDING "))
                .filter(line -> UNBOUNDED.stream().noneMatch(name -> line.startsWith("FINDING " + name)))
                .toList();
        List<String> end = lines.subList(Math.max(0, lines.size() - 5), lines.size());
        lines.stream().filter(line -> line.matches("(TIME|FINDING) .*")).forEach(System.out::println);
        System.out.printf(Locale.ROOT, "HostileInputTest: seed %d; %s%n", seed, end.get(end.size() - 1));
        assertThat(findings).as("seed %d", seed).isEmpty();
        assertThat(run.code()).as("seed %d, the last lines: %s", seed, end).isZero();
    }
}
