package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.WakeUp;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * Keeps redundant connections to the exchange alive: the configured number for each set of streams, so that the loss of
 * one costs no trade. One thread calls {@link #tick()} repeatedly; each connection has a thread of its own.
 */
public final class Feed {

    /** The pause between two checks of the connections while all are open. */
    private static final Duration TICK = Duration.ofSeconds(1);

    /** The same while one is missing: the pause before its next attempt may end at any moment. */
    private static final Duration MISSING_TICK = Duration.ofMillis(50);

    private final FeedOptions options;
    private final TradeSink sink;
    private final BiConsumer<ThreadProgress, Runnable> threads;
    private final Time time;
    private final DoubleSupplier random;
    private final Consumer<Throwable> fault;
    private final FeedMetrics metrics;
    private final FeedLog log;
    private final Endpoints endpoints;
    private final List<FeedLine> lines = new ArrayList<>();

    private volatile int openConnections;
    private volatile List<ConnectionState> states = List.of();

    private final WakeUp connectionEnded = new WakeUp();

    private volatile boolean stopping;

    /**
     * @param arbiters of the symbols to record, each once
     * @param sink receives frames that are no trades; trades go through the arbiters
     * @param threads runs a task on a new thread that has the name of the thread progress and keeps it
     * @param random jitter, in [0, 1)
     * @param fault receives the fault that made a frame impossible to accept, on the thread of the connection, which then ends
     */
    public Feed(
            FeedOptions options,
            List<LineArbiter> arbiters,
            TradeSink sink,
            BiConsumer<ThreadProgress, Runnable> threads,
            Time time,
            DoubleSupplier random,
            Consumer<Throwable> fault,
            FeedMetrics metrics) {
        this.options = options;
        this.sink = sink;
        this.threads = threads;
        this.time = time;
        this.random = random;
        this.fault = fault;
        this.metrics = metrics;
        log = new FeedLog(time);
        endpoints = new Endpoints(options.servers(), options.fallback());
        ConnectBudget budget = new ConnectBudget(options.attemptsPerWindow());
        List<Symbol> symbols = arbiters.stream().map(LineArbiter::symbol).toList();
        for (StreamSet streams : StreamSet.of(symbols)) {
            Stream<LineArbiter> some =
                    arbiters.stream().filter(a -> streams.symbols().contains(a.symbol()));
            addLines(streams, some.toList(), budget);
        }
    }

    private void addLines(StreamSet streams, List<LineArbiter> arbiters, ConnectBudget budget) {
        List<TradeTimeCheck> times =
                arbiters.stream().map(arbiter -> new TradeTimeCheck()).toList();
        for (int i = 0; i < options.connections(); i++) {
            int number = lines.size() + 1;
            lines.add(new FeedLine(
                    number,
                    options.connections(),
                    arbiters,
                    options,
                    endpoints,
                    budget,
                    (name, server) -> open(number, name, server, streams, arbiters, times),
                    time,
                    random,
                    metrics,
                    log));
        }
    }

    private FeedConnection open(
            int line,
            String name,
            URI server,
            StreamSet streams,
            List<LineArbiter> arbiters,
            List<TradeTimeCheck> times) {
        ThreadProgress threadProgress = new ThreadProgress(name.replace(' ', '-'));
        FeedConnection connection = new FeedConnection(
                line, name, server, streams, options, arbiters, sink, times, time, random, fault, threadProgress, log);
        threads.accept(threadProgress, () -> {
            try {
                connection.run();
            } finally {
                wake();
            }
        });
        return connection;
    }

    /**
     * Checks every connection once, and opens, replaces and closes connections as needed.
     *
     * @throws LocationRefusedException if every server refuses this location and no connection is open; a connection that was
     *     opened before the refusals is kept
     */
    public void tick() throws LocationRefusedException {
        int open = 0;
        for (FeedLine line : lines) {
            if (stopping) {
                return;
            }
            line.tick();
            open += line.open();
        }
        publish(open);
        if (open == 0 && endpoints.allRefuse()) {
            throw new LocationRefusedException(endpoints.refusing());
        }
    }

    /**
     * Closes every connection and opens none; called instead of {@link #tick()} while ingestion is paused. The next
     * tick opens connections again.
     */
    public void pause() {
        lines.forEach(FeedLine::pause);
        publish(0);
    }

    private void publish(int open) {
        openConnections = open;
        metrics.connectionsOpen.set(open);
        states = lines.stream().flatMap(line -> line.states().stream()).toList();
    }

    /** Every connection as of the last tick, including those that are being closed. Any thread. */
    public List<ConnectionState> states() {
        return states;
    }

    /** How many connections should be open, over all sets of streams. Any thread. */
    public int expectedConnections() {
        return lines.size();
    }

    /** How many connections were open at the last tick. Any thread. */
    public int openConnections() {
        return openConnections;
    }

    /** Waits until a connection has ended, but no longer than until the next check is due. */
    public void awaitEvent() throws InterruptedException {
        connectionEnded.await(openConnections < lines.size() ? MISSING_TICK : TICK);
    }

    /** Ends {@link #awaitEvent()}, or the next one. Any thread. */
    public void wake() {
        connectionEnded.wake();
    }

    /**
     * Closes every connection, and cuts those that have not ended within {@code patience}. Called after the last
     * {@link #tick()}. When this returns, no more trades are delivered.
     */
    public void stop(Duration patience) throws InterruptedException {
        stopping = true;
        List<FeedConnection> connections = connections();
        connections.forEach(FeedConnection::close);
        if (!awaitEnds(connections, patience)) {
            connections.forEach(FeedConnection::cut);
            awaitEnds(connections, patience);
        }
        connections.forEach(FeedConnection::abandon);
    }

    /** Every connection that may still deliver trades; on the thread that calls {@link #tick()}. */
    List<FeedConnection> connections() {
        return lines.stream().flatMap(line -> line.connections().stream()).toList();
    }

    private boolean awaitEnds(List<FeedConnection> connections, Duration patience) throws InterruptedException {
        long deadline = time.nanoTime() + patience.toNanos();
        while (connections.stream().anyMatch(connection -> connection.phase() != FeedConnection.Phase.ENDED)) {
            Duration left = Duration.ofNanos(deadline - time.nanoTime());
            if (left.isNegative()) {
                return false;
            }
            connectionEnded.await(left.compareTo(MISSING_TICK) < 0 ? left : MISSING_TICK);
        }
        return true;
    }
}
