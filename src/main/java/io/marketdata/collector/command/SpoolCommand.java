package io.marketdata.collector.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.marketdata.collector.collect.Provenance;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.SpoolUpload;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.LockTable;
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolListing;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.spool.SpoolSearch;
import io.marketdata.collector.spool.SpoolUsage;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.SpoolCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The backlog on the local disk: lists it, checks it, and uploads it without recording. */
@Command(
        name = "spool",
        description = {
            "Lists, checks or uploads the backlog on the local disk, without recording.",
            "",
            "ls and check change nothing, may run beside a collector, and need no setting but LOCAL_DIR. upload needs"
                    + " exclusive use of the directory, and RAW_BUCKET.",
        },
        footer = {"", "Example: ${ROOT-COMMAND-NAME} spool ls"},
        mixinStandardHelpOptions = true,
        subcommands = {SpoolCommand.Ls.class, SpoolCommand.Check.class, SpoolCommand.Upload.class})
public final class SpoolCommand implements Callable<Integer> {

    @Mixin
    private final Terminal terminal = new Terminal();

    @Override
    public Integer call() {
        throw terminal.wrong("spool needs one of: ls, check, upload");
    }

    /** A command on the spool and the symbols that its options name. */
    abstract static class OnSpool implements Callable<Integer> {

        @Mixin
        final Terminal terminal = new Terminal();

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                description = "The spool directory, for example on a disk of another machine (default: LOCAL_DIR).")
        private @Nullable Path directory;

        @Option(
                names = "--symbol",
                split = ",",
                paramLabel = "SYMBOL",
                description = "Only these symbols, separated by commas (default: all that have a directory there).")
        private List<Symbol> symbols = List.of();

        /** The directory that {@code --dir} names; null without the option. */
        @Nullable
        Path named() {
            if (directory != null && !Files.isDirectory(directory)) {
                throw terminal.wrong("--dir " + directory + " is not a directory");
            }
            return directory == null ? null : directory.toAbsolutePath().normalize();
        }

        /** @throws NoSpoolException if {@code --dir} names a directory that is no spool */
        List<SpoolFolder> folders(Path localDir) throws IOException {
            if (directory != null && !SpoolSearch.isSpool(localDir)) {
                throw new NoSpoolException(localDir, SpoolSearch.below(localDir));
            }
            List<SpoolFolder> all = SpoolFolder.below(localDir);
            if (symbols.isEmpty()) {
                return all;
            }
            List<SpoolFolder> chosen = new ArrayList<>();
            for (Symbol symbol : symbols) {
                List<SpoolFolder> found = all.stream()
                        .filter(folder -> folder.symbol().equals(symbol))
                        .toList();
                if (found.isEmpty()) {
                    throw terminal.wrong("--symbol " + symbol + ": has no directory below " + localDir
                            + "; spool ls lists what has one");
                }
                chosen.addAll(found);
            }
            return chosen.stream().distinct().toList();
        }

        /** Whether no symbol was chosen. */
        final boolean isOfAll() {
            return symbols.isEmpty();
        }

        /** Runs a command that changes nothing. */
        final int read(Reader reader) throws SettingsException {
            try {
                Path named = named();
                return reader.read(
                                named != null
                                        ? named
                                        : SettingsLoader.ofProcess().localDir())
                        .code();
            } catch (NoSpoolException e) {
                terminal.err().println(e.getMessage());
                return ExitCode.FOUND_WANTING.code();
            } catch (IOException e) {
                terminal.err().println("The spool cannot be read: " + e);
                return ExitCode.DISK.code();
            }
        }
    }

    /** {@code --dir} names a directory that is no spool: "empty" would let a person wipe the disk. */
    private static final class NoSpoolException extends IOException {
        private static final long serialVersionUID = 1;

        NoSpoolException(Path directory, Optional<Path> spool) {
            super(directory + " is no spool"
                    + spool.map(found -> "; did you mean " + found + "?")
                            .orElse(", and no directory"
                                    + " below it is one; give --dir the LOCAL_DIR of a collector"));
        }
    }

    /** A command that changes nothing. */
    interface Reader {
        ExitCode read(Path localDir) throws IOException;
    }

    @Command(
            name = "ls",
            description = "Lists the backlog: each file with its age, size and state; then totals.",
            footer = {"", "Example: ${ROOT-COMMAND-NAME} spool ls --dir /mnt/old-disk/market-data --limit 10"},
            mixinStandardHelpOptions = true)
    static final class Ls extends OnSpool {

        @Mixin
        private final JsonOption json = new JsonOption();

        @Allowed(least = "0", most = "2147483647")
        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "List this many files at most, the oldest (default: ${DEFAULT-VALUE}).")
        private int limit = 50;

        @Override
        public Integer call() throws SettingsException {
            return read(localDir -> {
                List<SpoolFolder> readable = new ArrayList<>();
                ExitCode code = ExitCode.DONE;
                for (SpoolFolder folder : folders(localDir)) {
                    if (Files.isReadable(folder.directory())) {
                        readable.add(folder);
                    } else {
                        terminal.err().println(folder.directory() + " cannot be read by this user, left out");
                        code = ExitCode.DISK;
                    }
                }
                if (json.wanted()) {
                    terminal.print(SpoolJson.of(localDir, listing(readable, limit)));
                } else {
                    lines(localDir, readable, limit).forEach(terminal::print);
                }
                return code;
            });
        }

        /** The backlog in these folders: at most {@code limit} files, the oldest, and totals. */
        static List<String> lines(Path localDir, List<SpoolFolder> folders, int limit) throws IOException {
            List<String> lines = new SpoolText(Time.SYSTEM.epochMillis()).lines(localDir, listing(folders, limit));
            SpoolText.uncounted(SpoolUsage.measure(new LocalDisk(), localDir)).ifPresent(lines::add);
            return lines;
        }

        private static SpoolListing listing(List<SpoolFolder> folders, int limit) throws IOException {
            SpoolListing listing = new SpoolListing(limit);
            LockTable locks = LockTable.ofThisMachine();
            for (SpoolFolder folder : folders) {
                listing.add(folder, locks);
            }
            return listing;
        }
    }

    @Command(
            name = "check",
            description = {
                "Reads every file as the collector would and reports what is wrong with it and what will happen to it."
                        + " Changes nothing.",
                "",
                "Exit code: 0 if nothing is damaged, 1 otherwise.",
            },
            footer = {"", "Example: ${ROOT-COMMAND-NAME} spool check"},
            mixinStandardHelpOptions = true)
    static final class Check extends OnSpool {

        @Mixin
        private final JsonOption json = new JsonOption();

        @Override
        public Integer call() throws SettingsException {
            return read(localDir -> {
                ArrayNode findings = SpoolJson.findings();
                SpoolCheck check = new SpoolCheck(finding -> {
                    SpoolJson.add(finding, findings);
                    if (!json.wanted()) {
                        terminal.print(SpoolText.line(finding));
                    }
                });
                for (SpoolFolder folder : folders(localDir)) {
                    check.run(folder);
                }
                String words = localDir + ": " + LogText.count(check.files(), "file") + " with "
                        + LogText.count(check.trades(), "trade") + "; " + check.damaged() + " damaged, "
                        + LogText.count(check.notes(), "note");
                terminal.print(json.wanted() ? SpoolJson.of(localDir, check, findings) : words);
                return check.damaged() == 0 ? ExitCode.DONE : ExitCode.FOUND_WANTING;
            });
        }
    }

    @Command(
            name = "upload",
            description = {
                "Packs and uploads the backlog, as the collector does, and exits; without --symbol, the frames in"
                        + " unparsed/ as well. If a collector uses the directory,"
                        + " this exits with 75 instead.",
                "",
                "The spool belongs to a bucket, which LOCAL_DIR/.spool names; another RAW_BUCKET is refused with 78, unless"
                        + " --to names the bucket.",
                "",
                "The file names carry the instance id, so the spool of another machine is uploaded under that machine's"
                        + " name. What is not uploaded, for example after Ctrl-C, stays in the spool.",
            },
            footer = {
                "",
                "Example: ${ROOT-COMMAND-NAME} spool upload --dir /mnt/old-disk/market-data --to s3://my-bucket",
            },
            mixinStandardHelpOptions = true)
    static final class Upload extends OnSpool {

        /** On top of the shutdown budget, for the last output. */
        private static final Duration EXTRA = Duration.ofSeconds(5);

        @Allowed(least = "1s", most = "8760h")
        @Option(
                names = "--patience",
                paramLabel = "TIME",
                defaultValue = "5m",
                description =
                        "Exit with 1 when no upload has succeeded for this long, for example 30s, 5m, 2h (default:"
                                + " ${DEFAULT-VALUE}).")
        @SuppressWarnings("NullAway.Init") // has a default
        private Duration patience;

        @Option(
                names = "--to",
                paramLabel = "BUCKET",
                description = "Upload to this bucket, s3://NAME or file:DIR (default: RAW_BUCKET).")
        private @Nullable String bucket;

        @Override
        public Integer call() throws InterruptedException, SettingsException {
            Path named = named();
            Settings settings = NamedBucket.settings(terminal, "--to", bucket);
            Path localDir = named != null ? named : settings.spool().directory();
            // A log line for each upload would hide the lines printed here.
            LogThreshold.set(settings.logLevel() == LogLevel.INFO ? LogLevel.WARN : settings.logLevel());
            try (StopSignal signal = StopSignal.announcing(
                            settings.shutdownBudget().plus(EXTRA), () -> Terminal.lastUpload(settings));
                    ObjectStore store = Recording.openStore(settings)) {
                LocalDisk disk = new LocalDisk();
                List<SpoolFolder> folders = folders(localDir);
                SpoolDirectory.require(localDir);
                if (bucket == null) {
                    Provenance.requireBucket(settings.store(), localDir, disk);
                }
                return new SpoolUpload(settings, store, disk, Time.SYSTEM, terminal::print)
                        .run(folders, isOfAll() ? localDir : null, patience, signal::await)
                        .code();
            } catch (FileOps.LockedException e) {
                String remedy =
                        "; that process uploads the backlog. Stop it first, or choose other symbols with --symbol";
                terminal.err().println(e.getMessage() + remedy);
                return ExitCode.SPOOL_IN_USE.code();
            } catch (NoSpoolException e) {
                terminal.err().println(e.getMessage());
                return ExitCode.FOUND_WANTING.code();
            } catch (SpoolRefusedException e) {
                terminal.err().println(e.getMessage());
                return ExitCode.CONFIG.code();
            } catch (IOException e) {
                terminal.err().println("The spool in " + localDir + " cannot be used: " + e);
                return ExitCode.DISK.code();
            }
        }
    }
}
