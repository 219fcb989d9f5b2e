package io.marketdata.query.command;

import io.marketdata.collector.command.Allowed;
import io.marketdata.collector.command.Terminal;
import io.marketdata.collector.command.TradeTime;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.query.chart.Chart;
import io.marketdata.query.chart.ChartReader;
import io.marketdata.query.chart.Grid;
import io.marketdata.query.chart.HtmlChart;
import io.marketdata.query.chart.SvgChart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws recorded trades. */
@Command(
        name = "chart",
        description = {
            "Draws recorded trades as candles with volume, shades gaps, and shows how many copies of each candle's trades are"
                    + " recorded. Changes nothing in the bucket.",
            "",
            "Exit code: 0 done, 2 something could not be read, or no trade is recorded in the period.",
        },
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} chart BTCUSDT --bucket my-bucket --from 2026-11-20T10:00Z --to 2026-11-20T14:00Z"
                    + " --out btcusdt.svg",
        },
        mixinStandardHelpOptions = true)
public final class ChartCommand implements Callable<Integer> {

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final BucketOption bucket = new BucketOption();

    @Parameters(paramLabel = "SYMBOL", description = "The symbol, for example BTCUSDT.")
    private @Nullable Symbol symbol;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "TIME",
            description = "The first moment: 2026-11-20T10:00Z, 2026-11-20, or ms since 1970 UTC.")
    private @Nullable TradeTime from;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "TIME",
            description = "The first moment after the last one. The period is widened to whole candles.")
    private @Nullable TradeTime to;

    @Allowed(least = "1s", most = "24h")
    @Option(
            names = "--every",
            paramLabel = "TIME",
            description =
                    "Length of a candle: 1s, 5m, 1h (default: the shortest of some that makes 500 candles at most).")
    private @Nullable Duration every;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "A new file: .svg is a picture, .html a page that can be moved and magnified. Neither needs a"
                    + " network.")
    private @Nullable Path out;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        Path file = Objects.requireNonNull(out);
        checkFile(file);
        Grid grid = grid(Objects.requireNonNull(from), Objects.requireNonNull(to));
        Symbol wanted = Objects.requireNonNull(symbol);
        return RecordedTrades.use(
                terminal, bucket, wanted, grid.fromMs(), grid.toMs(), trades -> draw(trades, wanted, grid, file));
    }

    private void checkFile(Path file) {
        if (!isPage(file) && !file.toString().endsWith(".svg")) {
            throw terminal.wrong("--out " + file + " must end with .svg or .html");
        }
        if (Files.exists(file)) {
            throw terminal.wrong("--out " + file + " already exists; choose a new file");
        }
        if (!Files.isWritable(file.toAbsolutePath().resolveSibling("."))) {
            throw terminal.wrong("--out " + file + ": its directory does not exist, or this user may not write to it");
        }
    }

    private static boolean isPage(Path file) {
        return file.toString().endsWith(".html");
    }

    private Grid grid(TradeTime first, TradeTime end) {
        if (first.epochMs() >= end.epochMs()) {
            throw terminal.wrong("--from " + first + " must be before --to " + end);
        }
        try {
            return Grid.of(first.epochMs(), end.epochMs(), every);
        } catch (IllegalArgumentException e) {
            throw terminal.wrong("--every " + e.getMessage());
        }
    }

    private ExitCode draw(RecordedTrades trades, Symbol wanted, Grid grid, Path file) throws SQLException, IOException {
        Chart chart = new ChartReader(trades.duck(), grid).read(wanted, trades.unreadHoursMs());
        if (chart.candles().isEmpty()) {
            terminal.err().println("No trade of " + wanted + " is recorded in this period. Check --from and --to.");
            return ExitCode.COULD_NOT_LOOK;
        }
        String text = isPage(file) ? HtmlChart.of(chart) : SvgChart.of(chart);
        Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        terminal.print("Wrote " + file + ": " + chart.facts());
        return ExitCode.DONE;
    }
}
