package io.marketdata.collector.command;

import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.SpoolUpload;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.LockTable;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolListing;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.SpoolCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What waits on the local disk: to look at, to check, and to bring to the bucket without recording. */
@Command(
        name = "spool",
        description = {
            "Shows, checks or uploads what waits on the local disk, without recording.",
            "",
            "ls and check change nothing, may be used beside a collector, and need no setting but LOCAL_DIR. upload needs the"
                    + " directory for itself, and RAW_BUCKET.",
        },
        footer = {"", "Example: java -jar collector.jar spool ls"},
        mixinStandardHelpOptions = true,
        subcommands = {SpoolCommand.Ls.class, SpoolCommand.Check.class, SpoolCommand.Upload.class})
public final class SpoolCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "spool needs one of: ls, check, upload");
    }

    /** Which spool, and what of it. */
    static final class Place {

        @Spec(Spec.Target.MIXEE)
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
        private CommandSpec spec;

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                description = "The spool, for example one on the disk of another machine (default: LOCAL_DIR).")
        private @Nullable Path directory;

        @Option(
                names = "--symbol",
                split = ",",
                paramLabel = "SYMBOL",
                description = "Only these, separated by commas (default: every one that has a directory there).")
        private List<String> symbols = List.of();

        /** The directory that an option names. */
        @Nullable
        Path named() {
            if (directory != null && !Files.isDirectory(directory)) {
                throw new ParameterException(spec.commandLine(), "--dir " + directory + " is no directory");
            }
            return directory == null ? null : directory.toAbsolutePath().normalize();
        }

        List<SpoolFolder> folders(Path localDir) throws IOException {
            List<SpoolFolder> all = SpoolFolder.below(localDir);
            if (symbols.isEmpty()) {
                return all;
            }
            List<SpoolFolder> chosen = new ArrayList<>();
            for (String text : symbols) {
                Symbol symbol = symbol(text);
                List<SpoolFolder> found = all.stream()
                        .filter(folder -> folder.symbol().equals(symbol))
                        .toList();
                if (found.isEmpty()) {
                    throw new ParameterException(
                            spec.commandLine(), "--symbol: " + symbol + " has no directory below " + localDir);
                }
                chosen.addAll(found);
            }
            return chosen.stream().distinct().toList();
        }

        private Symbol symbol(String text) {
            try {
                return Symbol.of(text);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--symbol: not " + Symbol.ALLOWED, e);
            }
        }
    }

    /** Something that only looks. */
    private interface Look {
        ExitCode at(Path localDir) throws IOException;
    }

    private static int look(CommandSpec spec, Place place, Look look) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            Path named = place.named();
            return look.at(named != null ? named : SettingsLoader.ofProcess().localDir())
                    .code();
        } catch (SettingsException e) {
            e.problems().forEach(err::println);
            return ExitCode.CONFIG.code();
        } catch (IOException e) {
            err.println("The spool cannot be read: " + e);
            return ExitCode.DISK.code();
        }
    }

    @Command(
            name = "ls",
            description = "Shows what waits: each file, how old and how big it is, and why it waits; then totals.",
            footer = {"", "Example: java -jar collector.jar spool ls --dir /mnt/old-disk/market-data --limit 10"},
            mixinStandardHelpOptions = true)
    static final class Ls implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
        private CommandSpec spec;

        @Mixin
        private final Place place = new Place();

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "Show so many of the oldest files (default: ${DEFAULT-VALUE}).")
        private int limit = 50;

        @Override
        public Integer call() {
            if (limit < 0) {
                throw new ParameterException(spec.commandLine(), "--limit must be 0 or more, was " + limit);
            }
            return look(spec, place, localDir -> {
                PrintWriter out = spec.commandLine().getOut();
                lines(localDir, place.folders(localDir), limit).forEach(out::println);
                out.flush();
                return ExitCode.DONE;
            });
        }

        /** What waits in these folders: so many of the oldest files, and totals. */
        static List<String> lines(Path localDir, List<SpoolFolder> folders, int limit) throws IOException {
            SpoolListing listing = new SpoolListing(limit);
            LockTable locks = LockTable.ofThisMachine();
            for (SpoolFolder folder : folders) {
                listing.add(folder, locks);
            }
            return new SpoolText(Time.SYSTEM.epochMillis()).lines(localDir, listing);
        }
    }

    @Command(
            name = "check",
            description = {
                "Reads every file as the collector will, and says what is wrong with it and what will happen with it."
                        + " Changes nothing.",
                "",
                "Ends with 0 if nothing is damaged, else with 1.",
            },
            footer = {"", "Example: java -jar collector.jar spool check"},
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
        private CommandSpec spec;

        @Mixin
        private final Place place = new Place();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            return look(spec, place, localDir -> {
                SpoolCheck check = new SpoolCheck(finding -> {
                    out.println(SpoolText.line(finding));
                    out.flush();
                });
                for (SpoolFolder folder : place.folders(localDir)) {
                    check.run(folder);
                }
                out.printf(
                        Locale.ROOT,
                        "%s: %d files with %d trades; %d damaged, %d worth knowing%n",
                        localDir,
                        check.files(),
                        check.trades(),
                        check.damaged(),
                        check.notes());
                out.flush();
                return check.damaged() == 0 ? ExitCode.DONE : ExitCode.FOUND_WANTING;
            });
        }
    }

    @Command(
            name = "upload",
            description = {
                "Packs and uploads everything that waits, as the collector does, and ends. No collector may run on the"
                        + " directory meanwhile; then this ends with 75.",
                "",
                "Whose files they are is told by their names, so the spool of another machine is uploaded as that"
                        + " machine's. What remains, also after Ctrl-C, stays where it is.",
            },
            footer = {
                "",
                "Example: RAW_BUCKET=my-bucket java -jar collector.jar spool upload --dir /mnt/old-disk/market-data",
            },
            mixinStandardHelpOptions = true)
    static final class Upload implements Callable<Integer> {

        /** More than the shutdown budget may take, for the last words. */
        private static final Duration EXTRA = Duration.ofSeconds(5);

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
        private CommandSpec spec;

        @Mixin
        private final Place place = new Place();

        @Option(
                names = "--patience",
                paramLabel = "TIME",
                description = "End with 1 when nothing could be uploaded for so long, for example 30s, 5m, 2h (default:"
                        + " ${DEFAULT-VALUE}).")
        private String patience = "5m";

        @Override
        public Integer call() throws InterruptedException {
            PrintWriter err = spec.commandLine().getErr();
            Duration longest = duration();
            Settings settings;
            Path localDir;
            try {
                Path named = place.named();
                settings = SettingsLoader.ofProcess().load();
                localDir = named != null ? named : settings.spool().directory();
            } catch (SettingsException e) {
                e.problems().forEach(err::println);
                return ExitCode.CONFIG.code();
            }
            // One line for each upload would hide what is said here.
            LogThreshold.set(settings.logLevel() == LogLevel.INFO ? LogLevel.WARN : settings.logLevel());
            PrintWriter out = spec.commandLine().getOut();
            try (StopSignal signal = new StopSignal(settings.shutdownBudget().plus(EXTRA));
                    ObjectStore store = Recording.openStore(settings)) {
                List<SpoolFolder> folders = place.folders(localDir);
                SpoolUpload uploading = new SpoolUpload(settings, store, new LocalDisk(), Time.SYSTEM, line -> {
                    out.println(line);
                    out.flush();
                });
                ExitCode code = uploading.run(folders, longest, signal::await);
                out.flush();
                return code.code();
            } catch (FileOps.LockedException e) {
                err.println(
                        e.getMessage() + "; that one uploads what waits. Stop it first, or name others by --symbol");
                return ExitCode.SPOOL_IN_USE.code();
            } catch (IOException e) {
                err.println("The spool in " + localDir + " cannot be used: " + e);
                return ExitCode.DISK.code();
            }
        }

        private Duration duration() {
            try {
                return SettingsLoader.duration(patience);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(
                        spec.commandLine(), "--patience " + patience + ": " + e.getMessage() + ", as in 5m", e);
            }
        }
    }
}
