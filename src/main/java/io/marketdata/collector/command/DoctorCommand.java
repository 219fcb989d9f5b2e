package io.marketdata.collector.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.collect.Provenance;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.collect.UsableDirectories;
import io.marketdata.collector.collect.Wiring;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.doctor.Doctor;
import io.marketdata.collector.doctor.ExchangeChecks;
import io.marketdata.collector.doctor.Finding;
import io.marketdata.collector.doctor.Machine;
import io.marketdata.collector.doctor.MachineChecks;
import io.marketdata.collector.doctor.StoreChecks;
import io.marketdata.collector.doctor.SupportBundle;
import io.marketdata.collector.feed.ConnectionProbe;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.rest.Transport;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.status.LocalPage;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks, before the first start, whether the collector would work here, and prints what to do where it would not. */
@Command(
        name = "doctor",
        description = {
            "Checks, before the first start, whether the collector would work here: Java, limits, disk, clock,"
                    + " exchange, symbols, bucket and cost. Uses the collector's settings and may run beside a collector.",
            "",
            "Prints one line per check: ok, warn or fail, and below a warn or fail what to do about it. Where the store"
                    + " refuses the settings S3_ENCRYPTION, S3_ADDRESSING, S3_CONDITIONAL_PUT and S3_CHECKSUM, prints the"
                    + " ones that work. Leaves an object of about 100 bytes below raw/doctor/ in the bucket (several if it"
                    + " had to look for settings), and nothing on the disk.",
            "",
            "Exit code: 0 if no check failed, 1 if one failed, 78 if the settings are not valid.",
        },
        footer = {"", "Example: RAW_BUCKET=my-bucket SYMBOL=BTCUSDT ${ROOT-COMMAND-NAME} doctor --outage 24h"},
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {

    /** Spool files listed in a support bundle. */
    private static final int FILES_SHOWN = 1_000;

    /** For each answer that a check waits for. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Allowed(least = "1s", most = "8760h")
    @Option(
            names = "--outage",
            paramLabel = "TIME",
            defaultValue = "24h",
            description = "The longest S3 outage that the spool should absorb, for example 24h (default:"
                    + " ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // has a default
    private Duration outage;

    @Option(
            names = "--bundle",
            paramLabel = "FILE",
            description = {
                "Also write a support bundle, a new zip file: these lines, the settings, health and metrics of the"
                        + " collector running here, a listing of the spool and the end of the journal. Secrets are"
                        + " removed; it holds no trades.",
            })
    private @Nullable Path bundle;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        if (bundle != null && Files.exists(bundle)) {
            throw terminal.wrong("--bundle " + bundle + " already exists; choose a new file");
        }
        Settings settings = StartSettings.load();
        // The findings repeat what the collector's classes log, with a remedy.
        LogThreshold.set(settings.logLevel() == LogLevel.DEBUG ? LogLevel.DEBUG : LogLevel.ERROR);
        List<String> printed = new ArrayList<>();
        int code = examine(settings, outage, line -> {
            printed.add(line);
            if (!json.wanted()) {
                terminal.print(line);
            }
        });
        return bundle == null ? code : bundle(bundle, settings, printed, code);
    }

    private int examine(Settings settings, Duration wanted, Consumer<String> out) throws InterruptedException {
        Duration attempt = shorter(settings.upload().attemptTimeout());
        Duration call = shorter(settings.upload().callTimeout());
        try (ObjectStore store = Recording.openStore(settings, attempt, call)) {
            StoreChecks bucket = new StoreChecks(
                    settings, store, dialect -> Recording.openStore(settings, dialect, attempt, call), Time.SYSTEM);
            Doctor doctor = doctor(settings, bucket, wanted, out);
            ExitCode code = doctor.run();
            if (json.wanted()) {
                terminal.print(json(doctor.findings()));
            }
            return code.code();
        }
    }

    /** docs/COMMANDS.md is its reference. */
    private static String json(List<Finding> findings) {
        ObjectNode document = new ObjectMapper().createObjectNode();
        ArrayNode checks = document.putArray("checks");
        for (Finding finding : findings) {
            checks.addObject()
                    .put("level", finding.level().name().toLowerCase(Locale.ROOT))
                    .put("check", finding.what())
                    .put("detail", finding.detail())
                    .put("remedy", finding.remedy());
        }
        return document.toString();
    }

    private static Duration shorter(Duration timeout) {
        return timeout.compareTo(TIMEOUT) > 0 ? TIMEOUT : timeout;
    }

    /** Whether a start would accept the spool: whose it is, and of which exchange and bucket. */
    private static List<Finding> owner(Settings settings) {
        try {
            UsableDirectories.require(settings, new LocalDisk());
            SpoolDirectory.require(settings.spool().directory());
            Provenance.require(settings, new LocalDisk());
            return List.of();
        } catch (SpoolRefusedException e) {
            return List.of(Finding.fail("spool", "a start would refuse it", String.valueOf(e.getMessage())));
        } catch (IOException e) {
            return List.of(Finding.fail(
                    "spool",
                    settings.spool().directory() + " cannot be read: " + e,
                    "give this process's user access, or set another LOCAL_DIR"));
        }
    }

    private static Doctor doctor(Settings settings, StoreChecks bucket, Duration wanted, Consumer<String> out) {
        Wiring wiring = new Wiring(settings, Time.SYSTEM);
        Transport http = new HttpTransport(
                Threads.daemonPool("doctor"), settings.routes().proxies());
        BinanceRest rest = wiring.rest(http, wiring.requestBudget(), TIMEOUT);
        ThreadFactory threads = Threads.daemons("doctor");
        ConnectionProbe connections = new ConnectionProbe(
                wiring.feedOptions(), settings.symbols(), TIMEOUT, threads, Time.SYSTEM, Wiring::random);
        long pid = ProcessHandle.current().pid();
        MachineChecks machine = new MachineChecks(settings, Machine.THIS, new LocalDisk(), pid);
        ExchangeChecks exchange = new ExchangeChecks(settings, connections, rest, Time.SYSTEM);
        return new Doctor(
                List.of(
                        machine::java,
                        machine::openFiles,
                        machine::settings,
                        () -> owner(settings),
                        machine::directory,
                        exchange::servers,
                        exchange::restAndClock,
                        exchange::symbols,
                        exchange::oldTrades,
                        () -> exchange.outage(machine.room(), wanted),
                        bucket::bucket,
                        bucket::cost),
                out);
    }

    private int bundle(Path file, Settings settings, List<String> printed, int code) throws InterruptedException {
        Transport http = new HttpTransport(Threads.daemonPool("bundle"));
        Path spool = settings.spool().directory();
        String system = System.getProperty("os.name") + " " + System.getProperty("os.version");
        SupportBundle contents = new SupportBundle(SettingsLoader.ofProcess().secrets())
                .with("doctor.txt", () -> lines(printed))
                .with("settings.txt", () -> lines(settings.describe()))
                .with("software.txt", () -> BuildInfo.software() + "\n" + system + "\n")
                .with("health.json", () -> page(http, settings, "/health"))
                .with("metrics.txt", () -> page(http, settings, "/metrics"))
                .with("spool.txt", () -> lines(SpoolCommand.Ls.lines(spool, SpoolFolder.below(spool), FILES_SHOWN)))
                .with("journal.txt", Machine.THIS::journal);
        try {
            contents.write(file);
        } catch (IOException e) {
            String why = " could not be written: " + e + "; choose a new file in a writable directory";
            terminal.err().println("--bundle: " + file + why);
            return ExitCode.DISK.code();
        }
        json.words(terminal)
                .println("Bundle: " + file.toAbsolutePath() + ". Secrets are removed; check it before you send it");
        return code;
    }

    private static String lines(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    /** A page of the collector running with these settings. */
    private static String page(Transport http, Settings settings, String path)
            throws IOException, InterruptedException {
        if (settings.httpPort() == 0) {
            throw new IOException("HTTP_PORT is 0, so the collector serves no pages");
        }
        URI page = URI.create("http://" + LocalPage.reachedAt(settings.httpHost()) + ":" + settings.httpPort() + path);
        return http.get(page, Map.of(), TIMEOUT).body();
    }
}
