package io.marketdata.query.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.command.Allowed;
import io.marketdata.collector.command.JsonOption;
import io.marketdata.collector.command.ProgressLine;
import io.marketdata.collector.command.Terminal;
import io.marketdata.collector.command.TradeTime;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.query.compact.Compaction;
import io.marketdata.query.compact.Compaction.Outcome;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.compact.HourCommit;
import io.marketdata.query.compact.HourSource;
import io.marketdata.query.compact.Outcomes;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compacts closed hours to Parquet. */
@Command(
        name = "compact",
        description = {
            "Compacts closed hours: each trade once and one-second bars, as Parquet below compact/, from the parts of all"
                    + " instances. An hour is made again only if its parts have changed.",
            "",
            "Needs the rights s3:ListBucket, s3:GetObject, and s3:PutObject on compact/*. Docs: docs/QUERYING.md.",
            "",
            "Exit code: 0 done, 1 parts are damaged or copies of a trade differ (with --check also: an hour is not"
                    + " compacted from its present parts), 2 something could not be read or written, or there is nothing.",
        },
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} compact --bucket my-bucket --symbol BTCUSDT --day 2026-11-20",
        },
        mixinStandardHelpOptions = true)
public final class CompactCommand implements Callable<Integer> {

    private static final int HOURS_OF_A_DAY = 24;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final BucketOption bucket = new BucketOption();

    @Option(
            names = "--symbol",
            required = true,
            split = ",",
            paramLabel = "SYMBOL",
            description = "The symbols, separated by commas, for example BTCUSDT.")
    private List<Symbol> symbols = List.of();

    @Option(names = "--day", paramLabel = "DAY", description = "The closed hours of a UTC day: 2026-11-20.")
    private @Nullable TradeTime day;

    @Allowed(least = "1", most = "9000")
    @Option(
            names = "--last",
            paramLabel = "N",
            description = "The last N closed hours, in place of --day. For a job that runs every hour: 26.")
    private @Nullable Integer last;

    @Option(
            names = "--check",
            description = "Write nothing; say whether each hour is compacted from its present parts and whole.")
    private boolean check;

    @Allowed(least = "0s", most = "24h")
    @Option(
            names = "--settle",
            paramLabel = "TIME",
            defaultValue = "20m",
            description = "How long after its end an hour counts as closed (default: ${DEFAULT-VALUE}).")
    private Duration settle = Duration.ZERO;

    private final Outcomes outcomes = new Outcomes();
    private final ArrayNode hours = new ObjectMapper().createArrayNode();

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        List<Target> targets = targets(Time.SYSTEM.epochMillis());
        try (ObjectStore store = bucket.open();
                WorkDirectory work = bucket.work();
                ProgressLine progress = ProgressLine.on(terminal, json, "compact")) {
            Compaction compaction = new Compaction(store, work, bucket.requests());
            progress.at("hours", 0, targets.size());
            if (check) {
                compaction.check(targets, outcome -> take(outcome, progress, targets.size()));
            } else {
                try (DuckDb duck = DuckDb.open(work, "256MB")) {
                    compaction.compact(targets, duck, outcome -> take(outcome, progress, targets.size()));
                }
            }
        } catch (IOException | SQLException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK.code();
        }
        summary();
        return outcomes.exitCode().code();
    }

    private List<Target> targets(long nowMs) {
        if ((day == null) == (last == null)) {
            throw terminal.wrong("--day DAY or --last N is required, and only one of them");
        }
        if (day != null && day.epochMs() % (HOURS_OF_A_DAY * HourSource.HOUR_MS) != 0) {
            throw terminal.wrong("--day " + day + " is a time; give a day such as 2026-11-20");
        }
        long closedMs = nowMs - settle.toMillis();
        closedMs -= Math.floorMod(closedMs, HourSource.HOUR_MS);
        long firstMs = day == null ? closedMs - last * HourSource.HOUR_MS : day.epochMs();
        long endMs = day == null ? closedMs : Math.min(closedMs, day.epochMs() + HOURS_OF_A_DAY * HourSource.HOUR_MS);
        List<Target> targets = new ArrayList<>();
        for (Symbol symbol : symbols) {
            for (long hour = firstMs; hour < endMs; hour += HourSource.HOUR_MS) {
                targets.add(new Target(symbol, hour));
            }
        }
        return targets;
    }

    private void take(Outcome outcome, ProgressLine progress, int all) {
        outcomes.add(outcome);
        if (json.wanted()) {
            hours.add(document(outcome));
        } else {
            progress.close();
            outcome.lines().forEach(terminal::print);
        }
        progress.at("hours", outcomes.count(), all);
    }

    private static ObjectNode document(Outcome outcome) {
        ObjectNode node = new ObjectMapper()
                .createObjectNode()
                .put("symbol", outcome.target().symbol().value())
                .put("hour", Instant.ofEpochMilli(outcome.target().hourMs()).toString())
                .put("state", outcome.state().name().toLowerCase(Locale.ROOT));
        HourCommit commit = outcome.commit();
        if (commit != null) {
            node.put("trades", commit.trades())
                    .put("bars", commit.bars())
                    .put("missing_count", commit.missing())
                    .put("disagreements", commit.disagreements());
        }
        outcome.faults().forEach(node.putArray("faults")::add);
        outcome.notices().forEach(node.putArray("notices")::add);
        return node;
    }

    private void summary() {
        if (json.wanted()) {
            ObjectNode root = new ObjectMapper().createObjectNode();
            root.set("hours", hours);
            terminal.print(root.put("exit_code", outcomes.exitCode().code()).toString());
        } else if (outcomes.isNothing()) {
            terminal.print(
                    "There is nothing to compact: no closed hour with parts. Check --symbol, the time and --bucket.");
        }
    }
}
