package io.marketdata.collector.command;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The exchange simulator by itself, for trying a collector against it. */
@Command(
        name = "simulate",
        description =
                "Plays an exchange simulator on this machine: WebSocket trade streams and REST, from a recording or made"
                        + " up. Nothing outside this machine can reach it.",
        footer = {
            "",
            "Example: java -jar collector.jar simulate --port 9443 --rest-port 9080",
            "and in another window: WS_URL=ws://127.0.0.1:9443 REST_URL=http://127.0.0.1:9080 RAW_BUCKET=file:./bucket"
                    + " java -jar collector.jar",
        },
        mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {

    private static final int PROGRESS_SECONDS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How trades are made up. */
    enum Profile {
        /** Sweeps and pauses as on a real market. */
        BURSTS,
        /** One at a time, at even distances. */
        FLAT
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--symbol",
            split = ",",
            paramLabel = "SYMBOL",
            description = "Symbols to make trades up for, separated by commas (default: BTCUSDT).")
    private List<String> symbols = List.of("BTCUSDT");

    @Option(
            names = "--replay",
            paramLabel = "FILE.jsonl.gz",
            description = "Replay recorded frames instead, one a line.")
    private @Nullable Path source;

    @Option(names = "--speed", description = "Replay so many times faster (default: ${DEFAULT-VALUE}).")
    private double speed = 1;

    @Option(names = "--rate", description = "Trades a second of each symbol (default: ${DEFAULT-VALUE}).")
    private double rate = 35;

    @Option(
            names = "--profile",
            description = "bursts: as on a real market; flat: at even distances (default: ${DEFAULT-VALUE}).")
    private Profile profile = Profile.BURSTS;

    @Option(names = "--seed", description = "The same seed makes the same trades (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--port", description = "WebSocket port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port = 9_443;

    @Option(names = "--rest-port", description = "REST port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int restPort = 9_080;

    @Option(names = "--now", description = "Begin at once, not when the first connection asks for a stream.")
    private boolean now;

    @Option(names = "--seconds", description = "Stop making trades after so many seconds (default: never).")
    private int seconds = Integer.MAX_VALUE;

    @Option(
            names = "--exit-when-done",
            description = "End when the trade source has ended, instead of staying connected.")
    private boolean exitWhenDone;

    @Option(
            names = "--script",
            paramLabel = "FILE.yaml",
            description = "What goes wrong, and when (docs/SIMULATOR.md; default: nothing).")
    private @Nullable Path script;

    @Option(
            names = "--control-port",
            paramLabel = "PORT",
            description = "Take faults over HTTP: POST /fault, GET /status; 0 takes a free port (default: off).")
    private @Nullable Integer controlPort;

    @Option(
            names = "--endpoints",
            paramLabel = "N",
            description = "WebSocket ports, from --port upwards (default: ${DEFAULT-VALUE}).")
    private int endpoints = 1;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<Symbol> wanted = checkedSymbols();
        check(speed > 0, "--speed must be more than 0, was " + speed);
        check(rate > 0 && rate <= 1_000_000, "--rate must be more than 0 and at most 1000000, was " + rate);
        check(seconds > 0, "--seconds must be more than 0, was " + seconds);
        check(port >= 0 && port < 65_536, "--port must be 0 to 65535, was " + port);
        check(restPort >= 0 && restPort < 65_536, "--rest-port must be 0 to 65535, was " + restPort);
        check(
                controlPort == null || (controlPort >= 0 && controlPort < 65_536),
                "--control-port must be 0 to 65535, was " + controlPort);
        check(endpoints >= 1 && endpoints <= 16, "--endpoints must be 1 to 16, was " + endpoints);
        try (StopSignal signal = new StopSignal(PATIENCE);
                ExchangeSimulator exchange = open(wanted, out)) {
            out.printf(
                    Locale.ROOT,
                    "WS_URL=%s REST_URL=%s%n",
                    exchange.webSocketUris().stream().map(URI::toString).collect(Collectors.joining(",")),
                    exchange.restUri());
            exchange.controlUri().ifPresent(uri -> out.printf(Locale.ROOT, "control: %s%n", uri));
            out.flush();
            play(out, exchange, signal);
            exchange.symbols()
                    .forEach(symbol -> exchange.issued(symbol)
                            .ifPresentOrElse(
                                    ids -> out.printf(
                                            Locale.ROOT,
                                            "%s: %d trades issued, ids %d to %d%n",
                                            symbol,
                                            ids.count(),
                                            ids.first(),
                                            ids.last()),
                                    () -> out.printf(Locale.ROOT, "%s: no trade issued%n", symbol)));
            out.flush();
            return ExitCode.DONE.code();
        } catch (IOException e) {
            spec.commandLine().getErr().println("The exchange simulator cannot be started: " + e.getMessage());
            return ExitCode.USAGE.code();
        }
    }

    private List<Symbol> checkedSymbols() {
        List<Symbol> wanted = new ArrayList<>();
        for (String symbol : symbols) {
            try {
                wanted.add(Symbol.of(symbol));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(
                        spec.commandLine(), "--symbol: " + symbol + " is not " + Symbol.ALLOWED, e);
            }
        }
        return wanted;
    }

    private void check(boolean right, String message) {
        if (!right) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private ExchangeSimulator open(List<Symbol> wanted, PrintWriter out) throws IOException {
        ExchangeOptions options = ExchangeOptions.defaults()
                .onPorts(port, restPort)
                .startingAfter(now ? 0 : 1)
                .withScript(script == null ? FaultScript.EMPTY : FaultScript.read(script))
                .withEndpoints(endpoints);
        options = controlPort == null ? options : options.withControlPort(controlPort);
        ThreadFactory threads = Threads.daemons("exchange");
        java.util.function.Consumer<String> journal = event -> {
            synchronized (out) {
                out.println(event);
                out.flush();
            }
        };
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
                out.printf(
                        Locale.ROOT,
                        "%d trades (%d/s), %d connections%s%n",
                        issued,
                        (issued - before) / PROGRESS_SECONDS,
                        exchange.connectionCount(),
                        ended ? "; the trade source has ended" : "");
                out.flush();
                before = issued;
            }
        }
    }
}
