package io.marketdata.collector.command;

import io.marketdata.collector.collect.Backfill;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
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
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Backfills a range of trade ids into the bucket, for gaps that the collector reports but does not fill. */
@Command(
        name = "backfill",
        description = {
            "Backfills a range of trade ids over REST into the bucket, as parts named -rest-. Uses the collector's"
                    + " settings and may run beside a collector.",
            "",
            "With the default request weight of 1,200 a minute it fetches about 44,000 trades a minute. A collector"
                    + " behind the same IP address uses as much; see backfill.weight_per_minute.",
        },
        footer = {
            "",
            "Example: RAW_BUCKET=my-bucket java -jar collector.jar backfill --symbol BTCUSDT --from-id 3735683259"
                    + " --to-id 3735703162",
        },
        mixinStandardHelpOptions = true)
public final class BackfillCommand implements Callable<Integer> {

    /** For sealing the last part, after the upload in progress has had its own time. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    private final Terminal terminal = new Terminal();

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
    public Integer call() throws InterruptedException, SettingsException {
        IdRange ids = range();
        Symbol wanted = terminal.symbol(symbol);
        Settings settings = StartSettings.load();
        LogThreshold.set(settings.logLevel());
        try (StopSignal signal = new StopSignal(settings.upload().callTimeout().plus(PATIENCE));
                ObjectStore store = Recording.openStore(settings)) {
            Backfill backfill = new Backfill(settings, wanted, ids, store, new LocalDisk(), Time.SYSTEM);
            backfill.run(signal);
            return report(ids, backfill, store).code();
        } catch (FileOps.LockedException e) {
            terminal.err()
                    .println(
                            e.getMessage() + "; another backfill of " + wanted + " runs there, or the collector uploads"
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

    private IdRange range() {
        try {
            return new IdRange(fromId, toId);
        } catch (IllegalArgumentException e) {
            throw terminal.wrong("--from-id must be 0 or more and not above --to-id, was " + fromId, e);
        }
    }

    private ExitCode report(IdRange ids, Backfill backfill, ObjectStore store) {
        PrintWriter out = terminal.out();
        out.println("backfilled " + backfill.backfilled() + " of " + LogText.count(ids.count(), "trade") + " into "
                + store.describe());
        for (IdRange range : backfill.unrecoverable()) {
            out.println("unrecoverable, the exchange does not have them: ids " + range.first() + " to " + range.last()
                    + size(range));
        }
        for (IdRange range : backfill.left()) {
            out.println("not requested yet: --from-id " + range.first() + " --to-id " + range.last() + size(range));
        }
        if (backfill.waitingParts() > 0) {
            out.println("backlog: " + LogText.count(backfill.waitingParts(), "part")
                    + " in the spool; the next backfill of this symbol uploads it");
        }
        out.flush();
        return backfill.backfilled() == ids.count() && backfill.waitingParts() == 0
                ? ExitCode.DONE
                : ExitCode.FOUND_WANTING;
    }

    private static String size(IdRange range) {
        return " (" + LogText.count(range.count(), "trade") + ")";
    }
}
