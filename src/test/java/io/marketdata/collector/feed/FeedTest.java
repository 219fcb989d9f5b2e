package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that end and are replaced: few attempts, and no trade lost. */
@Tag("long")
@Isolated("its virtual time must not pass faster than real sockets connect")
class FeedTest {

    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");
    private static final double RATE = 500;

    private static ExchangeSimulator exchange(ExchangeOptions options) throws IOException {
        return ExchangeSimulator.inventing(
                List.of(Trades.BTCUSDT), RATE, false, 5, options, FeedTest::daemon, Time.SYSTEM, line -> {});
    }

    private static ExchangeSimulator exchange() throws IOException {
        return exchange(ExchangeOptions.defaults());
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "exchange");
        thread.setDaemon(true);
        return thread;
    }

    private static Fault refuse(int status, int endpoint) {
        return new Fault.RefuseUpgrades(status, null, Extent.always(), endpoint);
    }

    private static Fault refuse(int status) {
        return new Fault.RefuseUpgrades(status, Extent.always());
    }

    // ---- ingestion pauses ----

    @Test
    void pausedFeedClosesItsConnectionsAndResumesWithTheNextTick() throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri()).connections(2).build()) {
            rig.tickUntil("both connections", () -> rig.open() == 2 && !rig.sink.written.isEmpty());
            long attempts = exchange.upgradeAttempts();

            Await.until("no connection", () -> {
                rig.feed.pause();
                rig.time.skip(Duration.ofMillis(100));
                return rig.names().isEmpty();
            });
            assertThat(exchange.upgradeAttempts()).isEqualTo(attempts);
            int written = rig.sink.written.size();

            rig.tickUntil("trades again", () -> rig.open() == 2 && rig.sink.written.size() > written);
            assertThat(rig.arbiter().gaps()).as("missed trades").hasSize(1);
            assertThat(rig.faults).isEmpty();
        }
    }

    // ---- choice of the server ----

    @Test
    void everyServerThatRefusesTheLocationIsNamed() throws Exception {
        try (ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().withEndpoints(2));
                FeedRig rig = FeedRig.on(exchange.webSocketUris().toArray(URI[]::new))
                        .connections(2)
                        .build()) {
            exchange.inflict(refuse(451));

            assertThatThrownBy(() -> rig.tickUntil("refused", () -> false))
                    .isInstanceOf(LocationRefusedException.class)
                    .hasMessageContaining(exchange.webSocketUris().get(0).getAuthority())
                    .hasMessageContaining(exchange.webSocketUris().get(1).getAuthority());
        }
    }

    @Test
    void serverThatRefusesTheLocationIsNotUsedAgainWhileAnotherAccepts() throws Exception {
        try (ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().withEndpoints(2));
                FeedRig rig =
                        FeedRig.on(exchange.webSocketUris().toArray(URI[]::new)).build()) {
            exchange.inflict(refuse(451, 0));

            rig.tickUntil("trades", () -> !rig.sink.written.isEmpty());
            for (int cut = 1; cut <= 3; cut++) {
                exchange.inflict(new Fault.Cut(Target.ALL, Fault.How.RST));
                String next = "connection 1." + (cut + 2);
                rig.tickUntil("the next connection", () -> {
                    rig.time.skip(Duration.ofMillis(100));
                    return rig.names().contains(next) && rig.open() == 1;
                });
                assertThat(rig.servers())
                        .containsExactly(exchange.webSocketUris().get(1));
            }
            assertThat(exchange.upgradeAttempts()).isEqualTo(1 + 1 + 3);
        }
    }

    @Test
    void fallbackIsUsedWhenAllRefuseAndOnlyItsRefusalEndsTheRun() throws Exception {
        try (ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().withEndpoints(3));
                FeedRig rig = FeedRig.on(
                                exchange.webSocketUris().get(0),
                                exchange.webSocketUris().get(1))
                        .fallback(exchange.webSocketUris().get(2))
                        .connections(2)
                        .build()) {
            exchange.inflict(refuse(451, 0));
            exchange.inflict(refuse(451, 1));

            rig.tickUntil("both connections", () -> {
                rig.time.skip(Duration.ofMillis(50));
                return rig.open() == 2;
            });
            assertThat(rig.servers()).containsOnly(exchange.webSocketUris().get(2));

            exchange.inflict(refuse(451, 2));
            exchange.inflict(new Fault.Cut(Target.ALL, Fault.How.FIN));
            assertThatThrownBy(() -> rig.tickUntil("refused", () -> {
                        rig.time.skip(Duration.ofMillis(50));
                        return false;
                    }))
                    .isInstanceOf(LocationRefusedException.class)
                    .hasMessageContaining(exchange.webSocketUris().get(2).getAuthority());
        }
    }

    @Test
    void openConnectionContinuesWhenTheLocationIsRefusedToNewOnes() throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri()).connections(2).build()) {
            rig.tickUntil("both connections", () -> rig.open() == 2);
            exchange.inflict(refuse(451));
            exchange.inflict(new Fault.Cut(Target.OLDEST, Fault.How.RST));

            rig.tickUntil("refused", () -> exchange.upgradeAttempts() == 3 && rig.open() == 1);
            for (int i = 0; i < 50; i++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
            }
            assertThat(rig.open()).isEqualTo(1);

            exchange.inflict(new Fault.Cut(Target.ALL, Fault.How.RST));
            assertThatThrownBy(() -> rig.tickUntil("the end", () -> false))
                    .isInstanceOf(LocationRefusedException.class);
        }
    }

    @Test
    void connectionsUseDifferentServersAndAvoidOneThatFails() throws Exception {
        try (ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().withEndpoints(2));
                FeedRig rig = FeedRig.on(exchange.webSocketUris().toArray(URI[]::new))
                        .connections(2)
                        .build()) {
            rig.tickUntil("both connections", () -> rig.open() == 2);
            assertThat(rig.servers()).containsExactlyElementsOf(exchange.webSocketUris());

            exchange.inflict(refuse(503, 0));
            exchange.inflict(new Fault.Cut(Target.ALL, Fault.How.RST));
            rig.tickUntil("both connections again", () -> {
                rig.time.skip(Duration.ofMillis(5));
                return rig.open() == 2 && !rig.names().contains("connection 1.1");
            });
            assertThat(rig.servers()).containsOnly(exchange.webSocketUris().get(1));
        }
    }

    @Test
    void refusalOfOneConnectionBlocksTheOthersAsLong() throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri()).connections(2).build()) {
            rig.tickUntil("both connections", () -> rig.open() == 2);
            exchange.inflict(new Fault.RefuseUpgrades(429, Duration.ofSeconds(120), Extent.next(1), null));
            exchange.inflict(new Fault.Cut(Target.OLDEST, Fault.How.RST));
            rig.tickUntil(
                    "the refusal",
                    () -> exchange.upgradeAttempts() == 3 && rig.names().size() == 1);

            exchange.inflict(new Fault.Cut(Target.ALL, Fault.How.RST));
            rig.tickUntil("the end of the other", () -> rig.names().isEmpty());
            for (int second = 0; second < 118; second++) {
                rig.tick();
                rig.time.skip(Duration.ofSeconds(1));
            }
            assertThat(exchange.upgradeAttempts()).isEqualTo(3);
            rig.time.skip(Duration.ofSeconds(7));
            rig.tickUntil("both connections again", () -> rig.open() == 2);
        }
    }

    // ---- make-before-break ----

    @Test
    void renewalsByAgeOfASingleConnectionLoseNoTrade() throws Exception {
        Duration maxAge = Duration.ofHours(1);
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri()).maxAge(maxAge).build()) {
            rig.tickUntil("trades", () -> rig.sink.written.size() > 50);
            for (int renewal = 1; renewal <= 4; renewal++) {
                List<String> before = rig.names();
                rig.time.skip(maxAge.minusMinutes(1));
                rig.tick();
                assertThat(rig.names()).isEqualTo(before);
                rig.time.skip(Duration.ofMinutes(1));
                rig.tickUntil(
                        "the successor's trades",
                        () -> rig.names().size() == 2
                                && rig.feed.connections().get(1).trades() > 20);
                assertThat(rig.open()).as("the old one is still open").isEqualTo(2);
                rig.time.skip(Duration.ofSeconds(5));
                rig.tickUntil("the old one's end", () -> rig.names().size() == 1 && exchange.connectionCount() == 1);
            }

            assertEverythingWasWritten(exchange, rig);
            assertThat(rig.metrics.replacements.get()).isEqualTo(4);
        }
    }

    /**
     * Each id issued since the first delivered one was written once, and no gap is left. Out of order only where two connections
     * overlap: one may be a few trades ahead of the other.
     */
    private static void assertEverythingWasWritten(ExchangeSimulator exchange, FeedRig rig) throws Exception {
        exchange.stopTrades();
        exchange.awaitEndOfTrades(10, TimeUnit.SECONDS);
        IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
        Await.until("the last trade", () -> rig.arbiter().highest() == issued.last());
        assertThat(rig.sink.written)
                .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(rig.sink.written.get(0), issued.last())
                        .boxed()
                        .toList());
        assertThat(rig.arbiter().gaps()).isEmpty();
    }

    @Test
    void firstRenewalsOfTwoConnectionsAreHalfTheMaximumAgeApart() throws Exception {
        try (HostileServer server = HostileServer.start(peer -> peer.open().ignore());
                FeedRig rig = FeedRig.on(server.uri())
                        .connections(2)
                        .maxAge(Duration.ofHours(10))
                        .build()) {
            rig.tick();
            int firstMinute = 0;
            int secondMinute = 0;
            for (int minute = 0; minute < 11 * 60; minute++) {
                rig.time.skip(Duration.ofMinutes(1));
                rig.tick();
                if (firstMinute == 0 && rig.metrics.replacements.get() == 1) {
                    firstMinute = minute;
                }
                if (secondMinute == 0 && rig.metrics.replacements.get() == 2) {
                    secondMinute = minute;
                }
            }
            assertThat(firstMinute).isBetween(295, 305);
            assertThat(secondMinute).isBetween(595, 605);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.Form.class,
            names = {"RAW", "COMBINED"})
    void announcedShutdownIsPreemptedWithoutLosingATrade(Fault.Form form) throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri()).build()) {
            rig.tickUntil("trades", () -> rig.sink.written.size() > 20);

            exchange.inflict(new Fault.ShutdownNotice(Target.ALL, form, null));

            rig.tickUntil(
                    "the successor's trades",
                    () -> rig.names().size() == 2
                            && rig.feed.connections().get(1).trades() > 20);
            assertThat(rig.open()).isEqualTo(2);
            rig.time.skip(Duration.ofSeconds(5));
            rig.tickUntil("the old one's end", () -> rig.names().equals(List.of("connection 1.2")));
            assertEverythingWasWritten(exchange, rig);
            assertThat(exchange.upgradeAttempts()).isEqualTo(2);
        }
    }

    /** Sends endless trades of one symbol on one connection. */
    private static void trade(HostileServer.Peer peer, Symbol symbol, AtomicLong ids) throws Exception {
        while (true) {
            peer.send(HostileServer.text(Trades.json(symbol, ids.incrementAndGet(), Time.SYSTEM.epochMillis())))
                    .pause(1);
        }
    }

    @Test
    void successorWithoutTradesIsDroppedAfterAMinuteAndTheOldConnectionStays() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicLong ids = new AtomicLong();
        try (HostileServer server = HostileServer.start(peer -> {
                    if (first.getAndSet(false)) {
                        peer.open().send(HostileServer.text("{\"e\":\"serverShutdown\",\"E\":1736950336567}"));
                        trade(peer, Trades.BTCUSDT, ids);
                    } else {
                        peer.open().ignore();
                    }
                });
                FeedRig rig = FeedRig.on(server.uri()).build()) {
            rig.tickUntil("the successor", () -> rig.open() == 2);
            for (int second = 0; second < 58; second++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
                assertThat(rig.open()).as("after %d s", second + 1).isEqualTo(2);
            }
            rig.time.skip(Duration.ofSeconds(3));
            rig.tickUntil(
                    "the successor's end",
                    () -> rig.names().contains("connection 1.1") && !rig.names().contains("connection 1.2"));
        }
    }

    // ---- stale and late connections ----

    @Test
    void staleConnectionIsReplacedAndTheOtherIsNot() throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri()).connections(2).build()) {
            rig.tickUntil("trades", () -> rig.open() == 2 && rig.sink.duplicates.get() > 50);
            for (int i = 0; i < 5; i++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
            }
            FeedConnection oldest = rig.connection("connection 1.1");
            FeedConnection other = rig.connection("connection 2.1");
            exchange.inflict(new Fault.Stall(Target.OLDEST, Fault.FOREVER));
            Await.until(
                    "a difference between the connections",
                    () -> Math.abs(oldest.delivered.lastId(0) - other.delivered.lastId(0)) > 20);
            String stale = oldest.delivered.lastId(0) < other.delivered.lastId(0) ? "connection 1" : "connection 2";
            String healthy = stale.equals("connection 1") ? "connection 2.1" : "connection 1.1";

            for (int second = 0; second < 57; second++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
            }
            assertThat(rig.metrics.replacements.get()).as("before 60 s").isZero();
            for (int second = 0; second < 20; second++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
            }
            rig.tickUntil("the end of the stale one", () -> rig.names().size() == 2);

            assertThat(rig.names()).containsExactlyInAnyOrder(healthy, stale + ".2");
            assertThat(rig.metrics.replacements.get()).isEqualTo(1);
        }
    }

    @Test
    void quietMarketReplacesNoConnectionInHours() throws Exception {
        byte[] trade = HostileServer.text(Trades.json(Trades.BTCUSDT, 5, 1_736_950_336_567L));
        byte[] ping = HostileServer.frame(0x89, new byte[] {'1'});
        try (HostileServer server = HostileServer.start(peer -> {
                    peer.open().send(trade);
                    while (true) {
                        peer.send(ping).pause(1);
                    }
                });
                FeedRig rig = FeedRig.on(server.uri())
                        .connections(2)
                        .idleTimeout(FeedRig.IDLE_TIMEOUT)
                        .build()) {
            rig.tickUntil("trades", () -> rig.open() == 2 && rig.sink.duplicates.get() == 1);

            for (int step = 0; step < 3 * 3600 / 40; step++) {
                rig.time.skip(Duration.ofSeconds(40));
                long now = rig.time.nanoTime();
                Await.until(
                        "a ping on both",
                        () -> rig.feed.connections().stream()
                                .allMatch(connection -> connection.lastFrameNanos() - now > 0));
                rig.tick();
            }

            assertThat(rig.names()).containsExactly("connection 1.1", "connection 2.1");
            assertThat(rig.metrics.replacements.get()).isZero();
        }
    }

    @Test
    void quietSymbolBesideABusyOneReplacesNoConnectionInHours() throws Exception {
        AtomicLong ids = new AtomicLong();
        byte[] quiet = HostileServer.text(Trades.json(ETHUSDT, 5, 1_736_950_336_567L));
        try (HostileServer server = HostileServer.start(peer -> {
                    peer.open().send(quiet);
                    trade(peer, Trades.BTCUSDT, ids);
                });
                FeedRig rig = FeedRig.on(server.uri())
                        .symbols(Trades.BTCUSDT, ETHUSDT)
                        .connections(2)
                        .build()) {
            rig.tickUntil("both connections", () -> rig.open() == 2);
            for (int minute = 0; minute < 180; minute++) {
                rig.stepWithTradesOfAll(Duration.ofSeconds(60));
            }

            assertThat(rig.names()).containsExactly("connection 1.1", "connection 2.1");
        }
    }

    /** The old connection still delivers the other symbol, and is closed only when the new one delivers it too. */
    @Test
    void connectionThatIsStaleForOneSymbolIsKeptUntilItsSuccessorDeliversTheOthers() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicLong ids = new AtomicLong();
        CountDownLatch deliver = new CountDownLatch(1);
        try (HostileServer server = HostileServer.start(peer -> {
                    peer.open();
                    if (first.getAndSet(false)) {
                        peer.send(HostileServer.text(Trades.json(ETHUSDT, 5, 1_736_950_336_567L)));
                    } else {
                        peer.send(HostileServer.text(Trades.json(ETHUSDT, 9, 1_736_950_336_567L)));
                        deliver.await();
                    }
                    trade(peer, Trades.BTCUSDT, ids);
                });
                FeedRig rig = FeedRig.on(server.uri())
                        .symbols(Trades.BTCUSDT, ETHUSDT)
                        .build()) {
            rig.tickUntil("trades", () -> rig.sink.written.size() > 10);
            for (int second = 0; second < 3; second++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
            }
            rig.arbiters.get(1).exchangeHas(8, 1_736_950_336_567L);
            for (int second = 0; second < 70 && rig.names().size() == 1; second++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
            }
            Await.until(
                    "the successor's trade", () -> rig.feed.connections().get(1).trades() == 1);
            for (int second = 0; second < 30; second++) {
                rig.stepWithTrades(Duration.ofSeconds(1));
                assertThat(rig.open()).isEqualTo(2);
            }

            deliver.countDown();
            rig.tickUntil("the old one's end", () -> rig.names().equals(List.of("connection 1.2")));
        }
    }

    @Test
    void connectionThatLagsIsReplaced() throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri())
                        .connections(2)
                        .maxLag(Duration.ofSeconds(1))
                        .build()) {
            rig.tickUntil("trades", () -> rig.open() == 2 && rig.sink.duplicates.get() > 20);
            List<FeedConnection> both = rig.feed.connections();
            exchange.inflict(new Fault.Lag(Target.OLDEST, Duration.ofMillis(500)));
            exchange.inflict(new Fault.Lag(Target.OLDEST, Duration.ofMillis(1_500)));

            Await.until(
                    "late trades",
                    () -> both.stream()
                            .anyMatch(connection -> !connection.lateFor().isZero()));
            String late = both.get(0).lateFor().isZero() ? "connection 2.1" : "connection 1.1";
            rig.stepWithTrades(Duration.ofSeconds(5));
            assertThat(rig.metrics.replacements.get()).isZero();
            rig.stepWithTrades(Duration.ofSeconds(6));
            rig.tickUntil("the replacement", () -> rig.metrics.replacements.get() == 1);
            rig.time.skip(Duration.ofSeconds(5));
            rig.tickUntil("its end", () -> rig.names().size() == 2);

            assertThat(rig.names()).doesNotContain(late);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-3, 3})
    void wrongWallClockReplacesNoConnection(long hours) throws Exception {
        try (ExchangeSimulator exchange = exchange();
                FeedRig rig = FeedRig.on(exchange.webSocketUri())
                        .connections(2)
                        .maxLag(Duration.ofSeconds(5))
                        .build()) {
            rig.time.jumpWallClock(Duration.ofHours(hours));
            rig.tickUntil("trades", () -> rig.open() == 2 && rig.sink.duplicates.get() > 20);
            for (int i = 0; i < 200; i++) {
                rig.stepWithTradesOfAll(Duration.ofSeconds(15));
            }

            assertThat(rig.metrics.replacements.get()).isZero();
        }
    }

    // ---- the end ----

    @Test
    void stopEndsInTimeWhateverTheServerDoesAndNoTradeArrivesAfterwards() throws Exception {
        AtomicLong ids = new AtomicLong();
        try (HostileServer server = HostileServer.start(peer -> {
                    peer.open();
                    trade(peer, Trades.BTCUSDT, ids);
                });
                HostileServer idle = HostileServer.start(peer -> peer.open().ignore());
                HostileServer hanging = HostileServer.start(HostileServer.Peer::hang);
                FeedRig rig = FeedRig.on(server.uri(), idle.uri(), hanging.uri())
                        .connections(3)
                        .build()) {
            rig.tickUntil("trades", () -> rig.open() == 2 && !rig.sink.written.isEmpty() && hanging.accepted() == 1);
            List<FeedConnection> connections = rig.feed.connections();
            long began = Time.SYSTEM.nanoTime();

            rig.feed.stop(Duration.ofMillis(500));

            long took = Time.SYSTEM.nanoTime() - began;
            int written = rig.sink.written.size();
            assertThat(Duration.ofNanos(took)).isLessThan(Duration.ofMillis(1_500));
            assertThat(connections).allMatch(connection -> connection.phase() == FeedConnection.Phase.ENDED);
            Await.until("the server's own end", () -> server.open() == 0);
            assertThat(rig.sink.written).hasSize(written);
        }
    }
}
