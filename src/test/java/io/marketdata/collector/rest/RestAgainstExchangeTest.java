package io.marketdata.collector.rest;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.RestException.Kind;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over HTTP, against the exchange simulator. */
class RestAgainstExchangeTest {

    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RestMetrics metrics = new RestMetrics(new Metrics());
    private ExchangeSimulator exchange;

    @BeforeEach
    void start() throws Exception {
        exchange = ExchangeSimulator.inventing(
                List.of(BTCUSDT, ETHUSDT),
                20_000,
                true,
                1,
                ExchangeOptions.defaults().startingAfter(0),
                task -> {
                    Thread thread = new Thread(task);
                    thread.setDaemon(true);
                    return thread;
                },
                Time.SYSTEM,
                text -> {});
        Await.until(
                "trades are issued",
                () -> exchange.issued(BTCUSDT).isPresent()
                        && exchange.issued(BTCUSDT).get().count() > 5_000
                        && exchange.issued(ETHUSDT).get().count() > 5_000);
        exchange.stopTrades();
        Await.until("the trade source has stopped", () -> {
            long before = exchange.issuedCount();
            Thread.sleep(50);
            return exchange.issuedCount() == before;
        });
    }

    @AfterEach
    void stop() throws Exception {
        exchange.close();
        threads.shutdownNow();
    }

    private BinanceRest rest(int weight) {
        return new BinanceRest(
                exchange.restUri(),
                null,
                new HttpTransport(threads),
                BinanceRest.TIMEOUT,
                Time.SYSTEM,
                new RequestBudget(weight, Duration.ofHours(12), Time.SYSTEM, () -> 0.5),
                metrics);
    }

    @Test
    void firstIdSinceATimeIsTheFirstTradeOfThatTimeOrLater() throws Exception {
        BinanceRest rest = rest(1_200);
        RestTrade last = rest.newest(BTCUSDT, 1).get(0);
        RestTrade wanted = rest.from(BTCUSDT, 2_000, 1).get(0);
        long first = rest.from(BTCUSDT, 1_500, 1_000).stream()
                .filter(trade -> trade.timeMs() >= wanted.timeMs())
                .findFirst()
                .orElseThrow()
                .id();

        assertThat(rest.firstIdSince(BTCUSDT, wanted.timeMs())).hasValue(first);
        assertThat(rest.firstIdSince(BTCUSDT, last.timeMs() + 1)).isEmpty();
    }

    @Test
    void gapsOfTwoSymbolsAreFilledWithTheReplayedTrades() throws Exception {
        long bitcoin = exchange.issued(BTCUSDT).get().first() + 10;
        long ether = exchange.issued(ETHUSDT).get().last() - 100;
        FakeGaps gaps = new FakeGaps();
        gaps.open(BTCUSDT, bitcoin, bitcoin + 2_499, Time.SYSTEM.nanoTime());
        gaps.open(ETHUSDT, ether, ether, Time.SYSTEM.nanoTime());
        GapFiller filler =
                new GapFiller(rest(1_200), gaps, Time.SYSTEM, Duration.ofMillis(1), Duration.ofHours(24), metrics);

        Await.until("the gaps are filled", () -> {
            filler.runOnce();
            return gaps.open().isEmpty();
        });

        assertThat(metrics.idsBackfilled.labelValues("ETHUSDT").get()).isEqualTo(1);
        assertThat(gaps.offered.stream()
                        .filter(trade -> trade.symbol().equals(BTCUSDT))
                        .map(trade -> trade.id()))
                .containsExactlyElementsOf(
                        LongStream.range(bitcoin, bitcoin + 2_500).boxed().toList());
        assertThat(metrics.usedWeight.get()).isPositive();
        filler.runOnce();
    }

    @Test
    void symbolsAreKnownOrNot() throws Exception {
        BinanceRest rest = rest(1_200);

        assertThat(rest.status(List.of(BTCUSDT, ETHUSDT))).isEqualTo(Map.of(BTCUSDT, "TRADING", ETHUSDT, "TRADING"));
        assertThat(rest.status(List.of(new Symbol("NOPE")))).isEqualTo(Map.of(new Symbol("NOPE"), BinanceRest.UNKNOWN));
        assertThat(rest.serverTimeMs()).isCloseTo(Time.SYSTEM.epochMillis(), within(60_000L));
        RestException e = catchThrowableOfType(RestException.class, () -> rest.newest(new Symbol("NOPE"), 1));
        assertThat(e.kind()).isEqualTo(Kind.INVALID);
        assertThat(e.exchangeCode()).isEqualTo(-1121);
    }

    @Test
    void overusedAddressIsHeldBackBeforeTheExchangeRefuses() throws Exception {
        BinanceRest greedy = rest(100_000);
        List<Future<RestException>> ends = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ends.add(threads.submit(() -> {
                RestException end = null;
                while (end == null) {
                    end = catchThrowableOfType(RestException.class, () -> greedy.newest(BTCUSDT, 1));
                }
                return end;
            }));
        }

        for (Future<RestException> end : ends) {
            assertThat(end.get().kind()).isEqualTo(Kind.LIMITED);
            assertThat(end.get()).hasMessageContaining("was not sent: this address has used 4");
            assertThat(end.get().stayAway()).isBetween(Duration.ZERO, Duration.ofSeconds(60));
        }
    }
}
