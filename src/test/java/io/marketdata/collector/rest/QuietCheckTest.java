package io.marketdata.collector.rest;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.rest.FakeTransport.Request;
import io.marketdata.collector.testkit.ManualTime;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuietCheckTest {

    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");

    private final ManualTime time = new ManualTime();
    private final FakeTransport transport = new FakeTransport(time, request -> FakeTransport.rows(700, 700));
    private final RequestBudget budget = new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5);
    private final SilentSymbols symbols = new SilentSymbols();
    private final QuietCheck check = new QuietCheck(
            new BinanceRest(
                    URI.create("http://exchange"),
                    null,
                    transport,
                    BinanceRest.TIMEOUT,
                    time,
                    budget,
                    new RestMetrics(new Metrics())),
            symbols,
            time);

    /** Returns the silent symbols of the test, and remembers what is reported. */
    private static final class SilentSymbols implements QuietCheck.Symbols {
        List<Symbol> silent = List.of();
        List<Symbol> doubtful = List.of();
        final List<String> reported = new ArrayList<>();

        @Override
        public List<Symbol> silent() {
            return silent;
        }

        @Override
        public List<Symbol> doubtful() {
            return doubtful;
        }

        @Override
        public void exchangeHas(Symbol symbol, long id, long tradeTimeMs) {
            reported.add(symbol + " " + id);
        }
    }

    private void runFor(Duration span) throws InterruptedException {
        long end = time.nanoTime() + span.toNanos();
        while (time.nanoTime() < end) {
            check.runOnce();
            time.advance(Duration.ofMillis(250));
        }
    }

    private static List<Symbol> symbols(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Symbol("S" + (100 + i) + "USDT"))
                .toList();
    }

    private Map<String, Long> questionsBySymbol() {
        return transport.requests.stream()
                .collect(Collectors.groupingBy(request -> request.parameter("symbol"), Collectors.counting()));
    }

    private List<Duration> pauses(Symbol symbol) {
        List<Request> own = transport.requests.stream()
                .filter(request -> request.parameter("symbol").equals(symbol.value()))
                .toList();
        return IntStream.range(1, own.size())
                .mapToObj(i ->
                        Duration.ofNanos(own.get(i).atNanos() - own.get(i - 1).atNanos()))
                .toList();
    }

    @Test
    void sendsNoQueryWhileNoSymbolIsSilent() throws InterruptedException {
        runFor(Duration.ofHours(1));

        assertThat(transport.requests).isEmpty();
    }

    @Test
    void reportsTheNewestTradeOfASilentSymbol() throws InterruptedException {
        symbols.silent = List.of(BTCUSDT);
        check.runOnce();

        assertThat(transport.paths()).containsExactly("/api/v3/trades?symbol=BTCUSDT&limit=1");
        assertThat(symbols.reported).containsExactly("BTCUSDT 700");
    }

    @Test
    void queriesASymbolWithAnIdInDoubtWithinASecondOfTheLastQuery() throws InterruptedException {
        symbols.silent = List.of(ETHUSDT);
        check.runOnce();
        symbols.doubtful = List.of(BTCUSDT);
        check.runOnce();
        assertThat(questionsBySymbol()).containsOnlyKeys("ETHUSDT");
        time.advance(Duration.ofSeconds(1));
        check.runOnce();

        assertThat(symbols.reported).containsExactly("ETHUSDT 700", "BTCUSDT 700");
    }

    @Test
    void queriesTheWorstFirstAndEvery15Seconds() throws InterruptedException {
        symbols.silent = List.of(ETHUSDT, BTCUSDT);
        runFor(Duration.ofSeconds(29));

        assertThat(symbols.reported).containsExactly("ETHUSDT 700", "BTCUSDT 700");
        assertThat(transport.requests.get(1).atNanos()
                        - transport.requests.get(0).atNanos())
                .isBetween(15_000_000_000L, 15_300_000_000L);

        symbols.silent = symbols(50);
        runFor(Duration.ofMinutes(10));
        for (int i = 1; i < transport.requests.size(); i++) {
            assertThat(transport.requests.get(i).atNanos()
                            - transport.requests.get(i - 1).atNanos())
                    .isGreaterThanOrEqualTo(15_000_000_000L);
        }
        assertThat(transport.requests).hasSizeGreaterThan(38);
    }

    @Test
    void queriesAQuietSymbolLessAndLessButEveryHalfHour() throws InterruptedException {
        symbols.silent = List.of(BTCUSDT);
        runFor(Duration.ofHours(6));

        List<Duration> pauses = pauses(BTCUSDT);
        assertThat(pauses).isSorted();
        assertThat(pauses.get(0)).isLessThan(Duration.ofSeconds(16));
        assertThat(pauses.get(pauses.size() - 1)).isBetween(Duration.ofMinutes(30), Duration.ofSeconds(1801));
        assertThat(pauses).hasSizeBetween(15, 22);
    }

    @Test
    void queriesATradingSymbolAgainSoon() throws InterruptedException {
        symbols.silent = List.of(BTCUSDT);
        runFor(Duration.ofHours(3));
        transport.script =
                request -> FakeTransport.rows(800 + transport.requests.size(), 800 + transport.requests.size());
        transport.requests.clear();
        runFor(Duration.ofMinutes(35));

        assertThat(transport.requests).hasSizeGreaterThan(5);
        assertThat(pauses(BTCUSDT)).allSatisfy(pause -> assertThat(pause).isLessThan(Duration.ofSeconds(16)));
    }

    @Test
    void symbolThatTradedAgainStartsWithTheShortestPause() throws InterruptedException {
        symbols.silent = List.of(BTCUSDT);
        runFor(Duration.ofHours(3));
        symbols.silent = List.of();
        runFor(Duration.ofSeconds(1));
        symbols.silent = List.of(BTCUSDT);
        transport.requests.clear();
        runFor(Duration.ofSeconds(31));

        assertThat(transport.requests).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void sendsNoQueryThatTheBudgetDoesNotAllow() throws InterruptedException {
        symbols.silent = symbols(10);
        while (budget.spend(25)) {}
        runFor(Duration.ofSeconds(59));
        assertThat(transport.requests).isEmpty();

        runFor(Duration.ofSeconds(2));
        assertThat(transport.requests).hasSize(1);

        transport.requests.clear();
        transport.script = request -> new Transport.Answer(429, Map.of("retry-after", "600"), "");
        runFor(Duration.ofMinutes(9));
        assertThat(transport.requests).hasSize(1);
    }

    @Test
    void survivesAnOutageOfRestAndContinuesAfterwards() throws InterruptedException {
        symbols.silent = symbols(3);
        transport.script = request -> {
            throw new IOException("Connection refused");
        };
        runFor(Duration.ofHours(2));
        assertThat(symbols.reported).isEmpty();
        assertThat(transport.requests).isNotEmpty();

        transport.script = request -> FakeTransport.rows(700, 700);
        runFor(Duration.ofMinutes(3));
        assertThat(symbols.reported).contains("S100USDT 700", "S101USDT 700", "S102USDT 700");
    }

    @Test
    void answerWithoutTradesReportsNothing() throws InterruptedException {
        symbols.silent = List.of(BTCUSDT);
        transport.script = request -> FakeTransport.ok("[]");
        runFor(Duration.ofHours(1));

        assertThat(symbols.reported).isEmpty();
        assertThat(transport.requests).hasSizeBetween(5, 15);
    }

    @Test
    void refusedSymbolDelaysNoOther() throws InterruptedException {
        symbols.silent = List.of(BTCUSDT, ETHUSDT);
        transport.script = request -> request.parameter("symbol").equals("BTCUSDT")
                ? FakeTransport.status(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}")
                : FakeTransport.rows(700, 700);
        runFor(Duration.ofHours(1));

        assertThat(symbols.reported).contains("ETHUSDT 700");
        assertThat(pauses(BTCUSDT)).isSorted().hasSizeBetween(5, 15);
    }

    @Test
    void twoHundredSilentSymbolsTakeTurns() throws InterruptedException {
        symbols.silent = symbols(200);
        runFor(Duration.ofSeconds(200 * 16));
        assertThat(questionsBySymbol()).hasSize(200);

        runFor(Duration.ofHours(8));
        Map<String, Long> questions = questionsBySymbol();
        assertThat(questions).hasSize(200);
        long least = questions.values().stream().mapToLong(count -> count).min().orElse(0);
        long most = questions.values().stream().mapToLong(count -> count).max().orElse(0);
        assertThat(most - least).isLessThanOrEqualTo(1);
    }
}
