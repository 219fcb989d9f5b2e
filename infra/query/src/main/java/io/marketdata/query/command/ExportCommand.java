package io.marketdata.query.command;

import io.marketdata.collector.command.Terminal;
import io.marketdata.collector.command.TradeTime;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.query.export.DailyFile;
import io.marketdata.query.export.DayFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a day of trades as the exchange does. */
@Command(
        name = "export",
        description = {
            "Writes the trades of a UTC day in the format of the exchange's daily files: SYMBOL-trades-DAY.csv, columns"
                    + " id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch. Changes nothing in the bucket.",
            "",
            "Exit code: 0 done, 1 trades are missing or recorded copies differ, so nothing was written, 2 something could not be"
                    + " read or written, or nothing is recorded.",
        },
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} export --bucket my-bucket --symbol BTCUSDT --day 2026-11-20 --out exported",
        },
        mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {

    private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);
    private static final int MAX_NAMED = 20;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final BucketOption bucket = new BucketOption();

    @Option(
            names = "--symbol",
            required = true,
            paramLabel = "SYMBOL",
            description = "The symbol, for example BTCUSDT.")
    private @Nullable Symbol symbol;

    @Option(names = "--day", required = true, paramLabel = "DAY", description = "The UTC day: 2026-11-20.")
    private @Nullable TradeTime day;

    /** Whose format it is. */
    enum Layout {
        BINANCE
    }

    /** The container of the rows. */
    enum As {
        CSV,
        PARQUET
    }

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            defaultValue = "binance",
            description = "The format: binance, as at data.binance.vision (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("UnusedVariable") // there is one layout; the option lets scripts name it
    private Layout layout = Layout.BINANCE;

    @Option(
            names = "--as",
            paramLabel = "FORMAT",
            defaultValue = "csv",
            description = "csv, or the same columns as parquet (default: ${DEFAULT-VALUE}).")
    private As as = As.CSV;

    @Option(
            names = "--zip",
            description = "Write the CSV into a zip file with a .CHECKSUM beside it, as the exchange does.")
    private boolean isZipped;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "The directory to write to; it must exist (default: this one).")
    private Path out = Path.of(".");

    @Option(
            names = "--allow-gaps",
            description = "Write the file although trades are missing, and list what is missing.")
    private boolean allowGaps;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        DailyFile file = file(Objects.requireNonNull(symbol), Objects.requireNonNull(day));
        for (Path each : file.files()) {
            if (Files.exists(each)) {
                throw terminal.wrong(each + " already exists; delete it, or choose another directory with --out");
            }
        }
        if (!Files.isDirectory(out) || !Files.isWritable(out)) {
            throw terminal.wrong("--out " + out + " is not a directory that this user may write to; create it first");
        }
        long fromMs = Objects.requireNonNull(day).epochMs();
        return RecordedTrades.use(
                terminal, bucket, file.symbol(), fromMs, fromMs + DAY_MS, trades -> write(trades, file));
    }

    private DailyFile file(Symbol wanted, TradeTime moment) {
        if (moment.epochMs() % DAY_MS != 0) {
            throw terminal.wrong("--day " + moment + " is a time; give a day such as 2026-11-20");
        }
        if (isZipped && as == As.PARQUET) {
            throw terminal.wrong("--zip is for CSV; leave out --as parquet or --zip");
        }
        DailyFile.Kind kind =
                as == As.PARQUET ? DailyFile.Kind.PARQUET : isZipped ? DailyFile.Kind.ZIP : DailyFile.Kind.CSV;
        return new DailyFile(
                out,
                wanted,
                Instant.ofEpochMilli(moment.epochMs()).atOffset(ZoneOffset.UTC).toLocalDate(),
                kind);
    }

    private ExitCode write(RecordedTrades trades, DailyFile file) throws SQLException, IOException {
        if (!trades.unreadHoursMs().isEmpty()) {
            String hours = String.join(
                    ", ",
                    trades.unreadHoursMs().stream().map(ExportCommand::hour).toList());
            return refused("Nothing was written: what is recorded of these hours cannot be used: " + hours);
        }
        DayFacts facts = DayFacts.read(trades.duck());
        if (!facts.disputed().isEmpty()) {
            return refused("Nothing was written: recorded copies differ, of trade " + named(facts.disputed())
                    + ". The command compact shows both versions and their parts");
        }
        facts.doubts().stream().limit(MAX_NAMED).forEach(terminal.err()::println);
        if (facts.doubts().size() > MAX_NAMED) {
            terminal.err().println("and " + (facts.doubts().size() - MAX_NAMED) + " more");
        }
        if (!facts.doubts().isEmpty() && !allowGaps) {
            return refused(
                    "Nothing was written: the day is not complete. Fill it with the collector's backfill, or write it"
                            + " as it is with --allow-gaps");
        }
        file.write(trades.duck(), trades.work());
        terminal.print(String.format(
                Locale.ROOT,
                "Wrote %s: %,d trades, ids %d to %d",
                file.path(),
                facts.trades(),
                facts.idFirst(),
                facts.idLast()));
        return ExitCode.DONE;
    }

    private static String hour(long hourMs) {
        return Instant.ofEpochMilli(hourMs).toString();
    }

    private static String named(List<Long> ids) {
        String first = String.join(
                ", ", ids.stream().limit(MAX_NAMED).map(String::valueOf).toList());
        return ids.size() > MAX_NAMED ? first + " and " + (ids.size() - MAX_NAMED) + " more" : first;
    }

    private ExitCode refused(String message) {
        terminal.err().println(message);
        return ExitCode.FOUND_WANTING;
    }
}
