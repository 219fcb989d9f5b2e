package io.marketdata.collector.feed;

import io.marketdata.collector.feed.FeedConnection.Phase;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.route.ProxyRule;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.Trades;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A feed that a test ticks by hand, on a clock that it moves, over real sockets. */
final class FeedRig implements AutoCloseable {

    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(45);

    /** For tests that skip hours while a connection is open. */
    static final Duration NEVER = Duration.ofDays(2);

    final SkippingTime time = new SkippingTime();
    final FakeSink sink = new FakeSink();
    final FeedMetrics metrics = new FeedMetrics(new Metrics());
    final List<Throwable> faults = new CopyOnWriteArrayList<>();
    final List<LineArbiter> arbiters;
    final Feed feed;

    private FeedRig(FeedOptions options, List<Symbol> symbols, DoubleSupplier random) {
        arbiters = symbols.stream()
                .map(symbol -> new LineArbiter(
                        symbol, sink, new LineArbiter.Limits(1_000_000, Duration.ofHours(1)), time, metrics))
                .toList();
        feed = new Feed(
                options,
                arbiters,
                sink,
                (progress, task) -> {
                    Thread thread = new Thread(task, progress.name());
                    thread.setDaemon(true);
                    thread.start();
                },
                time,
                random,
                faults::add,
                metrics);
    }

    /** Starts from the defaults of the settings. */
    static final class Builder {
        private final List<URI> servers;
        private @Nullable URI fallback;
        private int connections = 1;
        private Duration idleTimeout = NEVER;
        private Duration maxAge = Duration.ofDays(100);
        private Duration maxLag = Duration.ofSeconds(10);
        private List<Symbol> symbols = List.of(Trades.BTCUSDT);
        private DoubleSupplier random = () -> 0.5;

        Builder(List<URI> servers) {
            this.servers = servers;
        }

        Builder fallback(URI uri) {
            fallback = uri;
            return this;
        }

        Builder connections(int count) {
            connections = count;
            return this;
        }

        Builder idleTimeout(Duration timeout) {
            idleTimeout = timeout;
            return this;
        }

        Builder maxAge(Duration age) {
            maxAge = age;
            return this;
        }

        Builder maxLag(Duration lag) {
            maxLag = lag;
            return this;
        }

        Builder symbols(Symbol... all) {
            symbols = List.of(all);
            return this;
        }

        Builder random(DoubleSupplier source) {
            random = source;
            return this;
        }

        FeedRig build() {
            return new FeedRig(
                    new FeedOptions(
                            servers,
                            fallback,
                            connections,
                            Duration.ofSeconds(10),
                            idleTimeout,
                            1 << 20,
                            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30)),
                            60,
                            Duration.ofHours(12),
                            maxAge,
                            Duration.ZERO,
                            Duration.ofSeconds(60),
                            maxLag,
                            ProxyRule.DIRECT),
                    symbols,
                    random);
        }
    }

    static Builder on(URI... servers) {
        return new Builder(List.of(servers));
    }

    LineArbiter arbiter() {
        return arbiters.get(0);
    }

    /** Ticks, and waits until the connections that this opened have an answer. */
    void tick() throws Exception {
        feed.tick();
        settle(connection -> connection.phase() != Phase.CONNECTING);
    }

    /** The same with a server that ends every connection. */
    void tickToTheEnd() throws Exception {
        feed.tick();
        settle(connection -> connection.phase() == Phase.ENDED);
    }

    /** Waits until every connection is as wanted. */
    void settle(Predicate<FeedConnection> settled) {
        long began = System.nanoTime();
        while (!feed.connections().stream().allMatch(settled)) {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(30)) {
                throw new AssertionError("not settled within 30 s: " + names());
            }
            LockSupport.parkNanos(50_000);
        }
    }

    /** Ticks until a condition holds, without skipping time. */
    void tickUntil(String what, Await.Condition condition) throws Exception {
        Await.until(what, () -> {
            feed.tick();
            return condition.holds();
        });
    }

    /** Skips time, waits until more trades have been handled, and ticks. */
    void stepWithTrades(Duration step) throws Exception {
        time.skip(step);
        long seen = handled();
        long began = System.nanoTime();
        while (handled() < seen + 4) {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(30)) {
                throw new AssertionError("no trade within 30 s");
            }
            LockSupport.parkNanos(50_000);
        }
        tick();
    }

    /** The same, with at least one more trade of every connection. */
    void stepWithTradesOfAll(Duration step) throws Exception {
        time.skip(step);
        Map<FeedConnection, Long> seen = new HashMap<>();
        feed.connections().forEach(connection -> seen.put(connection, connection.trades()));
        settle(connection -> connection.trades() > seen.getOrDefault(connection, 0L) + 1);
        tick();
    }

    private long handled() {
        return sink.written.size() + sink.duplicates.get();
    }

    List<String> names() {
        return feed.connections().stream().map(connection -> connection.name).toList();
    }

    /** The connection of this name, until its feed line has forgotten it. */
    FeedConnection connection(String name) {
        return feed.connections().stream()
                .filter(connection -> connection.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + names()));
    }

    int open() {
        return (int) feed.connections().stream()
                .filter(connection -> connection.phase() == Phase.OPEN)
                .count();
    }

    List<URI> servers() {
        List<URI> servers = new ArrayList<>();
        feed.connections().forEach(connection -> servers.add(connection.server));
        return servers;
    }

    @Override
    public void close() {
        try {
            feed.stop(Duration.ofMillis(200));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
