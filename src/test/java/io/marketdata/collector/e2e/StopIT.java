package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGTERM at bad moments: the process ends in time and logs the backlog, and the next start uploads it. */
@Tag("process")
class StopIT {

    private static final Duration BUDGET = Duration.ofSeconds(2);

    /** Time for the JVM's own end in addition to the budget, on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final Pattern REMAIN = Pattern.compile("Stopped: (\\d+) parts? left in");

    /** What S3 does while the collector stops. */
    private enum Trouble {
        SLOW,
        REFUSING,
        DOWN,
        NEVER_ANSWERING
    }

    @TempDir
    private Path folder;

    @BeforeEach
    void settings() throws IOException {
        Exchange.writeSettings(
                folder,
                "shutdown:\n  budget: " + BUDGET.toSeconds()
                        + "s\nupload:\n  retry_first: 100ms\n  retry_max: 500ms\n");
    }

    @ParameterizedTest
    @EnumSource
    void stopWithUploadsInFlightEndsInTimeAndTheNextStartUploadsTheBacklog(Trouble trouble) throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false);
                StubS3 stub = new StubS3()) {
            URI endpoint = trouble == Trouble.DOWN ? unreachable() : stub.uri();
            stub.script(request -> answer(trouble));
            try (CollectorProcess collector = start(exchange, endpoint)) {
                awaitUploadsInFlight(trouble, stub, collector);

                stopInTime(collector);

                Matcher remain = REMAIN.matcher(collector.awaitLine(REMAIN.pattern()));
                assertThat(remain.find()).isTrue();
                assertThat(spooled(".jsonl.gz", ".jsonl")).hasSize(Integer.parseInt(remain.group(1)));
                assertThat(spooled(".jsonl.open")).isEmpty();
            }

            stub.script(request -> Optional.empty());
            long last;
            try (CollectorProcess collector = start(exchange, stub.uri())) {
                collector.awaitLine("Uploaded");
                last = Exchange.endTrades(exchange).last();
                SpoolCheckpoints.awaitAllUploaded(last, folder, 60);
                stopInTime(collector);
                collector.awaitLine("Stopped: everything recorded");
            }
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            new Oracle(stub.objects()).holdsExactly(issued.first(), last);
        }
    }

    /** The uploads never end; the second signal leaves them in the spool instead of waiting for the budget. */
    @Test
    void theSecondSignalEndsAtOnceAndTheNextStartUploadsTheBacklog() throws Exception {
        Exchange.writeSettings(folder, "shutdown:\n  budget: 5m\n");
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false);
                StubS3 stub = new StubS3()) {
            stub.script(request -> Optional.of(StubS3.never()));
            try (CollectorProcess collector = start(exchange, stub.uri())) {
                awaitUploadsInFlight(Trouble.NEVER_ANSWERING, stub, collector);
                collector
                        .terminate()
                        .awaitLine("Stopping: uploading \\d+ parts? to s3://.*again leaves them in .*the next start");
                endBySecondSignal(collector);
            }
            assertThat(spooled(".jsonl.gz", ".jsonl", ".jsonl.open")).isNotEmpty();
            stub.script(request -> Optional.empty());
            try (CollectorProcess collector = start(exchange, stub.uri())) {
                collector.awaitLine("Uploaded");
                SpoolCheckpoints.awaitAllUploaded(Exchange.endTrades(exchange).last(), folder, 60);
                stopInTime(collector);
            }
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            new Oracle(stub.objects()).holdsExactly(issued);
        }
    }

    @Test
    void theSecondSignalEndsABackfillAtOnce() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                        Trades.BTCUSDT, 2_000, false, ExchangeOptions.defaults().startingAfter(0));
                StubS3 stub = new StubS3()) {
            Await.until("trades are issued", () -> exchange.issuedCount() >= 1_000);
            long last = Exchange.endTrades(exchange).last();
            stub.script(request -> request.method().equals("PUT") ? Optional.of(StubS3.never()) : Optional.empty());
            String[] arguments = {
                "backfill", "--symbol=BTCUSDT", "--from-id=" + (last - 900), "--to-id=" + last,
            };
            Map<String, String> environment = Exchange.environment(exchange, folder, stub.uri());
            try (CollectorProcess backfill = CollectorProcess.start(folder, environment, arguments)) {
                awaitUploadsInFlight(Trouble.NEVER_ANSWERING, stub, backfill);
                backfill.terminate().awaitLine("Stopping: waiting for the uploads in progress.*again ends at once");
                endBySecondSignal(backfill);
            }
        }
    }

    /** Its bucket disappears, so its end would wait for the uploads. */
    @Test
    void theSecondSignalEndsADemoAtOnce() throws Exception {
        Path bucket = folder.resolve("demo/bucket");
        String[] arguments = {"demo", "--seconds=3600", "--dir=demo"};
        try (CollectorProcess demo = CollectorProcess.start(folder, Map.of(), arguments)) {
            demo.awaitLine(" [1-9]\\d* trades \\(");
            if (Files.exists(bucket)) {
                Files.move(bucket, folder.resolve("moved"));
            }
            Files.createFile(bucket);
            demo.terminate().awaitLine("Stopping: uploading and checking.*again ends at once");
            endBySecondSignal(demo);
        }
    }

    /** The exchange's REST accepts the request for the symbols and does not answer; nothing has been opened yet. */
    @Test
    void aStopDuringTheStartEndsAtOnceAndLeavesNothing() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String address = "://127.0.0.1:" + mute.getLocalPort();
            Map<String, String> environment = new HashMap<>();
            environment.put("WS_URL", "ws" + address);
            environment.put("REST_URL", "http" + address);
            environment.put("LOCAL_DIR", folder.resolve("spool").toString());
            environment.put("RAW_BUCKET", "file:./bucket");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Setting: shutdown");
                stopInTime(collector);
                assertThat(collector.text()).doesNotContain("ERROR", "Exception");
            }
        }
        assertThat(folder.resolve("bucket")).doesNotExist();
        assertThat(spooled(".jsonl.open", ".jsonl", ".gz", ".json")).isEmpty();
    }

    private static Optional<StubS3.Answer> answer(Trouble trouble) {
        return switch (trouble) {
            case SLOW -> Optional.of(StubS3.after(BUDGET.plusSeconds(1)));
            case REFUSING -> Optional.of(StubS3.error(403, "AccessDenied"));
            case DOWN -> Optional.empty();
            case NEVER_ANSWERING -> Optional.of(StubS3.never());
        };
    }

    private static void awaitUploadsInFlight(Trouble trouble, StubS3 stub, CollectorProcess collector)
            throws Exception {
        if (trouble == Trouble.DOWN || trouble == Trouble.REFUSING) {
            collector.awaitLine("Upload failed");
        } else {
            Await.until("a put is under way", () -> !stub.puts().isEmpty());
        }
    }

    private static void endBySecondSignal(CollectorProcess stopping) throws Exception {
        // What comes within half a second of the first is the same request.
        Await.until("the second signal ends it", () -> !stopping.terminate().isAlive());
        assertThat(stopping.awaitExit()).isEqualTo(143);
        stopping.awaitLine("Ended at the second signal. What is in the spool stays there");
    }

    private static void stopInTime(CollectorProcess collector) throws InterruptedException {
        long began = System.nanoTime();
        collector.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("from the signal to the exit")
                .isLessThan(BUDGET.plus(SLACK));
    }

    /** An address at which nothing listens. */
    private static URI unreachable() throws IOException {
        return URI.create("http://127.0.0.1:" + FreePort.find());
    }

    private CollectorProcess start(ExchangeSimulator exchange, URI endpoint) throws IOException {
        Map<String, String> environment = Exchange.environment(exchange, folder, endpoint);
        environment.put("ROT_SECS", "1");
        return CollectorProcess.start(folder, environment);
    }

    private Path spool() {
        return SpoolReader.spool(folder);
    }

    /** Names of files with one of the endings; the parts that are there in two states count once. */
    private List<String> spooled(String... endings) throws IOException {
        if (!Files.exists(spool())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(spool())) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.startsWith("index-"))
                    .filter(name -> Stream.of(endings).anyMatch(name::endsWith))
                    .map(name -> name.replaceFirst("\\.jsonl.*", ""))
                    .distinct()
                    .toList();
        }
    }
}
