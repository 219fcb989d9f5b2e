package io.marketdata.collector.feed;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Heartbeat;
import io.marketdata.collector.model.Symbol;
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
 * Keeps links to the exchange alive: for each set of streams as many as were asked for, so that the loss of one costs no
 * trade. One thread calls {@link #tick()} again and again; each link has a thread of its own.
 */
public final class Feed {

    /** Between two looks at the links, if nothing happens and all are open. */
    private static final Duration TICK = Duration.ofSeconds(1);

    /** The same while one is missing: a pause before the next attempt may be over at any moment. */
    private static final Duration MISSING_TICK = Duration.ofMillis(50);

    private final FeedOptions options;
    private final TradeSink sink;
    private final BiConsumer<Heartbeat, Runnable> threads;
    private final Time time;
    private final DoubleSupplier random;
    private final Consumer<Throwable> fault;
    private final Metrics metrics;
    private final Endpoints endpoints;
    private final List<Lane> lanes = new ArrayList<>();

    private volatile int openLinks;
    private volatile List<LinkState> states = List.of();

    private final WakeUp linkEnded = new WakeUp();

    private volatile boolean stopping;

    /**
     * @param gates of the symbols to record, each once
     * @param sink takes what is no trade; trades go through the gates
     * @param threads runs a task on a new thread that is named as the heartbeat is, and beats it
     * @param random jitter, in [0, 1)
     * @param fault told of what a link could not take a frame for, on the link's thread; the link has ended then
     */
    public Feed(
            FeedOptions options,
            List<TradeGate> gates,
            TradeSink sink,
            BiConsumer<Heartbeat, Runnable> threads,
            Time time,
            DoubleSupplier random,
            Consumer<Throwable> fault,
            Metrics metrics) {
        this.options = options;
        this.sink = sink;
        this.threads = threads;
        this.time = time;
        this.random = random;
        this.fault = fault;
        this.metrics = metrics;
        Map<Symbol, TradeGate> bySymbol = new HashMap<>();
        gates.forEach(gate -> bySymbol.put(gate.symbol(), gate));
        endpoints = new Endpoints(options.servers(), options.fallback());
        ConnectBudget budget = new ConnectBudget(options.attemptsPerWindow());
        for (StreamSet streams :
                StreamSet.of(gates.stream().map(TradeGate::symbol).toList())) {
            List<TradeGate> own = new ArrayList<>();
            streams.symbols().forEach(symbol -> {
                TradeGate gate = bySymbol.get(symbol);
                if (gate != null) {
                    own.add(gate);
                }
            });
            for (int i = 0; i < options.connections(); i++) {
                lanes.add(new Lane(
                        lanes.size() + 1,
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

    private FeedLink open(String name, URI server, StreamSet streams, List<TradeGate> gates) {
        Heartbeat heart = new Heartbeat(name.replace(' ', '-'));
        FeedLink link = new FeedLink(name, server, streams, options, gates, sink, time, random, fault, heart);
        threads.accept(heart, () -> {
            try {
                link.run();
            } finally {
                wake();
            }
        });
        return link;
    }

    /**
     * Looks after every link once.
     *
     * @throws LocationRefusedException if no server is left that takes connections from here, and no link is open: what
     *     is open goes on, for what refuses today may have let it in yesterday
     */
    public void tick() throws LocationRefusedException {
        int open = 0;
        for (Lane lane : lanes) {
            if (stopping) {
                return;
            }
            lane.tick();
            open += lane.open();
        }
        openLinks = open;
        publish();
        metrics.linksOpen.set(open);
        if (open == 0 && endpoints.allRefuse()) {
            throw new LocationRefusedException(endpoints.refusing());
        }
    }

    /**
     * Closes every link and opens none; instead of {@link #tick()}, for as long as nothing may be read. The next tick
     * opens links again.
     */
    public void rest() {
        lanes.forEach(Lane::rest);
        openLinks = 0;
        publish();
        metrics.linksOpen.set(0);
    }

    private void publish() {
        states = lanes.stream().flatMap(lane -> lane.states().stream()).toList();
    }

    /** Every link as it was when it was looked after last, those on their way out too. Any thread. */
    public List<LinkState> states() {
        return states;
    }

    /** How many links should be open, of all sets of streams together. Any thread. */
    public int expectedLinks() {
        return lanes.size();
    }

    /** How many links were open when they were looked after last. Any thread. */
    public int openLinks() {
        return openLinks;
    }

    /** Waits until a link has ended, and at most until it is time to look again. */
    public void awaitEvent() throws InterruptedException {
        linkEnded.await(openLinks < lanes.size() ? MISSING_TICK : TICK);
    }

    /** Ends {@link #awaitEvent()}, or the next one. Any thread. */
    public void wake() {
        linkEnded.wake();
    }

    /**
     * Ends every link: asks the exchange to close, and cuts what has not ended within {@code patience}. To be called when
     * {@link #tick()} is called no more. When this returns nothing is handed on any more.
     */
    public void stop(Duration patience) throws InterruptedException {
        stopping = true;
        List<FeedLink> links = links();
        links.forEach(FeedLink::close);
        if (!awaitEnds(links, patience)) {
            links.forEach(FeedLink::cut);
            awaitEnds(links, patience);
        }
        links.forEach(FeedLink::abandon);
    }

    /** Every link that may still bring something; on the thread that calls {@link #tick()}. */
    List<FeedLink> links() {
        return lanes.stream().flatMap(lane -> lane.links().stream()).toList();
    }

    private boolean awaitEnds(List<FeedLink> links, Duration patience) throws InterruptedException {
        long deadline = time.nanoTime() + patience.toNanos();
        while (links.stream().anyMatch(link -> link.phase() != FeedLink.Phase.ENDED)) {
            Duration left = Duration.ofNanos(deadline - time.nanoTime());
            if (left.isNegative()) {
                return false;
            }
            linkEnded.await(left.compareTo(MISSING_TICK) < 0 ? left : MISSING_TICK);
        }
        return true;
    }
}
