package io.marketdata.collector.command;

import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.read.BucketTail;
import io.marketdata.collector.read.NewTrades;
import io.marketdata.collector.read.SpoolTail;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the trades that a bucket or a spool holds, and with {@code --follow} those that come. */
@Command(
        name = "tail",
        description = {
            "Prints recorded trades by trade id: time (UTC), symbol, side (SELL if the buyer was the maker), price,"
                    + " quantity, id. Reads the bucket, or with --spool the spool of a running collector, whose newest"
                    + " trades it shows within a second. Changes nothing and may run beside collectors.",
            "",
            "A trade that several instances stored is printed once. In the bucket a trade appears when its part is"
                    + " uploaded, after ROT_SECS (default: 5 s). With --follow, parts that are uploaded more than a"
                    + " minute late are not found. --spool and --bucket together show what either has.",
            "",
            "Exit code: 0 if trades were printed, 2 if there were none or not all could be read.",
        },
        footer = {
            "",
            "Example: RAW_BUCKET=my-bucket SYMBOL=BTCUSDT ${ROOT-COMMAND-NAME} tail --follow",
            "beside a running collector: ${ROOT-COMMAND-NAME} tail -f --spool",
            "for a program:              ${ROOT-COMMAND-NAME} tail --bucket file:./bucket --since 1h --json",
        },
        mixinStandardHelpOptions = true)
public final class TailCommand implements Callable<Integer> {

    private static final Duration SPOOL_INTERVAL = Duration.ofMillis(100);
    private static final Duration BUCKET_INTERVAL = Duration.ofSeconds(2);

    /** Bytes; more must be downloaded. A part has at most {@code ROT_BYTES} before it is compressed. */
    private static final int MAX_OBJECT =
            (int) Math.min(128 << 20, Runtime.getRuntime().maxMemory() / 4);

    @Mixin
    private final Terminal terminal = new Terminal();

    @Option(
            names = "--symbol",
            split = ",",
            paramLabel = "SYMBOL",
            description = "Only these symbols, separated by commas (default: SYMBOL).")
    private List<Symbol> symbols = List.of();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            defaultValue = "1m",
            description = "Trades made at this time or later: 2026-11-20, 2026-11-20T10:00Z or ms since 1970 UTC, or"
                    + " before now by 30s, 10m or 2h (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // has a default
    private Since since;

    @Option(
            names = {"-f", "--follow"},
            description = "Print also what is recorded from now on, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--json", description = "Print the stored lines exactly as stored, for a program to read.")
    private boolean json;

    @Option(
            names = "--bucket",
            paramLabel = "BUCKET",
            description = "Read this bucket, s3://NAME or file:DIR (default: RAW_BUCKET).")
    private @Nullable String bucket;

    @Option(
            names = "--spool",
            arity = "0..1",
            fallbackValue = "LOCAL_DIR",
            paramLabel = "DIR",
            description = "Read the spool in this directory (default: the directory that LOCAL_DIR names).")
    private @Nullable String spool;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        LogThreshold.set(LogLevel.ERROR); // the log is on standard output as well
        Path localDir = spool == null ? null : localDir(spool);
        if (localDir != null && bucket == null) {
            return run(localDir, null, null, SettingsLoader.ofProcess().symbols());
        }
        Settings settings = settings();
        try (ObjectStore store = Recording.openStore(settings)) {
            return run(localDir, store, settings.spool().rotateAge(), settings.symbols());
        }
    }

    private Settings settings() throws SettingsException {
        try {
            return NamedBucket.settings(terminal, "--bucket", bucket);
        } catch (SettingsException e) {
            List<String> problems = new ArrayList<>(e.problems());
            problems.add("tail --spool needs no bucket: it reads the spool of a collector on this machine.");
            throw new SettingsException(problems);
        }
    }

    private Path localDir(String named) throws SettingsException {
        if (named.equals("LOCAL_DIR")) {
            return SettingsLoader.ofProcess().localDir();
        }
        if (!Files.isDirectory(Path.of(named))) {
            throw terminal.wrong("--spool " + named + " is not a directory; give it the LOCAL_DIR of a collector");
        }
        return Path.of(named).toAbsolutePath().normalize();
    }

    /** @param partLength how long the trades of one part span; null without a bucket */
    private int run(
            @Nullable Path localDir,
            @Nullable ObjectStore store,
            @Nullable Duration partLength,
            List<Symbol> configured)
            throws InterruptedException {
        long sinceMs = since.epochMs(Time.SYSTEM);
        TailPrinter printer = new TailPrinter(terminal, json);
        TailLoop loop = new TailLoop(terminal, printer, Time.SYSTEM);
        List<Symbol> wanted = symbols.isEmpty() ? configured : symbols;
        for (Symbol symbol : wanted.stream().distinct().toList()) {
            NewTrades trades = new NewTrades(symbol, sinceMs, printer);
            if (localDir != null) {
                loop.add(new SpoolTail(localDir, trades), SPOOL_INTERVAL);
            }
            if (store != null && partLength != null) {
                long fromMs = sinceMs - partLength.toMillis();
                loop.add(new BucketTail(store, trades, fromMs, MAX_OBJECT, Time.SYSTEM), BUCKET_INTERVAL);
            }
        }
        try {
            return loop.run(follow, names(wanted) + " since " + Instant.ofEpochMilli(sinceMs))
                    .code();
        } catch (IOException e) {
            terminal.err().println("The spool cannot be read, run this as the user of the collector: " + e);
            return ExitCode.DISK.code();
        }
    }

    private static String names(List<Symbol> symbols) {
        return symbols.stream().map(Symbol::value).collect(Collectors.joining(", "));
    }
}
