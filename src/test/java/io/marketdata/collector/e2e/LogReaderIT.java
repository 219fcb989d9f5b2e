package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.Trades;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that takes the log does not read it, ends, or has a full disk: recording and stopping continue as usual. */
@Tag("process")
class LogReaderIT {

    /** A thread that waited for the log would count as hung after 3 s. */
    private static final String SETTINGS =
            "watchdog:\n  recording_limit: 3s\n  upload_limit: 3s\nshutdown:\n  budget: 2s\n"
                    + "upload:\n  attempt_timeout: 1s\n  call_timeout: 1s\n";

    @TempDir
    private Path folder;

    @Test
    void aPipeThatIsFullAndNotReadStopsNeitherRecordingNorTheStopNorTheNextStart() throws Exception {
        Path pipe = fullPipe();
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false);
                RandomAccessFile held = new RandomAccessFile(pipe.toFile(), "rw")) {
            Process filler = new ProcessBuilder("head", "-c", "1048576", "/dev/zero")
                    .redirectOutput(pipe.toFile())
                    .start();
            for (int start = 1; start <= 2; start++) {
                try (CollectorProcess collector = start(exchange, pipe, Map.of("LOG_LEVEL", "DEBUG"))) {
                    awaitSomeSecondsOfRecording(collector);
                    if (start == 2) {
                        Exchange.endTrades(exchange);
                    }
                    stopInTime(collector, 143);
                }
            }
            assertThat(filler.isAlive()).as("the pipe was full all the time").isTrue();
            filler.destroyForcibly();
            assertEverythingIsRecorded(exchange);
            assertThat(held.length()).isZero();
        }
    }

    @Test
    void aReaderThatContinuesGetsTheLinesInOrder() throws Exception {
        Path pipe = fullPipe();
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false);
                RandomAccessFile held = new RandomAccessFile(pipe.toFile(), "rw")) {
            held.write(new byte[4_000]);
            try (CollectorProcess collector = start(exchange, pipe, Map.of("LOG_LEVEL", "DEBUG"))) {
                awaitSomeSecondsOfRecording(collector);
                collector.terminate();
                String log = readUntil(pipe, "Stopped");
                assertThat(log).contains("Starting: collector", "Stopping").containsOnlyOnce("Stopped");
                assertThat(collector.awaitExit()).isEqualTo(143);
            }
        }
    }

    @Test
    void aClosedPipeAndAFullDiskBehindTheLogStopNothing() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false)) {
            Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/full")));
            try (CollectorProcess collector = start(exchange, Path.of("/dev/full"), Map.of())) {
                awaitSomeSecondsOfRecording(collector);
                stopInTime(collector, 143);
            }
            Path pipe = fullPipe();
            RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw");
            try (CollectorProcess collector = start(exchange, pipe, Map.of())) {
                reader.close();
                awaitSomeSecondsOfRecording(collector);
                Exchange.endTrades(exchange);
                stopInTime(collector, 143);
            }
            assertEverythingIsRecorded(exchange);
        }
    }

    @Test
    void wrongSettingsEndInTimeThoughStandardErrorIsNotRead() throws Exception {
        Path pipe = fullPipe();
        try (RandomAccessFile held = new RandomAccessFile(pipe.toFile(), "rw")) {
            Process filler = new ProcessBuilder("head", "-c", "1048576", "/dev/zero")
                    .redirectOutput(pipe.toFile())
                    .start();
            try (CollectorProcess collector =
                    CollectorProcess.startInto(pipe, folder, Map.of("RAW_BUCKET", "Not A Bucket"))) {
                assertThat(collector.endsWithin(Duration.ofSeconds(20))).isTrue();
                assertThat(collector.awaitExit()).isEqualTo(78);
            }
            filler.destroyForcibly();
            assertThat(held.length()).isZero();
        }
    }

    private CollectorProcess start(ExchangeSimulator exchange, Path output, Map<String, String> more)
            throws IOException {
        Exchange.writeSettings(folder, SETTINGS);
        Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
        environment.put("ROT_SECS", "1");
        environment.putAll(more);
        return CollectorProcess.startInto(output, folder, environment);
    }

    /** Longer than the limit of the watchdog. */
    private void awaitSomeSecondsOfRecording(CollectorProcess collector) throws Exception {
        long before = parts();
        Await.until("eight more parts are in the bucket", () -> {
            assertThat(collector.isAlive()).as("still recording").isTrue();
            return parts() >= before + 8;
        });
    }

    private long parts() throws IOException {
        Path bucket = folder.resolve("bucket");
        if (!Files.exists(bucket)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(bucket)) {
            return files.filter(file -> file.toString().endsWith(".jsonl.gz")).count();
        } catch (UncheckedIOException e) {
            return parts(); // a temporary file has vanished
        }
    }

    private void assertEverythingIsRecorded(ExchangeSimulator exchange) throws IOException {
        IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
        Oracle.of(folder.resolve("bucket")).holdsExactly(issued.first(), issued.last());
    }

    private static void stopInTime(CollectorProcess collector, int code) throws InterruptedException {
        collector.terminate();
        assertThat(collector.endsWithin(Duration.ofSeconds(15)))
                .as("ends in time")
                .isTrue();
        assertThat(collector.awaitExit()).isEqualTo(code);
    }

    private Path fullPipe() throws Exception {
        Path pipe = folder.resolve("log");
        Assumptions.assumeTrue(Programs.onPath("mkfifo"));
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }

    private static String readUntil(Path pipe, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] buffer = new byte[8_192];
        try (FileInputStream in = new FileInputStream(pipe.toFile())) {
            while (read.indexOf(text) < 0) {
                int count = in.read(buffer);
                read.append(new String(buffer, 0, Math.max(0, count), StandardCharsets.UTF_8));
            }
        }
        return read.toString();
    }
}
