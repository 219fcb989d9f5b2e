package io.marketdata.collector.command;

import io.marketdata.collector.audit.ArchiveComparison;
import io.marketdata.collector.audit.ArchiveFile;
import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.audit.ReportJson;
import io.marketdata.collector.audit.Verification;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.daily.DayFiles;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.report.ReportText;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Verifies from the bucket alone that every trade of a day is there. */
@Command(
        name = "verify",
        description = {
            "Verifies from the bucket alone that every trade of a day is there: trade ids are consecutive, so each gap is"
                    + " known by its ids. Reads the listings and the manifests of all instances, and changes nothing that was"
                    + " recorded."
                    + " Needs RAW_BUCKET and the rights s3:ListBucket and s3:GetObject, with --publish also s3:PutObject"
                    + " on quality/*.",
            "",
            "COMPLETE is printed only if everything could be looked at, no trade between the edges is missing, and every"
                    + " object is as it was written, or its trades were backfilled since. An edge is open if nothing is"
                    + " recorded next to it.",
            "",
            "Exit code: 0 complete, 1 trades are missing or objects are damaged, 2 something could not be looked at.",
        },
        footer = {
            "",
            "Example: RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} verify --symbol BTCUSDT --day 2026-11-20",
            "Each day: RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} verify --day yesterday --publish",
        },
        mixinStandardHelpOptions = true)
public final class VerifyCommand implements Callable<Integer> {

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final CertificateOptions certificate = new CertificateOptions();

    @Mixin
    private final ReportFile page = new ReportFile();

    @Option(
            names = "--symbol",
            split = ",",
            paramLabel = "SYMBOL",
            description = "The symbols, separated by commas, for example BTCUSDT (default: SYMBOL).")
    private List<Symbol> symbols = List.of();

    @Option(
            names = "--day",
            paramLabel = "DAY",
            converter = Day.class,
            description = "A UTC day: 2026-11-20, or yesterday.")
    private @Nullable TradeTime day;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "The first minute, in place of --day: 2026-11-20T10:00Z, 2026-11-20, or ms since 1970 UTC.")
    private @Nullable TradeTime from;

    @Option(names = "--to", paramLabel = "TIME", description = "The first moment after the last minute.")
    private @Nullable TradeTime to;

    @Option(
            names = "--bucket",
            paramLabel = "BUCKET",
            description = "A bucket's name or file:DIR (default: RAW_BUCKET).")
    private @Nullable String bucket;

    @Option(names = "--instance", paramLabel = "ID", description = "Look at this instance alone (default: all).")
    private @Nullable InstanceId instance;

    @Option(names = "--deep", description = "Also read every part: its SHA-256, and each line against the manifest.")
    private boolean deep;

    @Option(
            names = "--against-archive",
            paramLabel = "PATH",
            description =
                    "Also compare each trade with the exchange's own file of the day, SYMBOL-trades-DAY.zip or .csv,"
                            + " or with the one of that name in a directory. Reads every part once.")
    private @Nullable Path archive;

    @Option(
            names = "--publish",
            description =
                    "Also put the page, the JSON document and the certificate of each symbol and day into the bucket, below"
                            + " quality/, in place of those of an earlier run (docs/S3_LAYOUT.md). Whole days that are over, all"
                            + " instances.")
    private boolean publish;

    @Allowed(least = "1", most = "256")
    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "64",
            description = "Requests to the bucket at once (default: ${DEFAULT-VALUE}).")
    private int requests;

    /** Reads a day, or {@code yesterday} by the clock of this machine. */
    static final class Day implements ITypeConverter<TradeTime> {
        @Override
        public TradeTime convert(String text) {
            return text.equals("yesterday")
                    ? new TradeTime(Period.yesterday(Time.SYSTEM.epochMillis()).fromMs())
                    : TradeTime.of(text);
        }
    }

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        List<Period> periods = periods();
        if (archive != null && !periods.stream().allMatch(Period::isWholeDay)) {
            throw terminal.wrong("--against-archive compares whole days; give --day");
        }
        SettingsLoader loader = SettingsLoader.ofProcess();
        if (symbols.isEmpty()) {
            symbols = loader.symbols();
        }
        certificate.check(terminal, symbols, periods, instance, publish, Time.SYSTEM.epochMillis());
        page.check(terminal);
        Settings settings = StartSettings.resolve((bucket == null ? loader : loader.storingIn(bucket)).load());
        try (ObjectStore store = Recording.openStore(settings, requests)) {
            List<DayReport> reports = new ArrayList<>();
            ReportText text = new ReportText(terminal::print);
            for (Symbol symbol : symbols) {
                for (Period period : periods) {
                    DayReport report = verify(store, symbol, period);
                    reports.add(report);
                    if (!json.wanted()) {
                        text.print(report, store.describe());
                    }
                }
            }
            DayFiles files = new DayFiles(store, settings, deep, Time.SYSTEM);
            if (json.wanted()) {
                terminal.print(files.json(reports).strip());
            }
            if (!page.write(terminal, json, files, reports) || (publish && !publish(files, reports))) {
                return ExitCode.DISK.code();
            }
            ExitCode verdict = exitCode(ReportJson.worst(reports));
            return certificate
                    .write(reports.get(0), deep, verdict, json.words(terminal))
                    .code();
        }
    }

    private DayReport verify(ObjectStore store, Symbol symbol, Period period) throws InterruptedException {
        Verification.Options options = new Verification.Options(instance, deep, requests);
        try (ProgressLine progress = ProgressLine.on(terminal, json, symbol + " " + period)) {
            DayReport report =
                    new Verification(store, symbol, period, options, Threads.daemons("verify"), progress).run();
            return archive == null ? report : compared(report, archive, store, progress);
        }
    }

    private static DayReport compared(DayReport report, Path archive, ObjectStore store, ProgressLine progress) {
        try {
            ArchiveFile file = ArchiveFile.of(archive, report.symbol(), report.period());
            return new ArchiveComparison(store, report, progress).run(file);
        } catch (IOException e) {
            return report.blind("the archive cannot be compared: " + e.getMessage());
        } catch (StoreException e) {
            return report.blind(String.valueOf(e.getMessage()));
        }
    }

    private List<Period> periods() {
        if (day != null && (from != null || to != null)) {
            throw terminal.wrong("--day and --from or --to are both given; give --day, or --from and --to");
        }
        if (day != null) {
            if (day.epochMs() % 86_400_000 != 0) {
                throw terminal.wrong("--day " + day + " is a time; give a day such as 2026-11-20, or --from and --to");
            }
            return Period.days(day.epochMs(), day.epochMs() + 86_400_000);
        }
        if (from == null || to == null) {
            throw terminal.wrong("--day DAY, or --from TIME and --to TIME, is required");
        }
        if (from.epochMs() >= to.epochMs()) {
            throw terminal.wrong("--from " + from + " must be before --to " + to);
        }
        return Period.days(from.epochMs(), to.epochMs());
    }

    private boolean publish(DayFiles files, List<DayReport> reports) {
        boolean isDone = true;
        for (DayReport report : reports) {
            try {
                json.words(terminal).println("Published: " + files.put(report, certificate.key()));
            } catch (StoreException e) {
                terminal.err()
                        .println("--publish of " + report.symbol() + " " + report.period() + " failed: "
                                + e.getMessage());
                isDone = false;
            }
        }
        json.words(terminal).flush();
        return isDone;
    }

    private static ExitCode exitCode(Verdict verdict) {
        return switch (verdict) {
            case COMPLETE -> ExitCode.DONE;
            case INCOMPLETE -> ExitCode.FOUND_WANTING;
            case UNKNOWN -> ExitCode.COULD_NOT_LOOK;
        };
    }
}
