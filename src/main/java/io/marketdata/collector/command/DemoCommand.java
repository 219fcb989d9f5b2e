package io.marketdata.collector.command;

import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.collect.Collector;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.UnknownSymbolException;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.demo.CollectorChild;
import io.marketdata.collector.demo.FaultDemo;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.S3Simulator;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.status.StatusPages;
import io.marketdata.collector.status.StatusServer;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.upload.ManifestJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Runs the full pipeline on one machine: exchange simulator, the real collector, a directory as the bucket, and a check of
 * every stored trade against what the exchange issued.
 */
@Command(
        name = "demo",
        description =
                "Runs the full pipeline locally: exchange simulator, the real collector, a directory as the bucket,"
                        + " and an end-to-end check of every trade. Needs no account, no network and no settings.",
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} demo --seconds 10",
            "and with fault injection: ${ROOT-COMMAND-NAME} demo --faults",
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

    private static final Symbol SYMBOL = new Symbol("BTCUSDT");
    private static final long SEED = 20_240_808;
    private static final int FILES_SHOWN = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Allowed(least = "1", most = "3600")
    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long to record, 1 to 3600 (default: 20; with --faults 60, and at least "
                    + FaultDemo.LEAST_SECONDS + ").")
    private @Nullable Integer seconds;

    @Option(
            names = "--faults",
            description =
                    "Inject faults: cut and stalled connections, undelivered trades, an exchange shutdown, S3 errors"
                            + " and a kill -9 of the collector, which then runs as a separate process. Prints a table of"
                            + " what each fault did.")
    private boolean faults;

    @Allowed(least = "0.1", most = "20000")
    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Trades per second on average, 0.1 to 20000 (default: ${DEFAULT-VALUE}).")
    private double rate = 35;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Directory for the spool and the bucket; must be empty (default: a new temporary one).")
    private @Nullable Path directory;

    @Override
    public Integer call() throws IOException, InterruptedException {
        int length = checkedLength();
        LogThreshold.set(LogLevel.WARN);
        Path jar = faults ? jar() : null;
        Path home = home();
        try (StopSignal signal = StopSignal.announcing(
                faults ? FaultDemo.PATIENCE : PATIENCE, () -> "uploading and checking what was recorded")) {
            return (jar == null ? run(home, length, signal) : runFaults(jar, home, length, signal)).code();
        }
    }

    /** Seconds to record. */
    private int checkedLength() {
        int length = seconds != null ? seconds : faults ? 60 : 20;
        if (faults && length < FaultDemo.LEAST_SECONDS) {
            throw terminal.wrong("--seconds " + length + ": out of range; allowed with --faults: "
                    + FaultDemo.LEAST_SECONDS + " to 3600");
        }
        return length;
    }

    private Path jar() {
        return CollectorChild.ownJar()
                .orElseThrow(() -> terminal.wrong(
                        "--faults runs the collector as a separate process and needs the jar for that: mvn -q"
                                + " -DskipTests package && java -jar target/collector.jar demo --faults"));
    }

    private Path home() throws IOException {
        if (directory == null) {
            return Files.createTempDirectory("market-data-demo-");
        }
        Files.createDirectories(directory);
        try (var entries = Files.list(directory)) {
            if (entries.findAny().isPresent()) {
                throw terminal.wrong("--dir " + directory + " is not empty; choose an empty or a new directory");
            }
        }
        return directory.toAbsolutePath().normalize();
    }

    private ExitCode runFaults(Path jar, Path home, int length, StopSignal signal)
            throws IOException, InterruptedException {
        Path objects = home.resolve("bucket");
        Path incoming = home.resolve("incoming");
        try (ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().startingAfter(2), home);
                S3Simulator bucket = new S3Simulator(objects, incoming, Threads.daemons("bucket"), Time.SYSTEM);
                CollectorChild collector =
                        new CollectorChild(jar, home, FaultDemo.settings(home, exchange, bucket, SYMBOL))) {
            FaultDemo demo = new FaultDemo(words(), SYMBOL, exchange, bucket, collector, home, Time.SYSTEM);
            ExitCode code = demo.run(length, signal);
            if (code != ExitCode.DONE) {
                return code;
            }
            IdRange issued = exchange.issued(SYMBOL).orElse(null);
            BucketCheck check = new BucketCheck(objects).run();
            if (issued != null) {
                words().println();
                demo.table(issued, check).forEach(words()::println);
            }
            return account(issued, check, objects);
        }
    }

    /** Starts the exchange simulator and prints where everything is. */
    private ExchangeSimulator exchange(ExchangeOptions options, Path home) throws IOException {
        ThreadFactory threads = Threads.daemons("exchange");
        ExchangeSimulator exchange = ExchangeSimulator.inventing(
                List.of(SYMBOL), rate, false, SEED, options, threads, Time.SYSTEM, event -> {});
        String traded = String.format(Locale.ROOT, ", about %.0f trades/s of %s", rate, SYMBOL);
        words().println("Exchange simulator  " + exchange.webSocketUri() + traded);
        words().println("Spool               " + home.resolve("spool"));
        words().println("Bucket              " + home.resolve("bucket"));
        return exchange;
    }

    private ExitCode run(Path home, int length, StopSignal signal) throws IOException, InterruptedException {
        Path bucket = home.resolve("bucket");
        try (ExchangeSimulator exchange = exchange(ExchangeOptions.defaults(), home)) {
            Faults faultsOfRun = new Faults(Time.SYSTEM, PATIENCE, Recording::exitCode);
            Collector collector = start(settings(home, exchange), bucket, faultsOfRun);
            StatusServer status = StatusPages.listen(
                    "127.0.0.1", 0, collector.metrics().all(), collector.health(), collector::board, faultsOfRun);
            print("Status page         " + status.uri() + "/  (while the demo runs)\n");
            boolean complete = watch(collector, length, signal);
            exchange.stopTrades();
            exchange.awaitEndOfTrades(1, TimeUnit.SECONDS);
            awaitReceived(exchange, collector);
            collector.stop();
            status.close();
            if (!complete) {
                words().println(FaultDemo.STOPPED_EARLY);
            }
            BucketCheck check = new BucketCheck(bucket).run();
            showFiles(words(), check);
            return account(exchange.issued(SYMBOL).orElse(null), check, bucket);
        }
    }

    private static Collector start(Settings settings, Path bucket, Faults faults)
            throws IOException, InterruptedException {
        try {
            return Collector.start(settings, new DirectoryObjectStore(bucket), new LocalDisk(), Time.SYSTEM, faults);
        } catch (UnknownSymbolException e) {
            throw new IllegalStateException("the exchange simulator does not know its own symbol", e);
        }
    }

    private static Settings settings(Path home, ExchangeSimulator exchange) {
        try {
            return new SettingsLoader(
                            Map.of(
                                    "RAW_BUCKET", "file:" + home.resolve("bucket"),
                                    "LOCAL_DIR", home.resolve("spool").toString(),
                                    "WS_URL", exchange.webSocketUri().toString(),
                                    "REST_URL", exchange.restUri().toString(),
                                    "SYMBOL", SYMBOL.value(),
                                    "INSTANCE_ID", "demo"),
                            home)
                    .load();
        } catch (SettingsException e) {
            throw new IllegalStateException("the demo's own settings are wrong: " + e.getMessage(), e);
        }
    }

    /** Prints progress every second; true after {@code length} seconds, false if asked to stop before. */
    private boolean watch(Collector collector, int length, StopSignal signal) throws InterruptedException {
        long before = 0;
        for (int second = 1; second <= length; second++) {
            if (signal.await(Duration.ofSeconds(1))) {
                return false;
            }
            long received = collector.acceptedTrades();
            String trades =
                    String.format(Locale.ROOT, "%3d s   %7d trades (%d/s)", second, received, received - before);
            long sealed = collector.sealedParts();
            long uploaded = collector.uploadedParts();
            String parts = String.format(Locale.ROOT, "%3d sealed, %3d uploaded", sealed, uploaded);
            print(trades + "   parts: " + parts + ", " + collector.waitingParts() + " in the backlog");
            before = received;
        }
        return true;
    }

    /** Waits up to 5 s for the trades that are still on the way; the check reports those that do not arrive. */
    private static void awaitReceived(ExchangeSimulator exchange, Collector collector) throws InterruptedException {
        for (int i = 0; i < 100 && collector.acceptedTrades() < exchange.issuedCount(); i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private ExitCode account(@Nullable IdRange issued, BucketCheck check, Path bucket) {
        DemoAccount account = DemoAccount.of(SYMBOL, issued, check, bucket);
        account.print(words());
        if (json.wanted()) {
            terminal.print(account.json());
        }
        return account.code();
    }

    private PrintWriter words() {
        return json.words(terminal);
    }

    private void print(String line) {
        words().println(line);
        words().flush();
    }

    private static void showFiles(PrintWriter out, BucketCheck check) {
        List<Manifest> manifests = check.manifests();
        out.println("\n" + LogText.count(manifests.size(), "part") + " in the bucket, each with its manifest:");
        for (Manifest manifest : manifests.subList(0, Math.min(FILES_SHOWN, manifests.size()))) {
            Manifest.Payload part = manifest.payload();
            out.println("  " + part.s3Key() + "   " + part.summary().recordCount() + " trades, "
                    + part.summary().bytesUncompressed() + " bytes, " + part.bytesGzip() + " gzipped");
        }
        if (manifests.size() > FILES_SHOWN) {
            out.println("  … and " + (manifests.size() - FILES_SHOWN) + " more");
        }
        if (!manifests.isEmpty()) {
            String json = new String(ManifestJson.write(manifests.get(0)), StandardCharsets.UTF_8);
            out.print("\nThe first manifest:\n  " + json);
        }
    }
}
