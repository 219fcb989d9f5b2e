package io.marketdata.collector.rest;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.rest.RestException.Kind;
import io.marketdata.collector.rest.Transport.Answer;
import io.marketdata.collector.testkit.ManualTime;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BinanceRestTest {

    private static final String TOO_MUCH =
            "{\"code\":-1003,\"msg\":\"Too much request weight used; current limit is 6000\"}";

    private final ManualTime time = new ManualTime();
    private final RestMetrics metrics = new RestMetrics(new Metrics());
    private final FakeTransport transport = new FakeTransport(time, FakeTransport.having(1, 2_000));
    private final BinanceRest rest = rest(null);

    private BinanceRest rest(String key) {
        return new BinanceRest(
                URI.create("http://exchange"),
                key,
                transport,
                BinanceRest.TIMEOUT,
                time,
                new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5),
                metrics);
    }

    private RestException refusal(Answer answer) {
        transport.script = request -> answer;
        return catchThrowableOfType(RestException.class, () -> rest.from(BTCUSDT, 1, 10));
    }

    @Test
    void tradesAreInTheOrderOfThePage() throws Exception {
        assertThat(rest.newest(BTCUSDT, 3)).extracting(RestTrade::id).containsExactly(1_998L, 1_999L, 2_000L);
        assertThat(rest.from(BTCUSDT, 7, 2)).extracting(RestTrade::id).containsExactly(7L, 8L);
        assertThat(transport.paths())
                .containsExactly(
                        "/api/v3/trades?symbol=BTCUSDT&limit=3",
                        "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=7&limit=2");
        assertThat(metrics.requests.labelValues("ok").get()).isEqualTo(2);
    }

    @Test
    void apiKeyIsSentOnlyWithRequestsForOldTrades() throws Exception {
        BinanceRest keyed = rest("secret-key");
        keyed.newest(BTCUSDT, 3);
        keyed.from(BTCUSDT, 7, 2);

        assertThat(transport.requests.get(0).headers()).isEmpty();
        assertThat(transport.requests.get(1).headers()).isEqualTo(Map.of("X-MBX-APIKEY", "secret-key"));
    }

    @Test
    void symbolOutsideAsciiIsEncoded() throws Exception {
        rest.newest(Symbol.of("币安USDT"), 3);

        assertThat(transport.paths()).containsExactly("/api/v3/trades?symbol=%E5%B8%81%E5%AE%89USDT&limit=3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":1}",
                "1",
                "{\"id\":\"1\",\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1.0,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":-1,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":9223372036854775808,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":1.0,\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"1e5\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"-1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"1.\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"١.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"1.0\",\"qty\":\"2\\n\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342000,\"isBuyerMaker\":true,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":1,\"isBestMatch\":true}",
                "{\"id\":1,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true}",
                "{\"id\":1,\"id\":2,\"price\":\"1.0\",\"qty\":\"2.0\",\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}"
            })
    void oneInvalidRowInvalidatesThePage(String row) {
        RestException e = refusal(FakeTransport.ok("[" + FakeTransport.row(1) + "," + row + "]"));

        assertThat(e.kind()).isEqualTo(Kind.INVALID);
        assertThat(e).hasMessageContaining("fromId=1&limit=10 had an unexpected answer (");
        assertThat(metrics.requests.labelValues("invalid").get()).isEqualTo(1);
        assertThat(metrics.requests.labelValues("ok").get()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "null", "<html></html>", "[", "[] []", "[{\"id\":1,\"pri"})
    void bodyThatIsNotAListIsInvalid(String body) {
        assertThat(refusal(FakeTransport.ok(body)).kind()).isEqualTo(Kind.INVALID);
    }

    @Test
    void unknownMemberIsIgnored() throws Exception {
        transport.script =
                request -> FakeTransport.ok("[" + FakeTransport.row(1).replace("{", "{\"new\":[{}],") + "]");

        assertThat(rest.newest(BTCUSDT, 1)).extracting(RestTrade::id).containsExactly(1L);
    }

    @Test
    void tooManyRequestsHoldRequestsForRetryAfter() throws Exception {
        RestException e = refusal(new Answer(429, Map.of("retry-after", "17"), TOO_MUCH));

        assertThat(e.kind()).isEqualTo(Kind.LIMITED);
        assertThat(e.exchangeCode()).isEqualTo(-1003);
        // 17 s and half of the jitter, which is a quarter of it.
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(19_125));
        assertThat(e).hasMessageContaining("HTTP 429").hasMessageContaining("Too much request weight");

        transport.script = FakeTransport.having(1, 2_000);
        RestException held = catchThrowableOfType(RestException.class, () -> rest.newest(BTCUSDT, 1));
        assertThat(held.kind()).isEqualTo(Kind.LIMITED);
        assertThat(held)
                .hasMessage(
                        "GET /api/v3/trades?symbol=BTCUSDT&limit=1 was not sent: the exchange answered HTTP 429; the"
                                + " next is allowed in 19125 ms");
        assertThat(transport.requests).hasSize(1);

        time.advance(Duration.ofMillis(19_125));
        assertThat(rest.newest(BTCUSDT, 1)).hasSize(1);
    }

    @Test
    void tooManyRequestsWithoutRetryAfterHoldRequestsForAMinute() {
        assertThat(refusal(FakeTransport.status(429, TOO_MUCH)).stayAway()).isEqualTo(Duration.ofMillis(62_500));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-5",
                "0",
                "soon",
                "",
                "1e3",
                "17.5",
                "Wed, 99 Oct 2026 07:28:00 GMT",
                "Tue, 24 Nov 2026 09:59:00 GMT"
            })
    void retryAfterWithoutSenseIsIgnored(String retryAfter) {
        RestException e = refusal(
                new Answer(429, Map.of("retry-after", retryAfter, "date", "Tue, 24 Nov 2026 10:00:00 GMT"), TOO_MUCH));
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(62_500));
    }

    @Test
    void retryAfterAsADateCountsFromTheDateOfTheAnswer() {
        Map<String, String> headers =
                Map.of("retry-after", "Tue, 24 Nov 2026 10:02:00 GMT", "date", "Tue, 24 Nov 2026 10:00:00 GMT");
        assertThat(refusal(new Answer(429, headers, TOO_MUCH)).stayAway()).isEqualTo(Duration.ofMillis(122_500));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"259200", "1000000000000000000", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
    void absurdlyLongRetryAfterIsKeptForHalfOfWhatBackfillCanReach(String retryAfter) {
        RestException e = refusal(new Answer(429, Map.of("retry-after", retryAfter), TOO_MUCH));
        assertThat(e.stayAway()).isEqualTo(Duration.ofHours(12).plusMillis(2_500));
    }

    @Test
    void banHoldsRequestsUntilTheTimeInItsMessage() {
        long until = time.epochMillis() + 120_000;
        RestException e = refusal(FakeTransport.status(
                418,
                "{\"code\":-1003,\"msg\":\"Way too much request weight used; IP banned until " + until
                        + ". Please use WebSocket Streams for live updates to avoid bans.\"}"));

        assertThat(e.kind()).isEqualTo(Kind.LIMITED);
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(122_500));
    }

    @Test
    void endOfABanIsMeasuredByTheExchangesClock() {
        RestException e = refusal(new Answer(
                418,
                Map.of("date", "Tue, 24 Nov 2026 10:00:00 GMT"),
                "{\"code\":-1003,\"msg\":\"Way too much request weight used; IP banned until "
                        + (Instant.parse("2026-11-24T10:00:00Z").toEpochMilli() + 120_000) + ".\"}"));

        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(122_500));
    }

    @Test
    void firewallBlockHoldsRequestsFor5Minutes() {
        RestException e = refusal(FakeTransport.status(403, "<html>\n<h1>Request blocked</h1></html>"));

        assertThat(e.kind()).isEqualTo(Kind.LIMITED);
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(302_500));
        assertThat(e.getMessage()).doesNotContain("\n");
    }

    @Test
    void refusedLocationNeedsTheOperator() {
        RestException e = refusal(FakeTransport.status(
                451, "{\"code\":0,\"msg\":\"Service unavailable from a restricted location according to...\"}"));

        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e).hasMessageContaining("run elsewhere").hasMessageContaining("REST_URL");
        assertThat(e.stayAway()).isGreaterThan(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"401 -2014", "401 -2015", "400 -2014", "401 0"})
    void rejectedApiKeyNeedsTheOperator(String answer) {
        String[] words = answer.split(" ", -1);
        RestException e = refusal(FakeTransport.status(
                Integer.parseInt(words[0]), "{\"code\":" + words[1] + ",\"msg\":\"API-key format invalid.\"}"));

        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e).hasMessageContaining("API key").hasMessageContaining("leave it out");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504, 408})
    void failuresOfTheExchangeAreTemporary(int status) {
        RestException e = refusal(FakeTransport.status(status, "upstream"));

        assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void failuresOfTheNetworkAreTemporary() {
        transport.script = request -> {
            throw new IOException("Connection\nreset");
        };
        RestException e = catchThrowableOfType(RestException.class, () -> rest.newest(BTCUSDT, 1));

        assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(500));
        assertThat(e).hasMessageContaining("Connection\\u000areset");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 301, 204})
    void otherClientErrorsAreInvalidAndHoldNoRequests(int status) {
        RestException e = refusal(FakeTransport.status(status, "{\"code\":-1102,\"msg\":\"Mandatory parameter\"}"));

        assertThat(e.kind()).isEqualTo(Kind.INVALID);
        assertThat(e.stayAway()).isZero();
    }

    @Test
    void usedWeightIsPublishedAndPausesRequestsAbove4000() throws Exception {
        transport.script = request -> new Answer(200, Map.of("x-mbx-used-weight-1m", "4000"), "[]");
        rest.newest(BTCUSDT, 1);
        transport.script = request -> new Answer(200, Map.of("x-mbx-used-weight-1m", "4025"), "[]");
        rest.newest(BTCUSDT, 1);

        RestException e = catchThrowableOfType(RestException.class, () -> rest.newest(BTCUSDT, 1));
        assertThat(e.kind()).isEqualTo(Kind.LIMITED);
        assertThat(e.stayAway()).isEqualTo(Duration.ofMillis(43_433));
        assertThat(metrics.usedWeight.get()).isEqualTo(4_025);
    }

    @Test
    void readsTheTimeOfTheExchange() throws Exception {
        transport.script = request -> FakeTransport.ok("{\"serverTime\":1499827319559}");

        assertThat(rest.serverTimeMs()).isEqualTo(1_499_827_319_559L);
        assertThat(transport.paths()).containsExactly("/api/v3/time");
    }

    /** As the exchange: one unknown symbol spoils the request, and is not named. */
    private static Answer exchangeInfo(FakeTransport.Request request) {
        String one = request.parameter("symbol");
        List<String> wanted = one != null
                ? List.of(one)
                : List.of(request.parameter("symbols")
                        .replaceAll("[\\[\\]\"]", "")
                        .split(",", -1));
        if (wanted.stream().anyMatch(symbol -> symbol.startsWith("NO"))) {
            return FakeTransport.status(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
        }
        return FakeTransport.ok("{\"symbols\":["
                + String.join(
                        ",",
                        wanted.stream()
                                .map(symbol -> "{\"symbol\":\"" + symbol + "\",\"status\":\""
                                        + (symbol.equals("S7") ? "HALT" : "TRADING") + "\"}")
                                .toList())
                + "]}");
    }

    @Test
    void oneSymbolIsRequestedByName() throws Exception {
        transport.script = BinanceRestTest::exchangeInfo;

        assertThat(rest.status(List.of(BTCUSDT))).isEqualTo(Map.of(BTCUSDT, "TRADING"));
        assertThat(transport.paths()).containsExactly("/api/v3/exchangeInfo?symbol=BTCUSDT&showPermissionSets=false");
    }

    @Test
    void manySymbolsAreRequestedTogether() throws Exception {
        transport.script = BinanceRestTest::exchangeInfo;
        List<Symbol> symbols =
                IntStream.range(0, 250).mapToObj(i -> new Symbol("S" + i)).toList();

        Map<Symbol, String> status = rest.status(symbols);

        assertThat(status.keySet()).containsExactlyElementsOf(symbols);
        assertThat(status).containsEntry(new Symbol("S7"), "HALT").containsEntry(new Symbol("S249"), "TRADING");
        assertThat(transport.requests).hasSize(3);
        assertThat(transport.paths().get(2)).startsWith("/api/v3/exchangeInfo?symbols=%5B%22S200%22%2C%22S201%22");
    }

    @Test
    void unknownSymbolsAreFoundAmongMany() throws Exception {
        transport.script = BinanceRestTest::exchangeInfo;
        List<Symbol> symbols = new ArrayList<>(
                IntStream.range(0, 60).mapToObj(i -> new Symbol("S" + i)).toList());
        symbols.add(3, new Symbol("NO1"));
        symbols.add(44, new Symbol("NO2"));

        Map<Symbol, String> status = rest.status(symbols);

        assertThat(status.keySet()).containsExactlyElementsOf(symbols);
        assertThat(status.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(BinanceRest.UNKNOWN))
                        .map(Map.Entry::getKey))
                .containsExactly(new Symbol("NO1"), new Symbol("NO2"));
        assertThat(transport.requests.size()).isLessThan(30);
    }

    @Test
    void answerWithoutARequestedSymbolIsInvalid() {
        transport.script = request -> FakeTransport.ok("{\"symbols\":[]}");

        RestException e = catchThrowableOfType(RestException.class, () -> rest.status(List.of(BTCUSDT)));
        assertThat(e.kind()).isEqualTo(Kind.INVALID);
        assertThat(e).hasMessageContaining("no status of BTCUSDT");
    }
}
