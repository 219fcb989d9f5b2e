package io.marketdata.collector;

import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.feed.LinkProbe;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.ship.ObjectStore;
import io.marketdata.collector.spool.LocalDisk;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says, before the first start, whether recording would work here, and what to do where it would not. */
@Command(
        name = "doctor",
        description = {
            "Checks, before the first start, whether recording would work here: Java, limits, disk, clock, exchange, symbols,"
                    + " bucket, and what it costs. Uses the settings of the recorder, and may run beside it.",
            "",
            "One line for each check: ok, warn or fail; below a warn or fail what to do about it. Leaves one object of some 100"
                    + " bytes below raw/doctor/ in the bucket, and nothing on the disk.",
            "",
            "Ends with 0 if nothing has failed, else with 1; with 78 if the settings are not valid.",
        },
        footer = {"", "Example: RAW_BUCKET=my-bucket SYMBOL=BTCUSDT java -jar collector.jar doctor --outage 24h"},
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

    /** For each thing that is waited for. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--outage",
            paramLabel = "TIME",
            description = "How long the bucket should be allowed to be out of reach, for example 24h (default:"
                    + " ${DEFAULT-VALUE}).")
    private String outage = "24h";

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Duration wanted = wanted();
        Settings settings;
        try {
            settings = SettingsLoader.ofProcess().load();
        } catch (SettingsException e) {
            e.problems().forEach(err::println);
            return ExitCode.CONFIG.code();
        }
        // What is logged elsewhere is told here, with the remedy.
        Main.setLogLevel(settings.logLevel() == LogLevel.DEBUG ? LogLevel.DEBUG : LogLevel.ERROR);
        PrintWriter out = spec.commandLine().getOut();
        try (ObjectStore store = Recording.openStore(
                settings,
                shorter(settings.ship().attemptTimeout()),
                shorter(settings.ship().callTimeout()))) {
            return doctor(settings, store, wanted, out).run().code();
        }
    }

    private static Duration shorter(Duration timeout) {
        return timeout.compareTo(TIMEOUT) > 0 ? TIMEOUT : timeout;
    }

    private static Doctor doctor(Settings settings, ObjectStore store, Duration wanted, PrintWriter out) {
        ThreadFactory threads = Threads.daemons("doctor");
        Wiring wiring = new Wiring(settings, Time.SYSTEM, new Metrics());
        BinanceRest rest =
                wiring.rest(new HttpTransport(Executors.newCachedThreadPool(threads)), wiring.requestBudget(), TIMEOUT);
        LinkProbe links = new LinkProbe(
                Collector.feedOptions(settings.feed()),
                settings.symbols(),
                TIMEOUT,
                threads,
                Time.SYSTEM,
                Wiring::random);
        MachineChecks machine = new MachineChecks(
                settings, Machine.THIS, new LocalDisk(), ProcessHandle.current().pid());
        ExchangeChecks exchange = new ExchangeChecks(settings, links, rest, Time.SYSTEM);
        StoreChecks bucket = new StoreChecks(settings, store, Time.SYSTEM);
        return new Doctor(
                List.of(
                        machine::java,
                        machine::openFiles,
                        machine::settings,
                        machine::directory,
                        exchange::servers,
                        exchange::restAndClock,
                        exchange::symbols,
                        exchange::oldTrades,
                        () -> exchange.outage(machine.room(), wanted),
                        bucket::bucket,
                        bucket::cost),
                line -> {
                    out.println(line);
                    out.flush();
                });
    }

    private Duration wanted() {
        try {
            return SettingsLoader.duration(outage);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--outage " + outage + ": " + e.getMessage() + ", as in 24h", e);
        }
    }
}
