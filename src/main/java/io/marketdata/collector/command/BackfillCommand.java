package io.marketdata.collector.command;

import io.marketdata.collector.collect.Backfill;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Fetches a range of trades by their ids into the bucket, for gaps that recording reports and does not fetch. */
@Command(
        name = "backfill",
        description = {
            "Fetches the trades of a range of ids over REST into the bucket, as parts named -rest-. Uses the settings of"
                    + " the collector, and may run beside it.",
            "",
            "1,200 weight a minute, the default, fetch about 44,000 trades a minute; a collector on the same address has the"
                    + " same need, see backfill.weight_per_minute.",
        },
        footer = {
            "",
            "Example: RAW_BUCKET=my-bucket java -jar collector.jar backfill --symbol BTCUSDT --from-id 3735683259 --to-id"
                    + " 3735703162",
        },
        mixinStandardHelpOptions = true)
public final class BackfillCommand implements Callable<Integer> {

    /** For the last part to be sealed; a put that is under way has its own time before that. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--symbol",
            required = true,
            paramLabel = "SYMBOL",
            description = "The symbol, for example BTCUSDT.")
    @SuppressWarnings("NullAway.Init") // required
    private String symbol;

    @Option(names = "--from-id", required = true, paramLabel = "ID", description = "The first trade id.")
    private long fromId;

    @Option(names = "--to-id", required = true, paramLabel = "ID", description = "The last trade id.")
    private long toId;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        IdRange ids = range();
        Symbol wanted = wanted();
        Settings settings;
        try {
            settings = SettingsLoader.ofProcess().load();
        } catch (SettingsException e) {
            e.problems().forEach(err::println);
            return ExitCode.CONFIG.code();
        }
        LogThreshold.set(settings.logLevel());
        try (StopSignal signal = new StopSignal(settings.upload().callTimeout().plus(PATIENCE));
                ObjectStore store = Recording.openStore(settings)) {
            Backfill backfill = new Backfill(settings, wanted, ids, store, new LocalDisk(), Time.SYSTEM);
            backfill.run(signal);
            return report(ids, backfill, store).code();
        } catch (FileOps.LockedException e) {
            err.println(e.getMessage() + "; a backfill of " + wanted + " runs there already");
            return ExitCode.SPOOL_IN_USE.code();
        } catch (IOException e) {
            err.println("The local disk failed, run the same command again: " + e);
            return ExitCode.DISK.code();
        }
    }

    private IdRange range() {
        try {
            return new IdRange(fromId, toId);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--from-id must be 0 or more and not above --to-id, was " + fromId, e);
        }
    }

    private Symbol wanted() {
        try {
            return Symbol.of(symbol);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--symbol: not " + Symbol.ALLOWED, e);
        }
    }

    private ExitCode report(IdRange ids, Backfill backfill, ObjectStore store) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "fetched %d of %d trades, into %s%n",
                backfill.backfilled(),
                ids.count(),
                store.describe());
        backfill.unrecoverable()
                .forEach(range -> out.printf(
                        Locale.ROOT,
                        "the exchange does not have %d to %d (%d trades)%n",
                        range.first(),
                        range.last(),
                        range.count()));
        backfill.left()
                .forEach(range -> out.printf(
                        Locale.ROOT,
                        "not asked for yet: --from-id %d --to-id %d (%d trades)%n",
                        range.first(),
                        range.last(),
                        range.count()));
        if (backfill.waitingParts() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%d parts wait in the spool and are uploaded by the next backfill of this symbol%n",
                    backfill.waitingParts());
        }
        out.flush();
        return backfill.backfilled() == ids.count() && backfill.waitingParts() == 0
                ? ExitCode.DONE
                : ExitCode.FOUND_WANTING;
    }
}
