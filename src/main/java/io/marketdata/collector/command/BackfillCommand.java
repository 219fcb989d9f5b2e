package io.marketdata.collector.command;

import io.marketdata.collector.audit.ArchiveFile;
import io.marketdata.collector.audit.Repair;
import io.marketdata.collector.collect.Backfill;
import io.marketdata.collector.collect.BackfillPlan;
import io.marketdata.collector.collect.NothingToFetchException;
import io.marketdata.collector.collect.RangeEnd;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Backfills a range of trade ids into the bucket, for gaps that the collector reports but does not fill. */
@Command(
        name = "backfill",
        description = {
            "Backfills a range of trades over REST into the bucket, as parts named -rest-. Uses the collector's"
                    + " settings and may run beside a collector.",
            "",
            "With --from-archive, copies them from the exchange's own files of a day instead, as parts named -archive-:"
                    + " SYMBOL-trades-DAY.zip or .csv, with its CHECKSUM beside it. A file is read to its end before"
                    + " any trade of it is used.",
            "",
            "With --from-verify, repairs what verify has found: fetches the trades of its gaps, and those of damaged"
                    + " objects once more, after which verify counts them as repaired.",
            "",
            "Each end of the range is a trade id or a time. Trades that the bucket's manifests or the own spool account for"
                    + " are skipped (that needs s3:ListBucket), so the same command continues after a stop. Ids that the"
                    + " exchange has not issued yet are left out.",
            "",
            "With the default request weight of 1,200 a minute it fetches about 44,000 trades a minute. A collector"
                    + " behind the same IP address uses as much; see backfill.weight_per_minute.",
            "",
            "Exit code: 0 if every trade of the range is in the bucket, 1 if not, 2 if there is nothing to fetch, the"
                    + " exchange could not be asked, or its file cannot be used.",
        },
        footer = {
            "",
            "Example: RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} backfill --symbol BTCUSDT --from 2026-11-20T10:00Z"
                    + " --to 2026-11-20T11:00Z",
            "by ids:  RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} backfill --symbol BTCUSDT --from-id 3735683259"
                    + " --to-id 3735703162",
            "by file: RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} backfill --symbol BTCUSDT --from 2026-11-20"
                    + " --to 2026-11-21 --from-archive BTCUSDT-trades-2026-11-20.zip",
            "repair:  RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} verify --symbol BTCUSDT --day 2026-11-20 --json > v.json",
            "         RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} backfill --from-verify v.json",
        },
        mixinStandardHelpOptions = true)
public final class BackfillCommand implements Callable<Integer> {

    /** For sealing the last part, after the upload in progress has had its own time. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    private final Terminal terminal = new Terminal();

    @Option(names = "--symbol", paramLabel = "SYMBOL", description = "The symbol, for example BTCUSDT.")
    private @Nullable Symbol symbol;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Trades made at this time or later: 2026-11-20, 2026-11-20T10:00Z, or ms since 1970 UTC.")
    private @Nullable TradeTime from;

    @Option(names = "--to", paramLabel = "TIME", description = "Trades made before this time.")
    private @Nullable TradeTime to;

    @Allowed(least = "0", most = "9223372036854775806")
    @Option(names = "--from-id", paramLabel = "ID", description = "The first trade id.")
    private @Nullable Long fromId;

    @Allowed(least = "0", most = "9223372036854775806")
    @Option(names = "--to-id", paramLabel = "ID", description = "The last trade id.")
    private @Nullable Long toId;

    @Option(
            names = "--from-verify",
            paramLabel = "FILE",
            description = "In place of a symbol and a range: the trades that a report of verify --json names.")
    private @Nullable Path fromVerify;

    @Option(
            names = "--from-archive",
            paramLabel = "PATH",
            description = "Copy the trades from the exchange's own file of the day, or from a directory of such files.")
    private @Nullable Path archive;

    @Option(names = "--dry-run", description = "Print what would be fetched, and fetch nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        Map<Symbol, BackfillPlan.Order> orders = orders();
        Settings settings = StartSettings.load();
        // A log line for each upload would hide the lines printed here.
        LogThreshold.set(settings.logLevel() == LogLevel.INFO ? LogLevel.WARN : settings.logLevel());
        try (StopSignal signal = StopSignal.announcing(
                        settings.upload().callTimeout().plus(PATIENCE), () -> Terminal.lastUpload(settings));
                ObjectStore store = Recording.openStore(settings)) {
            ExitCode worst = ExitCode.DONE;
            for (Map.Entry<Symbol, BackfillPlan.Order> order : orders.entrySet()) {
                ExitCode code = execute(order.getKey(), order.getValue(), settings, store, signal);
                worst = code == ExitCode.DONE ? worst : code;
            }
            return worst.code();
        } catch (NothingToFetchException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK.code();
        } catch (FileOps.LockedException e) {
            terminal.err()
                    .println(e.getMessage() + "; another backfill of the symbol runs there, or the collector uploads"
                            + " what an earlier one left. Try again in a minute");
            return ExitCode.SPOOL_IN_USE.code();
        } catch (SpoolRefusedException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.CONFIG.code();
        } catch (IOException e) {
            terminal.err().println("The local disk failed; run the same command again: " + e);
            return ExitCode.DISK.code();
        }
    }

    /** A file of one symbol that cannot be used does not stop the others. */
    private ExitCode execute(
            Symbol of, BackfillPlan.Order order, Settings settings, ObjectStore store, StopSignal signal)
            throws IOException, InterruptedException, NothingToFetchException {
        try {
            return dryRun ? plan(of, order, settings, store, signal) : backfill(of, order, settings, store, signal);
        } catch (ArchiveFile.UnusableException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK;
        }
    }

    private Map<Symbol, BackfillPlan.Order> orders() {
        if (fromVerify == null) {
            if (symbol == null) {
                throw terminal.wrong("--symbol SYMBOL is required, with a range; or --from-verify FILE");
            }
            RangeEnd first = end("--from", from, fromId);
            RangeEnd last = end("--to", to, toId);
            checkOrder(first, last);
            return Map.of(
                    symbol,
                    archive == null ? BackfillPlan.between(first, last) : BackfillPlan.between(first, last, archive));
        }
        if (symbol != null || from != null || to != null || fromId != null || toId != null) {
            throw terminal.wrong("--from-verify names the symbols and ranges itself; leave out the other options");
        }
        try {
            Map<Symbol, List<Repair>> bySymbol = Repair.read(fromVerify).stream()
                    .collect(Collectors.groupingBy(Repair::symbol, TreeMap::new, Collectors.toList()));
            Map<Symbol, BackfillPlan.Order> orders = new TreeMap<>();
            bySymbol.forEach((each, repairs) ->
                    orders.put(each, archive == null ? BackfillPlan.of(repairs) : BackfillPlan.of(repairs, archive)));
            return orders;
        } catch (IOException e) {
            throw terminal.wrong("--from-verify " + fromVerify + " cannot be used: " + e.getMessage(), e);
        }
    }

    private ExitCode backfill(
            Symbol of, BackfillPlan.Order order, Settings settings, ObjectStore store, StopSignal signal)
            throws IOException, InterruptedException, NothingToFetchException {
        Backfill backfill = new Backfill(settings, of, store, new LocalDisk(), Time.SYSTEM, terminal::print);
        backfill.run(order, signal::await);
        return report(of, backfill, store);
    }

    private ExitCode plan(Symbol of, BackfillPlan.Order order, Settings settings, ObjectStore store, StopSignal signal)
            throws IOException, InterruptedException, NothingToFetchException {
        BackfillPlan plan =
                order.plan(new BackfillPlan.Planning(settings, of, store, Time.SYSTEM, terminal::print, signal::await));
        if (plan == null) {
            return ExitCode.FOUND_WANTING;
        }
        for (IdRange range : plan.ids()) {
            terminal.print((archive == null ? "would fetch " : "would copy ") + of + " ids " + range.first() + " to "
                    + range.last() + size(range));
        }
        plan.lacking().forEach(this::printLacking);
        terminal.print("would backfill " + plan.toFetch() + " of " + LogText.count(plan.wanted(), "trade") + " of " + of
                + " into " + store.describe());
        return ExitCode.DONE;
    }

    private RangeEnd end(String option, @Nullable TradeTime time, @Nullable Long id) {
        if (time == null && id == null) {
            throw terminal.wrong(option + " TIME or " + option + "-id ID is required");
        }
        if (time != null && id != null) {
            throw terminal.wrong(option + " and " + option + "-id are both given; give one of them");
        }
        return id != null
                ? new RangeEnd(false, id)
                : new RangeEnd(true, Objects.requireNonNull(time).epochMs());
    }

    private void checkOrder(RangeEnd first, RangeEnd last) {
        boolean isEmpty = first.value() > last.value() || (first.isTime() && first.equals(last));
        if (first.isTime() == last.isTime() && isEmpty) {
            String id = first.isTime() ? "" : "-id";
            throw terminal.wrong("--from" + id + " " + first + " must be before --to" + id + " " + last);
        }
    }

    private static String of(Symbol symbol, boolean many) {
        return many ? " of " + symbol : "";
    }

    private ExitCode report(Symbol of, Backfill backfill, ObjectStore store) {
        String skipped = backfill.skipped() == 0 ? "" : "; " + backfill.skipped() + " were there already";
        terminal.print("backfilled " + backfill.backfilled() + " of " + LogText.count(backfill.wanted(), "trade")
                + of(of, fromVerify != null) + " into " + store.describe() + skipped);
        backfill.unrecoverable().forEach(this::printLacking);
        List<IdRange> left = backfill.left();
        if (!left.isEmpty()) {
            IdRange next = left.get(0);
            String all = LogText.count(left.stream().mapToLong(IdRange::count).sum(), "trade");
            terminal.print((archive == null ? "not requested yet: " : "not copied yet: ") + all + " from id "
                    + next.first() + " on; the same command continues there");
        }
        if (backfill.waitingParts() > 0) {
            terminal.print("backlog: " + LogText.count(backfill.waitingParts(), "part")
                    + " in the spool; the next backfill of this symbol or the next start of the collector uploads it");
        }
        boolean isAll = (backfill.wanted() > 0 || fromVerify != null)
                && backfill.backfilled() + backfill.skipped() == backfill.wanted();
        return isAll && backfill.waitingParts() == 0 ? ExitCode.DONE : ExitCode.FOUND_WANTING;
    }

    private void printLacking(IdRange range) {
        terminal.print((archive == null
                        ? "unrecoverable, the exchange does not have them: ids "
                        : "not in " + archive + ", try without --from-archive: ids ")
                + range.first() + " to " + range.last() + size(range));
    }

    private static String size(IdRange range) {
        return " (" + LogText.count(range.count(), "trade") + ")";
    }
}
