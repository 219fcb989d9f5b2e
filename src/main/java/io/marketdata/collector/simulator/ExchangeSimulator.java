package io.marketdata.collector.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Simulates the exchange on the loopback address: WebSocket streams and REST from one source of trades, as faithful to
 * Binance's documents and observed behaviour as the collector's tests need. It knows which ids it issued, so recordings are
 * checked against it. Trades are not repeated: a connection starts at the next trade.
 *
 * <p>Each {@link Fault} is scripted by {@link ExchangeOptions#withScript}, or inflicted at any time.
 */
public final class ExchangeSimulator implements AutoCloseable {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(2);

    private final Time time;
    private final ThreadFactory threads;
    private final Consumer<String> journal;
    private final Map<Symbol, TradeHistory> histories = new LinkedHashMap<>();
    private final StreamServer streams;
    private final RestServer rest;
    private final Player player;
    private final @Nullable ControlServer control;

    private ExchangeSimulator(
            TradeSource source, ExchangeOptions options, ThreadFactory threads, Time time, Consumer<String> journal)
            throws IOException {
        this.time = time;
        this.threads = threads;
        this.journal = journal;
        source.symbols().forEach(symbol -> histories.put(symbol, new TradeHistory()));
        this.streams = new StreamServer(options, threads, time, journal, this::opened);
        this.player = new Player(source, options, histories, streams.connections(), time, this::inflictOnServers);
        try {
            this.rest = new RestServer(options.restPort(), histories, threads, time);
            this.control = control(options.controlPort());
        } catch (IOException e) {
            streams.close();
            throw e;
        }
    }

    private @Nullable ControlServer control(@Nullable Integer port) throws IOException {
        Supplier<ObjectNode> status = () -> ExchangeStatus.of(histories, streams, rest, player.issuedCount());
        try {
            return port == null ? null : new ControlServer(port, this::inflict, status, threads);
        } catch (IOException e) {
            rest.close();
            throw e;
        }
    }

    /**
     * Replays recorded market data ({@code .jsonl.gz}, one frame per line).
     *
     * @param speed 1 is the speed of the recording, 2 is twice as fast
     * @param threads creates the threads of the exchange simulator
     * @param journal receives one short line per close, refusal and fault
     * @throws IOException if the file cannot be read or a port is taken
     */
    public static ExchangeSimulator replaying(
            Path recording,
            double speed,
            ExchangeOptions options,
            ThreadFactory threads,
            Time time,
            Consumer<String> journal)
            throws IOException {
        return new ExchangeSimulator(ReplayFile.read(recording, speed), options, threads, time, journal).start();
    }

    /**
     * Generates trades without end.
     *
     * @param rate trades per second of each symbol, on average
     * @param flat evenly spaced instead of sweeps and pauses
     * @param seed the same seed gives the same trades
     */
    public static ExchangeSimulator inventing(
            List<Symbol> symbols,
            double rate,
            boolean flat,
            long seed,
            ExchangeOptions options,
            ThreadFactory threads,
            Time time,
            Consumer<String> journal)
            throws IOException {
        return new ExchangeSimulator(new SyntheticTrades(symbols, rate, flat, seed), options, threads, time, journal)
                .start();
    }

    private ExchangeSimulator start() {
        streams.start();
        rest.start();
        if (control != null) {
            control.start();
        }
        threads.newThread(player::play).start();
        return this;
    }

    /** For {@code WS_URL}; the first if there are several endpoints. */
    public URI webSocketUri() {
        return webSocketUris().get(0);
    }

    public List<URI> webSocketUris() {
        return streams.ports().stream()
                .map(port -> URI.create("ws://127.0.0.1:" + port))
                .toList();
    }

    /** Address of the control server; empty if there is none. */
    public Optional<URI> controlUri() {
        return Optional.ofNullable(control).map(server -> URI.create("http://127.0.0.1:" + server.port()));
    }

    /** For {@code REST_URL}. */
    public URI restUri() {
        return URI.create("http://127.0.0.1:" + rest.port());
    }

    /** The ids issued so far, since the last sequence reset; empty before the first trade. */
    public Optional<IdRange> issued(Symbol symbol) {
        return Optional.ofNullable(histories.get(symbol)).flatMap(TradeHistory::issued);
    }

    /** All ids ever issued, oldest first; each range but the first starts at 0, after {@link Fault.ResetIds}. */
    public List<IdRange> issuedRanges(Symbol symbol) {
        TradeHistory history = histories.get(symbol);
        return history == null ? List.of() : history.issuedRanges();
    }

    /** Number of trades of all symbols issued so far. */
    public long issuedCount() {
        return player.issuedCount();
    }

    public List<Symbol> symbols() {
        return List.copyOf(histories.keySet());
    }

    public int connectionCount() {
        return streams.open().size();
    }

    /** Waits until exactly {@code count} connections are open; false after the timeout or an interrupt. */
    public boolean awaitConnections(int count, Duration timeout) {
        long began = time.nanoTime();
        while (connectionCount() != count) {
            if (time.nanoTime() - began >= timeout.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_INTERVAL.toNanos());
        }
        return true;
    }

    /** Number of upgrade requests so far, including refused ones. */
    public long upgradeAttempts() {
        return streams.attempts();
    }

    /** Number of REST requests so far by path, including refused ones. */
    public Map<String, Long> restRequests() {
        return rest.requests();
    }

    /** Stops issuing trades; connections stay open, and every issued trade is still delivered. */
    public void stopTrades() {
        player.stopTrades();
    }

    /** Waits until the trade source has ended or has been stopped. */
    public boolean awaitEndOfTrades(long timeout, TimeUnit unit) throws InterruptedException {
        return player.awaitEnd(timeout, unit);
    }

    /** Inflicts a fault now, between two trades. Any thread. Returns a short description of what was done. */
    public String inflict(Fault fault) {
        return player.inflict(fault);
    }

    private String inflictOnServers(Fault fault) {
        String met = "";
        if (fault instanceof Fault.OfConnection some) {
            met = inflictOnConnections(some);
        } else if (fault instanceof Fault.OfUpgrades some) {
            streams.faults().add(some, some.extent());
        } else if (fault instanceof Fault.OfRest some) {
            rest.faults().inflict(some);
        } else if (fault instanceof Fault.Heal) {
            streams.open().forEach(StreamConnection::heal);
            streams.faults().clear();
            rest.faults().heal();
        }
        String text = FaultWords.of(fault) + met;
        journal.accept("fault " + text);
        return text;
    }

    private String inflictOnConnections(Fault.OfConnection fault) {
        List<StreamConnection> targets = fault.connection().of(streams.open());
        targets.forEach(connection -> connection.inflict(fault));
        String numbers =
                targets.stream().map(target -> Long.toString(target.number())).collect(Collectors.joining(", "));
        return targets.isEmpty() ? " met no connection" : " met connection " + numbers;
    }

    private void opened(StreamConnection connection) {
        if (!connection.subscriptions().isEmpty()) {
            player.subscribed();
        }
    }

    @Override
    public void close() throws IOException {
        player.close();
        if (control != null) {
            control.close();
        }
        streams.close();
        rest.close();
    }
}
