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
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.report.ReportText;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Verifies from the bucket alone that every trade of a day is there. */
@Command(
        name = "verify",
        description = {
            "Verifies from the bucket alone that every trade of a day is there: trade ids are consecutive, so each gap is"
                    + " known by its ids. Reads the listings and the manifests of all instances, and changes nothing."
                    + " Needs RAW_BUCKET and the rights s3:ListBucket and s3:GetObject.",
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
            required = true,
            split = ",",
            paramLabel = "SYMBOL",
            description = "The symbols, separated by commas, for example BTCUSDT.")
    private List<Symbol> symbols = List.of();

    @Option(names = "--day", paramLabel = "DAY", description = "A UTC day: 2026-11-20.")
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

    @Allowed(least = "1", most = "256")
    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "64",
            description = "Requests to the bucket at once (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        List<Period> periods = periods();
        if (archive != null && !periods.stream().allMatch(Period::isWholeDay)) {
            throw terminal.wrong("--against-archive compares whole days; give --day");
        }
        certificate.check(terminal, symbols, periods, instance, Time.SYSTEM.epochMillis());
        page.check(terminal);
        SettingsLoader loader = SettingsLoader.ofProcess();
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
            if (json.wanted()) {
                terminal.print(document(reports, store));
            }
            if (!page.write(terminal, json, store.describe(), deep, settings, reports)) {
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

    private String document(List<DayReport> reports, ObjectStore store) {
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        try {
            ReportJson.write(document, store.describe(), Time.SYSTEM.epochMillis(), deep, reports);
        } catch (IOException e) {
            throw new AssertionError("memory takes every byte", e);
        }
        return document.toString(StandardCharsets.UTF_8).strip();
    }

    private static ExitCode exitCode(Verdict verdict) {
        return switch (verdict) {
            case COMPLETE -> ExitCode.DONE;
            case INCOMPLETE -> ExitCode.FOUND_WANTING;
            case UNKNOWN -> ExitCode.COULD_NOT_LOOK;
        };
    }
}
