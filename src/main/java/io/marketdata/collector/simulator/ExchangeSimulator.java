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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An exchange simulator on the loopback address: WebSocket streams and REST from one replay file, as faithful to Binance's documents
 * and observed behaviour as the collector's tests need. It knows which ids it issued, and so is the judge of what was
 * recorded. Nothing is replayed: a connection begins at the next trade.
 *
 * <p>What goes wrong is a {@link Fault}: scripted by {@link ExchangeOptions#withScript}, or inflicted at any time.
 */
public final class ExchangeSimulator implements AutoCloseable {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

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
        this.player = new Player(
                source,
                options.script(),
                histories,
                streams.connections(),
                options.startAfter(),
                time,
                this::inflictElsewhere);
        try {
            this.rest = new RestServer(options.restPort(), histories, threads, time);
            try {
                this.control = options.controlPort() == null
                        ? null
                        : new ControlServer(options.controlPort(), this::inflict, this::status, threads);
            } catch (IOException e) {
                rest.close();
                throw e;
            }
        } catch (IOException e) {
            streams.close();
            throw e;
        }
    }

    /**
     * Replays a recording ({@code .jsonl.gz}, one frame a line).
     *
     * @param speed how many times faster than it was recorded
     * @param threads makes the exchange's threads
     * @param journal told, in a few words, of closes and refusals
     * @throws IOException if the recording cannot be read or a port is taken
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
     * Makes trades up, without end.
     *
     * @param rate trades a second of each symbol, on average
     * @param flat at even distances, instead of sweeps and pauses
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

    /** For {@code WS_URL}; the first, if there are several endpoints. */
    public URI webSocketUri() {
        return webSocketUris().get(0);
    }

    /** One for each endpoint. */
    public List<URI> webSocketUris() {
        return streams.ports().stream()
                .map(port -> URI.create("ws://127.0.0.1:" + port))
                .toList();
    }

    /** Where faults are taken over HTTP; empty if there is no control port. */
    public Optional<URI> controlUri() {
        return Optional.ofNullable(control).map(server -> URI.create("http://127.0.0.1:" + server.port()));
    }

    /** For {@code REST_URL}. */
    public URI restUri() {
        return URI.create("http://127.0.0.1:" + rest.port());
    }

    /** The ids issued so far, all of them between the two; since ids began again, if they did; empty before the first. */
    public Optional<IdRange> issued(Symbol symbol) {
        TradeHistory history = histories.get(symbol);
        return history == null ? Optional.empty() : history.issued();
    }

    /** The ids ever issued, oldest first; each range but the first begins at 0, by {@link Fault.ResetIds}. */
    public List<IdRange> issuedRanges(Symbol symbol) {
        TradeHistory history = histories.get(symbol);
        return history == null ? List.of() : history.issuedRanges();
    }

    /** Trades issued so far, of all symbols. */
    public long issuedCount() {
        return player.issuedCount();
    }

    public List<Symbol> symbols() {
        return List.copyOf(histories.keySet());
    }

    /** Connections that are open. */
    public int connectionCount() {
        return streams.open().size();
    }

    /** Waits until exactly so many connections are open; whether they are. */
    public boolean awaitConnections(int count, Duration timeout) {
        long began = time.nanoTime();
        while (connectionCount() != count) {
            if (time.nanoTime() - began >= timeout.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    /** Upgrades that ever arrived, refused ones too. */
    public long upgradeAttempts() {
        return streams.attempts();
    }

    /** REST requests that ever arrived, refused ones too, by path. */
    public Map<String, Long> restRequests() {
        return rest.requests();
    }

    /** Issues no more trades; connections stay, and everything issued is still delivered. */
    public void stopTrades() {
        player.stopTrades();
    }

    /** Waits until the trade source has ended or was stopped. */
    public boolean awaitEndOfTrades(long timeout, TimeUnit unit) throws InterruptedException {
        return player.awaitEnd(timeout, unit);
    }

    /** Carries a fault out now, between two trades. Any thread. What was done, in a few words. */
    public String inflict(Fault fault) {
        return player.inflict(fault);
    }

    private String inflictElsewhere(Fault fault) {
        String met = "";
        if (fault instanceof Fault.OfConnection some) {
            List<StreamConnection> targets = some.connection().of(streams.open());
            targets.forEach(connection -> connection.inflict(some));
            met = targets.isEmpty()
                    ? " met no connection"
                    : targets.stream()
                            .map(connection -> Long.toString(connection.number()))
                            .collect(Collectors.joining(", ", " met connection ", ""));
        } else if (fault instanceof Fault.OfUpgrades some) {
            streams.faults().add(some, some.extent());
        } else if (fault instanceof Fault.OfRest some) {
            rest.faults().inflict(some);
        } else if (fault instanceof Fault.Heal) {
            streams.open().forEach(StreamConnection::heal);
            streams.faults().clear();
            rest.faults().heal();
        }
        journal.accept("fault " + fault + met);
        return fault + met;
    }

    private ObjectNode status() {
        return ExchangeStatus.of(histories, streams, rest, player.issuedCount());
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
