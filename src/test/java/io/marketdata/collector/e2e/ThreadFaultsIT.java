package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Debugger;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A thread that fails or hangs ends the process with a named code and a reason, whichever thread it is; the process
 * never continues without it. The jar is unmodified; a debugger suspends its threads or throws errors in them.
 *
 * <p>Each test is a series of such ends: every process starts with the spool that the one before has left, and the last
 * one must upload everything that was issued.
 */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
@Order(1)
class ThreadFaultsIT {

    private static final String ROOT = "io.marketdata.collector.";

    /** Below those of a real collector, so that the tests need not wait for them. */
    private static final String SETTINGS = """
            feed:
              stale_after: 2s
            spool:
              sweep_interval: 1s
            upload:
              attempt_timeout: 500ms
              call_timeout: 500ms
            backfill:
              weight_per_minute: 6000
            shutdown:
              budget: 3s
            """;

    /** Only for tests of hangs: on a busy machine one cycle may take seconds. */
    private static final String SHORT_LIMITS = """
            watchdog:
              recording_limit: 5s
              upload_limit: 5s
            """;

    @TempDir
    private Path folder;

    /** A method that a thread calls in every cycle of its work. */
    private record Place(String thread, String className, String method) {
        static Place of(String thread, String className, String method) {
            return new Place(thread, ROOT + className, method);
        }
    }

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectories(folder.resolve("configs"));
        Files.writeString(configuration(), SETTINGS);
    }

    private Path configuration() {
        return folder.resolve("configs/collector.yaml");
    }

    @Test
    void errorInARecordingThreadExitsWith70AndLosesNothing() throws Exception {
        errorIn(
                Place.of("connections", "feed.Feed", "tick"),
                Place.of("connection-1\\.1", "feed.DirectDraft", "handle"),
                Place.of("connection-2\\.1", "collect.SpoolSink", "accept"),
                Place.of("rotate", "spool.RotatingWriter", "rotateDue"),
                Place.of("rotate-backfilled", "spool.RotatingWriter", "rotateDue"),
                Place.of("fsync", "spool.RotatingWriter", "sync"));
    }

    @Test
    void errorInAnyOtherThreadExitsWith70AndLosesNothing() throws Exception {
        errorIn(
                Place.of("pack", "upload.Packer", "pack"),
                Place.of("upload-1", "spool.Spool", "deleteUploaded"),
                Place.of("upload-2", "store.DirectoryObjectStore", "put"),
                Place.of("sweep", "spool.SpoolSweep", "run"),
                Place.of("backfill", "rest.GapFiller", "runOnce"),
                Place.of("watchdog", "process.Watchdog", "look"));
    }

    @Test
    void errorInALibraryThreadExitsWith70() throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            for (String thread : List.of("WebSocketWriteThread-\\d+", "rest-\\d+", "halt")) {
                try (CollectorProcess collector = start(exchange);
                        Debugger debugger = Debugger.attach(collector)) {
                    collector.awaitLine("Uploaded");
                    debugger.hold("connections", ROOT + "feed.Feed", "tick").throwErrorIn(thread);

                    assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(70);
                    // the JDK's queue throws another exception if the thread waits for the queue's lock
                    collector.awaitLine("ERROR - Recording cannot continue: thread " + thread
                            + ": java.lang.(Error: planted|IllegalMonitorStateException)");
                }
            }
            finish(exchange);
        }
    }

    @Test
    void errorInTheMainThreadExitsWith70() throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            try (CollectorProcess collector = start(exchange);
                    Debugger debugger = Debugger.attach(collector)) {
                collector.awaitLine("Uploaded");
                debugger.hold("connections", ROOT + "feed.Feed", "tick").throwErrorIn("main");

                assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(70);
                collector.awaitLine("ERROR - Internal fault: java.lang.Error: planted");
            }
            finish(exchange);
        }
    }

    @Test
    void processSuspendedForLongerThanTheLimitContinues() throws Exception {
        Files.writeString(configuration(), SETTINGS + SHORT_LIMITS);
        try (ExchangeSimulator exchange = exchange();
                CollectorProcess collector = start(exchange);
                Debugger debugger = Debugger.attach(collector)) {
            collector.awaitLine("Uploaded");
            // busy in a cycle, as some thread always is
            Debugger.Held pack = debugger.hold("pack", ROOT + "upload.Packer", "pack");
            debugger.pauseAll(Duration.ofSeconds(5));
            pack.resume();
            awaitTrades(exchange, 20);
            Exchange.endTrades(exchange);
            awaitAll(exchange);

            collector.stop();
            assertThat(collector.text()).doesNotContain("Hang", "ERROR");
            judge(exchange);
        }
    }

    @Test
    void backfillOutlivesTheThreadOfTheHttpClient() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                        Trades.BTCUSDT, 200, false, ExchangeOptions.defaults().startingAfter(1));
                CollectorProcess collector = start(exchange, Map.of("WS_CONNECTIONS", "1"), Debugger.JVM_OPTIONS);
                Debugger debugger = Debugger.attach(collector)) {
            collector.awaitLine("Uploaded");
            debugger.hold("connections", ROOT + "feed.Feed", "tick").throwErrorIn("HttpClient-\\d+-SelectorManager");
            exchange.inflict(new Fault.Skip(Target.ALL, 7));
            awaitTrades(exchange, 100);
            endAndStop(exchange, collector);
            judge(exchange);
        }
    }

    @Test
    void hangInARecordingThreadExitsWith71AndAThreadDumpAndLosesNothing() throws Exception {
        hangIn(
                Place.of("connections", "feed.Feed", "tick"),
                Place.of("connection-1\\.1", "collect.SpoolSink", "accept"),
                Place.of("rotate", "spool.RotatingWriter", "rotateDue"),
                Place.of("rotate-backfilled", "spool.RotatingWriter", "rotateDue"),
                Place.of("fsync", "spool.RotatingWriter", "sync"));
    }

    @Test
    void hangInAnUploadThreadExitsWith71AndAThreadDumpAndLosesNothing() throws Exception {
        hangIn(
                Place.of("pack", "upload.Packer", "pack"),
                Place.of("upload-1", "store.DirectoryObjectStore", "put"),
                Place.of("sweep", "spool.SpoolSweep", "run"),
                Place.of("backfill", "rest.GapFiller", "runOnce"));
    }

    @Test
    void hangingLogDoesNotDelayTheExit() throws Exception {
        Files.writeString(configuration(), SETTINGS + SHORT_LIMITS);
        try (ExchangeSimulator exchange = exchange();
                CollectorProcess collector = start(exchange);
                Debugger debugger = Debugger.attach(collector)) {
            collector.awaitLine("Uploaded");
            // it holds the lock of the log's queue there
            debugger.hold("upload-1", ROOT + "process.BoundedOutput", "add");

            assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(71);
            assertThat(collector.text()).containsPattern("(?m)^Hang: thread [a-z0-9.-]+ has been busy for \\d+ s");
        }
    }

    @Test
    void hangingStopAfterAnErrorIsBrokenOffAndExitsWith70() throws Exception {
        try (ExchangeSimulator exchange = exchange();
                CollectorProcess collector = start(exchange);
                Debugger debugger = Debugger.attach(collector)) {
            collector.awaitLine("Uploaded");
            Debugger.Held connections = debugger.hold("connections", ROOT + "feed.Feed", "tick");
            Debugger.Trap main = debugger.trap("main", ROOT + "collect.Collector", "stop");
            connections.throwError();
            main.await();

            assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(70);
            collector.awaitLine("ERROR - Recording cannot continue: thread connections: java.lang.Error: planted");
            collector.awaitLine("^Stopping took too long, the process ends now");
        }
    }

    @Test
    void tooSmallAHeapExitsWith70AndOneLineAndLosesNothing() throws Exception {
        assertThat(outOfMemory(70)).containsPattern("(?m)^Out of memory: the process ends");
    }

    @Test
    void tooSmallAHeapExitsWith3UnderTheJvmsOwnOptionAndLosesNothing() throws Exception {
        assertThat(outOfMemory(3, "-XX:+ExitOnOutOfMemoryError")).contains("java.lang.OutOfMemoryError");
    }

    /** A part of 2.3 MB is packed, which takes several times that, in a heap of 10 MiB; returns what the process printed. */
    private String outOfMemory(int code, String... options) throws Exception {
        String printed;
        try (ExchangeSimulator exchange = Exchange.inventing(
                Trades.BTCUSDT, 20_000, false, ExchangeOptions.defaults().startingAfter(2))) {
            List<String> tiny = new ArrayList<>(List.of("-Xmx10m", "-XX:+UseSerialGC"));
            tiny.addAll(List.of(options));
            try (CollectorProcess collector =
                    start(exchange, Map.of("ROT_SECS", "3600", "ROT_BYTES", "2300000"), tiny)) {
                // the process will end soon; trades issued after that would have to be backfilled over REST
                Await.until(
                        "the part is sealed",
                        () -> !collector.isAlive() || collector.text().contains("Rotating file"));
                exchange.stopTrades();
                assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(code);
                printed = collector.text();
            }
            exchange.awaitEndOfTrades(10, TimeUnit.SECONDS);
            try (CollectorProcess collector = start(exchange, Map.of(), List.of())) {
                awaitAll(exchange);
                collector.stop();
            }
            judge(exchange);
        }
        return printed;
    }

    private void errorIn(Place... places) throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            for (Place place : places) {
                try (CollectorProcess collector = start(exchange);
                        Debugger debugger = Debugger.attach(collector)) {
                    collector.awaitLine("Uploaded");
                    debugger.hold(place.thread(), place.className(), place.method())
                            .throwError();

                    assertThat(collector.awaitExit())
                            .as("%s: %s", place, collector.text())
                            .isEqualTo(70);
                    collector.awaitLine("ERROR - Recording cannot continue: thread " + place.thread()
                            + ": java.lang.Error: planted$");
                    collector.awaitLine("Stopped: ");
                }
            }
            finish(exchange);
        }
    }

    private void hangIn(Place... places) throws Exception {
        Files.writeString(configuration(), SETTINGS + SHORT_LIMITS);
        try (ExchangeSimulator exchange = exchange()) {
            for (Place place : places) {
                try (CollectorProcess collector = start(exchange);
                        Debugger debugger = Debugger.attach(collector)) {
                    collector.awaitLine("Uploaded");
                    debugger.hold(place.thread(), place.className(), place.method());

                    assertThat(collector.awaitExit())
                            .as("%s: %s", place, collector.text())
                            .isEqualTo(71);
                    collector.awaitLine("ERROR - Hang: .*thread " + place.thread() + " has been busy for \\d+ s .*"
                            + place.className() + "\\." + place.method());
                    assertThat(stackOf(place.thread(), collector.text()))
                            .anyMatch(frame ->
                                    frame.startsWith("    at " + place.className() + "." + place.method() + "("))
                            .anyMatch(frame -> frame.contains("java.lang.Thread.run("));
                }
            }
            finish(exchange);
        }
    }

    /** The lines below the thread's name in the dump. */
    private static List<String> stackOf(String thread, String text) {
        List<String> stack = new ArrayList<>();
        boolean within = false;
        for (String line : text.lines().toList()) {
            if (line.startsWith("\"")) {
                within = line.matches("\"" + thread + "\" [A-Z_]+.*");
            } else if (within) {
                stack.add(line);
            }
        }
        return stack;
    }

    private static ExchangeSimulator exchange() throws IOException {
        return Exchange.inventing(
                Trades.BTCUSDT, 200, false, ExchangeOptions.defaults().startingAfter(2));
    }

    private CollectorProcess start(ExchangeSimulator exchange) throws IOException {
        return start(exchange, Map.of(), Debugger.JVM_OPTIONS);
    }

    private CollectorProcess start(ExchangeSimulator exchange, Map<String, String> settings, List<String> jvmOptions)
            throws IOException {
        Assumptions.assumeTrue(Debugger.isAvailable(), "this Java has no debug interface; a JDK has");
        Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
        environment.put("ROT_SECS", "1");
        environment.putAll(settings);
        return CollectorProcess.start(folder, environment, jvmOptions);
    }

    /** A last process uploads everything that was issued. */
    private void finish(ExchangeSimulator exchange) throws Exception {
        try (CollectorProcess collector = start(exchange, Map.of(), List.of())) {
            collector.awaitLine("Connected");
            awaitTrades(exchange, 20);
            endAndStop(exchange, collector);
            assertThat(collector.text()).doesNotContain("ERROR");
        }
        judge(exchange);
    }

    private static void awaitTrades(ExchangeSimulator exchange, int more) throws Exception {
        long until = exchange.issuedCount() + more;
        Await.until(more + " more trades", () -> exchange.issuedCount() >= until);
    }

    private void endAndStop(ExchangeSimulator exchange, CollectorProcess collector) throws Exception {
        Exchange.endTrades(exchange);
        awaitAll(exchange);
        collector.stop();
    }

    private void awaitAll(ExchangeSimulator exchange) throws Exception {
        long issued = exchange.issued(Trades.BTCUSDT).orElseThrow().count();
        Path bucket = folder.resolve("bucket");
        Await.until("everything is in the bucket", () -> SpoolReader.ids(bucket).size() >= issued);
    }

    private void judge(ExchangeSimulator exchange) throws IOException {
        IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
        Oracle.of(folder.resolve("bucket")).holdsExactly(issued);
    }
}
