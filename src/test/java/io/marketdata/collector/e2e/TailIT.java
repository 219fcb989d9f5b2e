package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code tail} of the jar beside a collector of the same jar. */
@Execution(ExecutionMode.CONCURRENT)
class TailIT {

    @TempDir
    private Path folder;

    @Test
    void runningCollectorsTradesAreShownFromItsSpoolAndItsBucket() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 100, false)) {
            Map<String, String> environment =
                    Exchange.environment(exchange, folder, "file:" + folder.resolve("bucket"));
            IdRange issued;
            try (CollectorProcess tail = CollectorProcess.start(folder, environment, "tail", "-f", "--spool")) {
                tail.awaitLine("No trade of BTCUSDT since .* Waiting");
                try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                    tail.awaitLine("Z  BTCUSDT  (SELL|BUY ) ");
                    Await.until("two parts are stored", () -> stored().size() >= 2);
                    issued = Exchange.endTrades(exchange);
                    tail.awaitLine("  " + issued.last() + "$");
                    collector.stop();
                }
                tail.terminate();
                assertThat(tail.awaitExit()).isEqualTo(143);
                assertThat(tail.text()).doesNotContain("\tat ");
                assertThat(shown(tail.text())).isEqualTo(ids(issued));
            }
            storedLinesArePrinted(environment);
            closedPipeEndsIt(environment);
        }
    }

    private void storedLinesArePrinted(Map<String, String> environment) throws Exception {
        try (CollectorProcess tail = CollectorProcess.start(folder, environment, "tail", "--json", "--since", "10m")) {
            assertThat(tail.awaitExit()).as(tail.text()).isZero();
            assertThat(tail.text().lines().toList()).containsExactlyInAnyOrderElementsOf(new TreeSet<>(stored()));
        }
    }

    private void closedPipeEndsIt(Map<String, String> environment) throws Exception {
        String jar =
                Path.of(System.getProperty("collector.jar")).toAbsolutePath().toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String script = "('" + java + "' -jar '" + jar + "' tail -f --since 10m; echo code $? >&2) | head -1";
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process shell = builder.start();
        try {
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String text = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(text.lines().toList())
                    .hasSize(2)
                    .contains("code 0")
                    .anyMatch(line -> line.contains("Z  BTCUSDT"));
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
    }

    private static List<Long> shown(String text) {
        return text.lines()
                .filter(line -> line.contains("Z  BTCUSDT  "))
                .map(line -> Long.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                .sorted()
                .collect(Collectors.toList());
    }

    private static List<Long> ids(IdRange issued) {
        return LongStream.rangeClosed(issued.first(), issued.last()).boxed().toList();
    }

    /** The lines in the bucket. */
    private List<String> stored() throws IOException {
        Path raw = folder.resolve("bucket/raw");
        if (!Files.isDirectory(raw)) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.walk(raw)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".jsonl.gz"))
                    .filter(each -> !String.valueOf(each.getFileName()).startsWith("."))
                    .toList()) {
                byte[] gzip = Files.readAllBytes(file);
                byte[] plain = new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes();
                new String(plain, StandardCharsets.UTF_8).lines().forEach(lines::add);
            }
        } catch (UncheckedIOException e) {
            return List.of(); // a temporary file has gone meanwhile
        }
        return lines;
    }
}
