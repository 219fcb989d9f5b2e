package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.WakeUp;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Keeps connections to the exchange alive: for each set of streams as many as were asked for, so that the loss of one costs no
 * trade. One thread calls {@link #tick()} again and again; each connection has a thread of its own.
 */
public final class Feed {

    /** Between two looks at the connections, if nothing happens and all are open. */
    private static final Duration TICK = Duration.ofSeconds(1);

    /** The same while one is missing: a pause before the next attempt may be over at any moment. */
    private static final Duration MISSING_TICK = Duration.ofMillis(50);

    private final FeedOptions options;
    private final TradeSink sink;
    private final BiConsumer<ThreadProgress, Runnable> threads;
    private final Time time;
    private final DoubleSupplier random;
    private final Consumer<Throwable> fault;
    private final FeedMetrics metrics;
    private final Endpoints endpoints;
    private final List<FeedLine> lines = new ArrayList<>();

    private volatile int openConnections;
    private volatile List<ConnectionState> states = List.of();

    private final WakeUp connectionEnded = new WakeUp();

    private volatile boolean stopping;

    /**
     * @param arbiters of the symbols to record, each once
     * @param sink takes what is no trade; trades go through the arbiters
     * @param threads runs a task on a new thread that is named as the heartbeat is, and beats it
     * @param random jitter, in [0, 1)
     * @param fault told of what a connection could not take a frame for, on the connection's thread; the connection has ended then
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
        Map<Symbol, LineArbiter> bySymbol = new HashMap<>();
        arbiters.forEach(arbiter -> bySymbol.put(arbiter.symbol(), arbiter));
        endpoints = new Endpoints(options.servers(), options.fallback());
        ConnectBudget budget = new ConnectBudget(options.attemptsPerWindow());
        for (StreamSet streams :
                StreamSet.of(arbiters.stream().map(LineArbiter::symbol).toList())) {
            List<LineArbiter> own = new ArrayList<>();
            streams.symbols().forEach(symbol -> {
                LineArbiter arbiter = bySymbol.get(symbol);
                if (arbiter != null) {
                    own.add(arbiter);
                }
            });
            for (int i = 0; i < options.connections(); i++) {
                lines.add(new FeedLine(
                        lines.size() + 1,
                        options.connections(),
                        own,
                        options,
                        endpoints,
                        budget,
                        (name, server) -> open(name, server, streams, own),
                        time,
                        random,
                        metrics));
            }
        }
    }

    private FeedConnection open(String name, URI server, StreamSet streams, List<LineArbiter> arbiters) {
        ThreadProgress progress = new ThreadProgress(name.replace(' ', '-'));
        FeedConnection connection =
                new FeedConnection(name, server, streams, options, arbiters, sink, time, random, fault, progress);
        threads.accept(progress, () -> {
            try {
                connection.run();
            } finally {
                wake();
            }
        });
        return connection;
    }

    /**
     * Looks after every connection once.
     *
     * @throws LocationRefusedException if no server is left that takes connections from here, and no connection is open: what
     *     is open goes on, for what refuses today may have let it in yesterday
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
        openConnections = open;
        publish();
        metrics.connectionsOpen.set(open);
        if (open == 0 && endpoints.allRefuse()) {
            throw new LocationRefusedException(endpoints.refusing());
        }
    }

    /**
     * Closes every connection and opens none; instead of {@link #tick()}, for as long as nothing may be read. The next tick
     * opens connections again.
     */
    public void rest() {
        lines.forEach(FeedLine::rest);
        openConnections = 0;
        publish();
        metrics.connectionsOpen.set(0);
    }

    private void publish() {
        states = lines.stream().flatMap(line -> line.states().stream()).toList();
    }

    /** Every connection as it was when it was looked after last, those on their way out too. Any thread. */
    public List<ConnectionState> states() {
        return states;
    }

    /** How many connections should be open, of all sets of streams together. Any thread. */
    public int expectedConnections() {
        return lines.size();
    }

    /** How many connections were open when they were looked after last. Any thread. */
    public int openConnections() {
        return openConnections;
    }

    /** Waits until a connection has ended, and at most until it is time to look again. */
    public void awaitEvent() throws InterruptedException {
        connectionEnded.await(openConnections < lines.size() ? MISSING_TICK : TICK);
    }

    /** Ends {@link #awaitEvent()}, or the next one. Any thread. */
    public void wake() {
        connectionEnded.wake();
    }

    /**
     * Ends every connection: asks the exchange to close, and cuts what has not ended within {@code patience}. To be called when
     * {@link #tick()} is called no more. When this returns nothing is handed on any more.
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

    /** Every connection that may still bring something; on the thread that calls {@link #tick()}. */
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
