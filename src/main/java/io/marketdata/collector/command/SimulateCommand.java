package io.marketdata.collector.command;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.FaultScript;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the exchange simulator alone, to try a collector against it. */
@Command(
        name = "simulate",
        description =
                "Runs an exchange simulator: WebSocket trade streams and REST, with replayed or generated trades. It is"
                        + " reachable from this machine only.",
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} simulate --port 9443 --rest-port 9080",
            "and in another terminal: WS_URL=ws://127.0.0.1:9443 REST_URL=http://127.0.0.1:9080"
                    + " LOCAL_DIR=./simulated-spool RAW_BUCKET=file:./simulated-bucket ${ROOT-COMMAND-NAME}",
        },
        mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {

    private static final int PROGRESS_SECONDS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How trades are generated. */
    enum Profile {
        /** In sweeps with pauses between them, as on a real market. */
        BURSTS,
        /** One at a time, evenly spaced. */
        FLAT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private final Terminal terminal = new Terminal();

    @Option(
            names = "--symbol",
            split = ",",
            paramLabel = "SYMBOL",
            description = "Symbols to generate trades for, separated by commas (default: BTCUSDT).")
    private List<Symbol> symbols = List.of(new Symbol("BTCUSDT"));

    @Option(
            names = "--replay",
            paramLabel = "FILE.jsonl.gz",
            description = "Replay recorded frames instead, one per line.")
    private @Nullable Path source;

    @Allowed(least = "0.001", most = "1000000")
    @Option(
            names = "--speed",
            paramLabel = "N",
            description = "Speed of the replay, as a multiple of the original (default: ${DEFAULT-VALUE}).")
    private double speed = 1;

    @Allowed(least = "0.001", most = "1000000")
    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Trades per second for each symbol (default: ${DEFAULT-VALUE}).")
    private double rate = 35;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "bursts: as on a real market; flat: evenly spaced (default: ${DEFAULT-VALUE}).")
    private Profile profile = Profile.BURSTS;

    @Allowed(least = "-9223372036854775808", most = "9223372036854775807")
    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed generates the same trades (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Allowed(least = "0", most = "65535")
    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "WebSocket port; 0 chooses a free one (default: ${DEFAULT-VALUE}).")
    private int port = 9_443;

    @Allowed(least = "0", most = "65535")
    @Option(
            names = "--rest-port",
            paramLabel = "PORT",
            description = "REST port; 0 chooses a free one (default: ${DEFAULT-VALUE}).")
    private int restPort = 9_080;

    @Option(
            names = "--now",
            description = "Start trading at once instead of when the first connection subscribes to a stream.")
    private boolean now;

    @Allowed(least = "1", most = "2147483647")
    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Stop trading after this many seconds (default: never).")
    private int seconds = Integer.MAX_VALUE;

    @Option(
            names = "--exit-when-done",
            description = "Exit when trading has ended, instead of keeping connections open.")
    private boolean exitWhenDone;

    @Option(
            names = "--script",
            paramLabel = "FILE.yaml",
            description = "Faults to inject, and when (see docs/SIMULATOR.md; default: none).")
    private @Nullable Path script;

    @Allowed(least = "0", most = "65535")
    @Option(
            names = "--control-port",
            paramLabel = "PORT",
            description = "Accept faults over HTTP: POST /fault, GET /status; 0 chooses a free port (default: off).")
    private @Nullable Integer controlPort;

    @Allowed(least = "1", most = "16")
    @Option(
            names = "--endpoints",
            paramLabel = "N",
            description = "Number of WebSocket ports, counting up from --port (default: ${DEFAULT-VALUE}).")
    private int endpoints = 1;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = terminal.out();
        try (StopSignal signal = StopSignal.announcing(PATIENCE, () -> "closing the connections");
                ExchangeSimulator exchange = open(symbols, out)) {
            out.println("WS_URL="
                    + exchange.webSocketUris().stream().map(URI::toString).collect(Collectors.joining(","))
                    + " REST_URL=" + exchange.restUri());
            exchange.controlUri().ifPresent(uri -> out.println("control: " + uri));
            play(out, exchange, signal);
            exchange.symbols().forEach(symbol -> out.println(symbol + ": " + issued(exchange, symbol)));
            return ExitCode.DONE.code();
        } catch (IOException e) {
            terminal.err().println("The exchange simulator could not start: " + e.getMessage());
            return ExitCode.USAGE.code();
        }
    }

    private static String issued(ExchangeSimulator exchange, Symbol symbol) {
        return exchange.issued(symbol)
                .map(ids -> LogText.count(ids.count(), "trade") + " issued, ids " + ids.first() + " to " + ids.last())
                .orElse("no trade issued");
    }

    private ExchangeSimulator open(List<Symbol> wanted, PrintWriter out) throws IOException {
        ExchangeOptions options = ExchangeOptions.defaults()
                .onPorts(port, restPort)
                .startingAfter(now ? 0 : 1)
                .withScript(script == null ? FaultScript.EMPTY : FaultScript.read(script))
                .withEndpoints(endpoints);
        options = controlPort == null ? options : options.withControlPort(controlPort);
        ThreadFactory threads = Threads.daemons("exchange");
        Consumer<String> journal = out::println;
        return source == null
                ? ExchangeSimulator.inventing(
                        wanted, rate, profile == Profile.FLAT, seed, options, threads, Time.SYSTEM, journal)
                : ExchangeSimulator.replaying(source, speed, options, threads, Time.SYSTEM, journal);
    }

    private void play(PrintWriter out, ExchangeSimulator exchange, StopSignal signal) throws InterruptedException {
        long before = 0;
        long played = 0;
        boolean ended = false;
        for (long second = 1; !(ended && exitWhenDone) && !signal.await(Duration.ofSeconds(1)); second++) {
            long issued = exchange.issuedCount();
            played += issued > 0 ? 1 : 0;
            if (played >= seconds) {
                exchange.stopTrades();
            }
            boolean endedBefore = ended;
            ended = exchange.awaitEndOfTrades(0, TimeUnit.NANOSECONDS);
            if (second % PROGRESS_SECONDS == 0 || ended != endedBefore) {
                out.println(LogText.count(issued, "trade") + " (" + (issued - before) / PROGRESS_SECONDS + "/s), "
                        + LogText.count(exchange.connectionCount(), "connection")
                        + (ended ? "; the trade source has ended" : ""));
                before = issued;
            }
        }
    }
}
