package io.marketdata.query.command;

import io.marketdata.collector.command.Terminal;
import io.marketdata.collector.command.TradeTime;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.compact.LocalHours;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import io.marketdata.query.sql.Format;
import io.marketdata.query.sql.Question;
import io.marketdata.query.sql.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers SQL about recorded trades. */
@Command(
        name = "sql",
        description = {
            "Answers SQL about recorded trades, with DuckDB in this process. Hours that are compacted are read from"
                    + " compact/, others are made from their parts; both stay in the work directory for the next query.",
            "",
            "Views: trades, bars_1s, bars_1m, bars_1s_filled, manifests, gaps, coverage; their columns: docs/QUERYING.md."
                    + " The statement can read and write no other file and no network.",
            "",
            "Exit code: 0 done, 1 the statement failed, 2 something could not be read.",
        },
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} sql --bucket my-bucket --symbol BTCUSDT --from 2026-11-20 --to 2026-11-21 \"SELECT"
                    + " * FROM bars_1m LIMIT 10\"",
        },
        mixinStandardHelpOptions = true)
public final class SqlCommand implements Callable<Integer> {

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final BucketOption bucket = new BucketOption();

    @Parameters(paramLabel = "SQL", description = "The statement.")
    private String sql = "";

    @Option(
            names = "--symbol",
            split = ",",
            paramLabel = "SYMBOL",
            description = "The symbols to read, separated by commas (default: all of the bucket).")
    private List<Symbol> symbols = List.of();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description =
                    "The first moment to read: 2026-11-20T10:00Z, 2026-11-20, or ms since 1970 UTC (default: all).")
    private @Nullable TradeTime from;

    @Option(names = "--to", paramLabel = "TIME", description = "The first moment after the last one (default: all).")
    private @Nullable TradeTime to;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, csv, json (one object a line) or parquet (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the result to this file, which is replaced.")
    private @Nullable Path out;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        if (format == Format.PARQUET && out == null) {
            throw terminal.wrong("--format parquet needs --out FILE");
        }
        long fromMs = from == null ? 0 : from.epochMs();
        long toMs = to == null ? RecordedTrades.END_OF_TIME_MS : to.epochMs();
        if (fromMs >= toMs) {
            throw terminal.wrong("--from " + from + " must be before --to " + to);
        }
        try (ObjectStore store = bucket.open();
                WorkDirectory work = bucket.work();
                DuckDb duck = DuckDb.open(work, "512MB")) {
            load(store, work, duck, fromMs, toMs);
            duck.lock(List.of(work.hours(), work.run()));
            return answer(new Question(duck, work, sql)).code();
        } catch (StoreException | IOException | SQLException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK.code();
        }
    }

    private void load(ObjectStore store, WorkDirectory work, DuckDb duck, long fromMs, long toMs)
            throws StoreException, InterruptedException, IOException, SQLException {
        LocalHours hours = new LocalHours(store, work, bucket.requests());
        List<Target> targets = new ArrayList<>();
        for (Symbol symbol : symbols.isEmpty() ? recorded(store) : symbols) {
            targets.addAll(hours.recorded(symbol, fromMs, toMs));
        }
        Views.create(duck, RecordedTrades.load(terminal, hours, targets, duck), fromMs, toMs);
        if (targets.isEmpty()) {
            terminal.err()
                    .println(
                            "Nothing is recorded there, so every view is empty. Check --bucket, --symbol, --from and --to.");
        }
        terminal.err().flush();
    }

    private static List<Symbol> recorded(ObjectStore store) throws StoreException {
        return store.folders(KeyLayout.SYMBOLS).stream()
                .flatMap(folder -> KeyLayout.symbolOf(folder).stream())
                .toList();
    }

    private ExitCode answer(Question question) throws IOException {
        try {
            question.answer(format, out, System.out);
            return ExitCode.DONE;
        } catch (SQLException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.FOUND_WANTING;
        }
    }
}
