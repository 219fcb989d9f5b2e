package io.marketdata.collector.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault has its effect, at the trade that it was scripted for. */
class ExchangeSimulatorTest {

    private static final Symbol BTCUSDT = new Symbol("BTCUSDT");
    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");

    /** First id of the first symbol of synthetic trades. */
    private static final long FIRST = 3_735_683_259L;

    private static final double RATE = 500;
    private static final String RAW = "/ws/btcusdt@trade";
    private static final String COMBINED = "/stream?streams=btcusdt@trade";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() throws Exception {
        for (int i = toClose.size() - 1; i >= 0; i--) {
            toClose.get(i).close();
        }
    }

    private ExchangeSimulator exchange(ExchangeOptions options, Symbol... symbols) throws IOException {
        return exchange(options, RATE, true, symbols);
    }

    private ExchangeSimulator exchange(ExchangeOptions options, double rate, boolean flat, Symbol... symbols)
            throws IOException {
        ExchangeSimulator exchange = ExchangeSimulator.inventing(
                List.of(symbols.length == 0 ? new Symbol[] {BTCUSDT} : symbols),
                rate,
                flat,
                1,
                options,
                task -> {
                    Thread thread = new Thread(task, "exchange");
                    thread.setDaemon(true);
                    return thread;
                },
                Time.SYSTEM,
                event -> {});
        toClose.add(exchange);
        return exchange;
    }

    private ExchangeSimulator exchange(FaultScript script) throws IOException {
        return exchange(ExchangeOptions.defaults().withScript(script));
    }

    /** One connection, and the fault after its tenth trade. */
    private RawClient after10(Fault fault) throws IOException {
        return client(exchange(FaultScript.EMPTY.afterTrades(10, fault)), RAW);
    }

    private RawClient client(ExchangeSimulator exchange, String path) throws IOException {
        RawClient client = RawClient.open(exchange.webSocketUri(), path);
        toClose.add(client);
        return client;
    }

    private HttpResponse<String> get(ExchangeSimulator exchange, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(exchange.restUri().resolve(path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private List<Long> restIds(ExchangeSimulator exchange, String path) throws Exception {
        List<Long> ids = new ArrayList<>();
        JSON.readTree(get(exchange, path).body())
                .forEach(row -> ids.add(row.get("id").asLong()));
        return ids;
    }

    private static void stop(ExchangeSimulator exchange) throws InterruptedException {
        exchange.stopTrades();
        assertThat(exchange.awaitEndOfTrades(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Ids by their position in the trade source, from 0. */
    private static Long[] ids(int... places) {
        return IntStream.of(places).mapToObj(place -> FIRST + place).toArray(Long[]::new);
    }

    private static List<Long> firstIds(int count) {
        return LongStream.range(FIRST, FIRST + count).boxed().toList();
    }

    // Connections

    @Test
    void resetFollowsTheScriptedTrade() throws Exception {
        RawClient client = after10(new Fault.Cut(Target.ALL, Fault.How.RST)).awaitEnd();

        assertThat(client.end()).isEqualTo("RST");
        assertThat(client.ids()).isEqualTo(firstIds(10));
    }

    @Test
    void finArrivesWithoutACloseFrame() throws Exception {
        RawClient client = after10(new Fault.Cut(Target.ALL, Fault.How.FIN)).awaitEnd();

        assertThat(client.end()).isEqualTo("FIN");
        assertThat(client.payloads(0x88)).isEmpty();
        assertThat(client.ids()).isEqualTo(firstIds(10));
    }

    @ParameterizedTest
    @CsvSource({"1000", "1001", "1008"})
    void closeFrameCarriesItsCode(int code) throws Exception {
        RawClient client = after10(new Fault.Close(Target.ALL, code, "")).awaitEnd();

        assertThat(client.payloads(0x88)).containsExactly(Integer.toString(code));
        assertThat(client.ids()).isEqualTo(firstIds(10));
    }

    @Test
    void targetsAreCountedByAgeAmongOpenConnections() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        List<RawClient> clients = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            clients.add(client(exchange, RAW));
            assertThat(exchange.awaitConnections(i, Duration.ofSeconds(10))).isTrue();
        }

        exchange.inflict(new Fault.Cut(Target.OLDEST, Fault.How.FIN));
        clients.get(0).awaitEnd();
        exchange.inflict(new Fault.Cut(Target.NEWEST, Fault.How.FIN));
        clients.get(3).awaitEnd();
        exchange.inflict(new Fault.Cut(Target.number(2), Fault.How.FIN));
        clients.get(2).awaitEnd();

        assertThat(exchange.connectionCount()).isEqualTo(1);
        assertThat(clients.get(1).end()).isEmpty();
        assertThat(exchange.inflict(new Fault.Cut(Target.number(2), Fault.How.FIN)))
                .endsWith("met no connection");
    }

    @Test
    void stalledConnectionPingsButDeliversNoTradeUntilTheStallEnds() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults()
                .pinging(Duration.ofMillis(100), Duration.ofMinutes(1))
                .withScript(FaultScript.EMPTY.afterTrades(10, new Fault.Stall(Target.ALL, Duration.ofMillis(400)))));
        RawClient client = client(exchange, RAW);

        Await.until("two pings in the stall", () -> client.payloads(0x89).size() >= 2);
        client.awaitTrades(20);

        assertThat(client.ids().subList(0, 10)).isEqualTo(firstIds(10));
        // 400 ms are 200 trades
        assertThat(client.ids().get(10)).isBetween(FIRST + 100, FIRST + 10_000);
        assertThat(client.ids().get(11)).isEqualTo(client.ids().get(10) + 1);
    }

    @Test
    void frozenConnectionSendsNothingMoreAndStaysOpen() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults()
                .pinging(Duration.ofMillis(250), Duration.ofMillis(300))
                .withScript(FaultScript.EMPTY.afterTrades(10, new Fault.Freeze(Target.OLDEST))));
        RawClient frozen = client(exchange, RAW);
        Await.until("frozen", () -> exchange.issuedCount() >= 10);
        RawClient other = client(exchange, RAW);

        Await.until("pings of the other", () -> other.payloads(0x89).size() >= 4);

        assertThat(frozen.ids()).isEqualTo(firstIds(10));
        assertThat(frozen.payloads(0x89)).hasSizeLessThan(2);
        assertThat(frozen.end()).isEmpty();
        assertThat(exchange.connectionCount()).isEqualTo(2);
    }

    @Test
    void laggingConnectionIsLateAndComplete() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults()
                .startingAfter(2)
                .withScript(FaultScript.EMPTY.afterTrades(10, new Fault.Lag(Target.OLDEST, Duration.ofMillis(1_500)))));
        RawClient late = client(exchange, RAW);
        exchange.awaitConnections(1, Duration.ofSeconds(10));
        RawClient prompt = client(exchange, RAW);

        prompt.awaitTrades(100);
        assertThat(late.ids()).isEqualTo(firstIds(10));
        late.awaitTrades(100);
        assertThat(late.ids().subList(0, 100)).isEqualTo(firstIds(100));
    }

    @Test
    void skippedTradesAreMissingOnThatConnectionOnly() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults()
                .startingAfter(2)
                .withScript(FaultScript.EMPTY.afterTrades(3, new Fault.Skip(Target.NEWEST, 2))));
        RawClient whole = client(exchange, RAW);
        exchange.awaitConnections(1, Duration.ofSeconds(10));
        RawClient incomplete = client(exchange, COMBINED);

        assertThat(incomplete.awaitTrades(5).ids()).startsWith(ids(0, 1, 2, 5, 6));
        assertThat(whole.awaitTrades(5).ids()).startsWith(ids(0, 1, 2, 3, 4));
    }

    @Test
    void repeatedTradeArrivesTwice() throws Exception {
        assertThat(after10(new Fault.Repeat(Target.ALL)).awaitTrades(13).ids())
                .startsWith(ids(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11));
    }

    @Test
    void swappedTradesArriveInTheWrongOrder() throws Exception {
        assertThat(after10(new Fault.Swap(Target.ALL)).awaitTrades(13).ids())
                .startsWith(ids(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10, 12));
    }

    @Test
    void aForgedTradeFollowsATrueOne() throws Exception {
        RawClient client = after10(new Fault.Forge(Target.ALL, 500)).awaitTrades(13);

        assertThat(client.ids()).startsWith(ids(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 510, 11));
        assertThat(client.payloads(0x81).get(11)).contains("\"p\":\"0.00000000\"");
    }

    @Test
    void aChangeOfFormatReachesEveryConnectionUntilItIsHealed() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.Reformat("\"T\":", "\"time\":"));
        RawClient client = client(exchange, RAW);
        client.awaitTrades(3);
        assertThat(client.payloads(0x81))
                .allSatisfy(event -> assertThat(event).contains("\"time\":").doesNotContain("\"T\":"));
        exchange.inflict(new Fault.Heal());
        Await.until(
                "the format of before",
                () -> client.payloads(0x81)
                        .get(client.payloads(0x81).size() - 1)
                        .contains("\"T\":"));
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, /ws/btcusdt@trade, '{\"e\":\"serverShutdown\",\"E\":'",
        "AUTO, /stream?streams=btcusdt@trade, '{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":'",
        "COMBINED, /ws/btcusdt@trade, '{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":'",
        "RAW, /stream?streams=btcusdt@trade, '{\"e\":\"serverShutdown\",\"E\":'",
    })
    void shutdownNoticeIsFollowedByTradesAndThenByTheClose(Fault.Form form, String path, String text) throws Exception {
        RawClient client = client(
                exchange(FaultScript.EMPTY.afterTrades(
                        10, new Fault.ShutdownNotice(Target.ALL, form, Duration.ofMillis(200)))),
                path);

        client.awaitEnd();

        assertThat(client.payloads(0x81).get(10)).startsWith(text);
        assertThat(client.ids()).hasSizeGreaterThan(20);
        assertThat(client.frames().get(client.frames().size() - 1)).isEqualTo(new RawClient.Frame(0x88, "1001"));
    }

    @Test
    void shutdownNoticeWithoutACloseChangesNothingElse() throws Exception {
        RawClient client = after10(new Fault.ShutdownNotice(Target.ALL, Fault.Form.RAW, null));

        assertThat(client.awaitTrades(50).end()).isEmpty();
    }

    @Test
    void framesOfAnyKindCanBeSentBetweenTheTrades() throws Exception {
        ExchangeSimulator exchange = exchange(FaultScript.EMPTY
                .afterTrades(1, new Fault.SendText(Target.ALL, "{not json"))
                .afterTrades(2, new Fault.SendBinary(Target.ALL, "binary"))
                .afterTrades(3, new Fault.SendFragments(Target.ALL, "fragment"))
                .afterTrades(4, new Fault.SendHugeHeader(Target.ALL, Fault.SendHugeHeader.NEARLY_2_GIB)));
        RawClient client = client(exchange, RAW);

        Await.until("all frames", () -> client.frames().size() >= 10);

        assertThat(client.frames().stream().map(RawClient.Frame::opcode))
                .containsExactly(0x81, 0x81, 0x81, 0x82, 0x81, 0x01, 0x00, 0x80, 0x81, 0x81);
        assertThat(client.frames().get(1).payload()).isEqualTo("{not json");
        assertThat(client.frames().get(3).payload()).isEqualTo("binary");
        assertThat(client.frames().subList(5, 8).stream()
                        .map(RawClient.Frame::payload)
                        .reduce("", String::concat))
                .isEqualTo("fragment");
        assertThat(client.frames().get(9).payload()).isEqualTo("1900000000 bytes announced");
    }

    @Test
    void healEndsStallAndLag() throws Exception {
        ExchangeSimulator exchange = exchange(FaultScript.EMPTY
                .afterTrades(10, new Fault.Stall(Target.ALL, Fault.FOREVER))
                .afterTrades(10, new Fault.Lag(Target.ALL, Duration.ofMinutes(10)))
                .afterTrades(20, new Fault.Heal()));

        assertThat(client(exchange, RAW).awaitTrades(12).ids()).startsWith(ids(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21));
    }

    @Test
    void scriptedFaultSplitsTradesThatAreSentTogether() throws Exception {
        ExchangeSimulator exchange = exchange(
                ExchangeOptions.defaults()
                        .withScript(FaultScript.EMPTY
                                .afterTrades(50, new Fault.SendText(Target.ALL, "fifty"))
                                .afterTrades(51, new Fault.SendText(Target.ALL, "fifty-one"))
                                .afterTrades(777, new Fault.Cut(Target.ALL, Fault.How.FIN))),
                50_000,
                false);
        RawClient client = client(exchange, RAW).awaitEnd();

        assertThat(client.ids()).isEqualTo(firstIds(777));
        assertThat(client.payloads(0x81).get(50)).isEqualTo("fifty");
        assertThat(client.payloads(0x81).get(52)).isEqualTo("fifty-one");
    }

    // Upgrades

    @Test
    void upgradesAreRefusedWithTheStatusAndBodyOfTheExchange() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.RefuseUpgrades(451, Extent.next(1)));
        exchange.inflict(new Fault.RefuseUpgrades(403, Extent.next(1)));
        exchange.inflict(new Fault.RefuseUpgrades(429, Duration.ofSeconds(7), Extent.next(1), null));
        exchange.inflict(new Fault.RefuseUpgrades(503, Extent.next(1)));

        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW))
                .startsWith("HTTP/1.1 451 Unavailable For Legal Reasons\r\n")
                .contains("{\"code\":0,\"msg\":\"Service unavailable from a restricted location according to")
                .doesNotContain("Retry-After");
        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW))
                .startsWith("HTTP/1.1 403 ")
                .contains("text/html", "Request blocked");
        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW))
                .startsWith("HTTP/1.1 429 ")
                .contains("\r\nRetry-After: 7\r\n", "\"code\":-1003");
        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW)).startsWith("HTTP/1.1 503 ");
        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW)).startsWith("HTTP/1.1 101 ");
        assertThat(exchange.upgradeAttempts()).isEqualTo(5);
    }

    @Test
    void timedRefusalsEndByThemselves() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.RefuseUpgrades(503, Extent.lasting(Duration.ofMillis(300))));

        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW)).startsWith("HTTP/1.1 503 ");
        Await.until(
                "an upgrade",
                () -> RawClient.upgrade(exchange.webSocketUri(), RAW).startsWith("HTTP/1.1 101 "));
    }

    @Test
    void upgradesCanBeResetOrLeftHanging() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.ResetUpgrades(Extent.next(1), null));
        exchange.inflict(new Fault.HangUpgrades(Extent.next(1), null));

        assertThatThrownBy(() -> RawClient.upgrade(exchange.webSocketUri(), RAW))
                .isInstanceOf(SocketException.class);
        try (Socket hanging = RawClient.request(exchange.webSocketUri(), RAW)) {
            hanging.setSoTimeout(200);
            assertThatThrownBy(() -> hanging.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(RawClient.upgrade(exchange.webSocketUri(), RAW)).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void oneEndpointCanRefuseWhileTheOtherServes() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().withEndpoints(2));
        exchange.inflict(new Fault.RefuseUpgrades(451, null, Extent.always(), 0));
        List<URI> uris = exchange.webSocketUris();

        assertThat(uris).hasSize(2).doesNotHaveDuplicates();
        assertThat(RawClient.upgrade(uris.get(0), RAW)).startsWith("HTTP/1.1 451 ");
        assertThat(RawClient.upgrade(uris.get(1), RAW)).startsWith("HTTP/1.1 101 ");
        assertThat(RawClient.upgrade(uris.get(0), RAW)).startsWith("HTTP/1.1 451 ");
        exchange.inflict(new Fault.Heal());
        assertThat(RawClient.upgrade(uris.get(0), RAW)).startsWith("HTTP/1.1 101 ");
    }

    // REST

    @Test
    void restAnswersWithTheStatusForTheNextRequestsOfAPath() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.RestStatus(429, Duration.ofSeconds(3), Extent.next(2), "historicalTrades"));

        assertThat(get(exchange, "/api/v3/ping").statusCode()).isEqualTo(200);
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> refused = get(exchange, "/api/v3/historicalTrades?symbol=BTCUSDT");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("3");
            assertThat(refused.body()).contains("\"code\":-1003");
        }
        assertThat(get(exchange, "/api/v3/historicalTrades?symbol=BTCUSDT").statusCode())
                .isEqualTo(200);
        assertThat(exchange.restRequests())
                .containsEntry("/api/v3/historicalTrades", 3L)
                .containsEntry("/api/v3/ping", 1L);
    }

    @Test
    void restCanHangAndThenCloseTheConnection() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.RestHang(Duration.ofMillis(200), Extent.next(2), ""));
        long began = System.nanoTime();

        // Java's client repeats a request by itself when its connection ends without an answer
        assertThatThrownBy(() -> get(exchange, "/api/v3/ping")).isInstanceOf(IOException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(390));
        assertThat(get(exchange, "/api/v3/ping").statusCode()).isEqualTo(200);
    }

    @Test
    void restCanSendHalfABody() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.RestTruncate(Extent.next(1), ""));

        assertThatThrownBy(() -> get(exchange, "/api/v3/exchangeInfo")).isInstanceOf(IOException.class);
        assertThat(get(exchange, "/api/v3/exchangeInfo").statusCode()).isEqualTo(200);
    }

    @Test
    void historyLagsBehindTheNewestTrades() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        client(exchange, RAW).awaitTrades(10);
        exchange.inflict(new Fault.HistoryLag(Duration.ofMinutes(10)));
        String history = "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=" + FIRST;

        assertThat(restIds(exchange, history)).isEmpty();
        assertThat(restIds(exchange, "/api/v3/trades?symbol=BTCUSDT")).startsWith(ids(0, 1, 2));
        exchange.inflict(new Fault.HistoryLag(Duration.ofMillis(100)));
        Await.until("history", () -> restIds(exchange, history).size() >= 10);
        assertThat(restIds(exchange, history)).startsWith(ids(0, 1, 2));
    }

    @Test
    void dataOnlyHostHasNoHistory() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        exchange.inflict(new Fault.DataOnlyHost(true));

        assertThat(get(exchange, "/api/v3/historicalTrades?symbol=BTCUSDT").statusCode())
                .isEqualTo(404);
        assertThat(get(exchange, "/api/v3/trades?symbol=BTCUSDT").statusCode()).isEqualTo(200);
        exchange.inflict(new Fault.Heal());
        assertThat(get(exchange, "/api/v3/historicalTrades?symbol=BTCUSDT").statusCode())
                .isEqualTo(200);
    }

    @Test
    void restLiesInOneOfSoManyAnswers() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        client(exchange, RAW).awaitTrades(5);
        exchange.inflict(new Fault.RestLie(1_000_000, 3, Extent.always(), "historicalTrades"));
        String history = "/api/v3/historicalTrades?symbol=BTCUSDT&limit=1&fromId=" + FIRST;

        long lies = 0;
        for (int i = 0; i < 9; i++) {
            lies += restIds(exchange, history).get(0) == FIRST + 1_000_000 ? 1 : 0;
        }
        assertThat(lies).isEqualTo(3);
        exchange.inflict(new Fault.Heal());
        assertThat(restIds(exchange, history)).containsExactly(FIRST);
    }

    @Test
    void idOlderThanTheOldestKeptSilentlyReturnsTheOldestKept() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults());
        client(exchange, RAW).awaitTrades(50);
        exchange.inflict(new Fault.OldestKept(BTCUSDT, FIRST + 20));
        String history = "/api/v3/historicalTrades?symbol=BTCUSDT&limit=3&fromId=";

        assertThat(restIds(exchange, history + 0)).containsExactly(ids(20, 21, 22));
        assertThat(restIds(exchange, history + (FIRST + 30))).containsExactly(ids(30, 31, 32));

        stop(exchange);
        exchange.inflict(new Fault.KeepNewest(null, 2));
        assertThat(restIds(exchange, history + 0))
                .hasSize(2)
                .endsWith(exchange.issued(BTCUSDT).orElseThrow().last());
    }

    @Test
    void exchangeInfoAcceptsOneOrSeveralSymbols() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults(), BTCUSDT, ETHUSDT);
        String info = "/api/v3/exchangeInfo";

        assertThat(symbolsOf(get(exchange, info))).containsExactly("BTCUSDT", "ETHUSDT");
        assertThat(symbolsOf(get(exchange, info + "?symbol=ETHUSDT"))).containsExactly("ETHUSDT");
        assertThat(symbolsOf(get(exchange, info + "?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D")))
                .containsExactly("BTCUSDT", "ETHUSDT");
        HttpResponse<String> unknown = get(exchange, info + "?symbols=%5B%22BTCUSDT%22,%22NONESUCH%22%5D");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).isEqualTo("{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
        assertThat(get(exchange, info + "?symbols=BTCUSDT").statusCode()).isEqualTo(400);
    }

    private static List<String> symbolsOf(HttpResponse<String> response) throws IOException {
        List<String> symbols = new ArrayList<>();
        JSON.readTree(response.body()).get("symbols").forEach(symbol -> {
            assertThat(symbol.get("status").asText()).isEqualTo("TRADING");
            symbols.add(symbol.get("symbol").asText());
        });
        return symbols;
    }

    // The trade source

    @Test
    void idsStartAgainAtZeroOnTheStreamAndInTheHistory() throws Exception {
        ExchangeSimulator exchange = exchange(FaultScript.EMPTY.afterTrades(10, new Fault.ResetIds(BTCUSDT)));
        RawClient client = client(exchange, RAW).awaitTrades(15);

        assertThat(client.ids().subList(0, 10)).isEqualTo(firstIds(10));
        assertThat(client.ids().subList(10, 15)).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(restIds(exchange, "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=0&limit=3"))
                .containsExactly(0L, 1L, 2L);
        stop(exchange);
        assertThat(exchange.issuedRanges(BTCUSDT))
                .hasSize(2)
                .startsWith(new IdRange(FIRST, FIRST + 9))
                .endsWith(exchange.issued(BTCUSDT).orElseThrow());
    }

    @Test
    void haltPausesTradeTimeWithoutAGapInTheIds() throws Exception {
        RawClient client = after10(new Fault.Halt(Duration.ofMillis(400))).awaitTrades(20);

        assertThat(client.ids().subList(0, 20)).isEqualTo(firstIds(20));
        long before = tradeTime(client.payloads(0x81).get(9));
        long after = tradeTime(client.payloads(0x81).get(10));
        assertThat(after - before).isBetween(390L, 450L);
    }

    private static long tradeTime(String trade) throws IOException {
        JsonNode tree = JSON.readTree(trade);
        assertThat(tree.get("E").asLong() - tree.get("T").asLong()).isBetween(0L, 2L);
        return tree.get("T").asLong();
    }

    @Test
    void stepByTimeHappensAtTheSameTradeEveryTime() throws Exception {
        List<Integer> trades = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
            ExchangeSimulator exchange = exchange(
                    ExchangeOptions.defaults()
                            .withScript(FaultScript.EMPTY.after(
                                    Duration.ofMillis(99), new Fault.Cut(Target.ALL, Fault.How.FIN))),
                    50_000,
                    false);
            trades.add(client(exchange, RAW).awaitEnd().ids().size());
            exchange.close();
        }

        assertThat(trades.get(0)).isGreaterThan(1_000);
        assertThat(trades).containsOnly(trades.get(0));
    }

    @Test
    void twoHundredSymbolsArriveComplete() throws Exception {
        List<Symbol> symbols = IntStream.range(0, 200)
                .mapToObj(i -> new Symbol("S" + i + "USDT"))
                .toList();
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults(), symbols.toArray(Symbol[]::new));
        StringBuilder path = new StringBuilder("/stream?streams=");
        symbols.forEach(symbol ->
                path.append(symbol.value().toLowerCase(java.util.Locale.ROOT)).append("@trade/"));
        RawClient client = client(exchange, path.toString());

        Await.until("trades", () -> exchange.issuedCount() > 5_000);
        stop(exchange);

        client.awaitTrades((int) exchange.issuedCount());
        assertThat(client.ids()).hasSize((int) exchange.issuedCount()).doesNotHaveDuplicates();
        assertThat(client.end()).isEmpty();
    }

    // Control

    @Test
    void controlServerAcceptsFaultsAndShowsTheState() throws Exception {
        ExchangeSimulator exchange = exchange(ExchangeOptions.defaults().withControlPort(0));
        RawClient client = client(exchange, RAW).awaitTrades(5);
        URI control = exchange.controlUri().orElseThrow();

        JsonNode status = JSON.readTree(http.send(
                        HttpRequest.newBuilder(control.resolve("/status")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        assertThat(status.at("/connections/0/id").asLong()).isEqualTo(1);
        assertThat(status.at("/connections/0/streams/0").asText()).isEqualTo("btcusdt@trade");
        assertThat(status.at("/connections/0/delivered").asLong()).isGreaterThanOrEqualTo(5);
        assertThat(status.at("/issued/BTCUSDT/first").asLong()).isEqualTo(FIRST);
        assertThat(status.at("/upgrades").asLong()).isEqualTo(1);
        assertThat(status.at("/rest_weight_used").isInt()).isTrue();

        HttpResponse<String> wrong = post(control, "fault: cu");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("no fault is called cu; allowed are close, cut,");
        HttpResponse<String> done = post(control, "{\"fault\": \"cut\", \"how\": \"fin\"}");
        assertThat(done.statusCode()).isEqualTo(200);
        assertThat(done.body()).endsWith("met connection 1\n");
        assertThat(client.awaitEnd().end()).isEqualTo("FIN");
    }

    private HttpResponse<String> post(URI control, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(control.resolve("/fault"))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
