package io.marketdata.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SymbolWatchTest {

    private static final Symbol ONE = new Symbol("ONEUSDT");
    private static final Symbol TWO = new Symbol("TWOUSDT");

    private final ManualTime time = new ManualTime();
    private final Map<String, String> listed = new HashMap<>(Map.of("ONEUSDT", "TRADING", "TWOUSDT", "TRADING"));
    private final FakeTransport transport = new FakeTransport(time, this::exchangeInfo);
    private final RequestBudget budget = new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5);
    private final BinanceRest rest = new BinanceRest(
            URI.create("http://exchange"),
            null,
            transport,
            BinanceRest.TIMEOUT,
            time,
            budget,
            new RestMetrics(new Metrics()));

    /** As the exchange: one unknown symbol spoils the request, and is not named. */
    private Transport.Answer exchangeInfo(FakeTransport.Request request) {
        String one = request.parameter("symbol");
        String several = one != null ? one : request.parameter("symbols").replaceAll("[\\[\\]\"]", "");
        List<String> wanted = List.of(several.split(",", -1));
        if (!listed.keySet().containsAll(wanted)) {
            return FakeTransport.status(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
        }
        return FakeTransport.ok(wanted.stream()
                .map(name -> "{\"symbol\":\"" + name + "\",\"status\":\"" + listed.get(name) + "\"}")
                .collect(Collectors.joining(",", "{\"symbols\":[", "]}")));
    }

    private SymbolWatch watch(Map<Symbol, String> atStart) {
        return new SymbolWatch(List.of(ONE, TWO), atStart, rest, time, () -> 0.5);
    }

    /** As the backfill thread: every two seconds. */
    private void runFor(SymbolWatch watch, Duration span) throws InterruptedException {
        for (long seconds = 0; seconds < span.toSeconds(); seconds += 2) {
            time.advance(Duration.ofSeconds(2));
            watch.runOnce();
        }
    }

    @Test
    void symbolThatIsDelistedWhileRecordingIsNoticedWithinAnHourAndKnownAgainWithinMinutes() throws Exception {
        SymbolWatch watch = watch(Map.of(ONE, "TRADING", TWO, "TRADING"));
        listed.remove("TWOUSDT");
        try (LogLines log = new LogLines(SymbolWatch.class)) {
            runFor(watch, Duration.ofMinutes(61));
            assertThat(watch.isUnknown(ONE)).isFalse();
            assertThat(watch.isUnknown(TWO)).isTrue();

            listed.put("TWOUSDT", "TRADING");
            runFor(watch, Duration.ofMinutes(6));
            assertThat(watch.isUnknown(TWO)).isFalse();
            assertThat(log.all()).hasSize(2);
            assertThat(log.all().get(0)).startsWith("WARN Unknown to the exchange: TWOUSDT.");
            assertThat(log.all().get(1)).isEqualTo("INFO The exchange trades TWOUSDT again");
        }
    }

    @Test
    void unknownSymbolIsCheckedEveryFiveMinutesForALowWeight() throws Exception {
        listed.remove("TWOUSDT");
        runFor(watch(Map.of(ONE, "TRADING", TWO, BinanceRest.UNKNOWN)), Duration.ofHours(1));

        // the known ones in one request, the unknown one in another
        assertThat(transport.requests).hasSizeBetween(22, 24);
    }

    @Test
    void symbolsThatCouldNotBeVerifiedAtTheStartAreVerifiedSoon() throws Exception {
        listed.put("TWOUSDT", "BREAK");
        SymbolWatch watch = watch(Map.of());
        try (LogLines log = new LogLines(SymbolWatch.class)) {
            runFor(watch, Duration.ofMinutes(6));
            assertThat(log.all())
                    .containsExactly(
                            "WARN Not traded now, the exchange's status is BREAK: TWOUSDT. Recording continues");
        }
        int requests = transport.requests.size();
        runFor(watch, Duration.ofMinutes(30));
        assertThat(transport.requests).hasSize(requests);
    }

    @Test
    void manyUnknownSymbolsAreCheckedInTurnsAndLeaveWeightForBackfill() throws Exception {
        List<Symbol> many =
                IntStream.range(0, 100).mapToObj(i -> new Symbol("NO" + i)).toList();
        Map<Symbol, String> unknown =
                many.stream().collect(Collectors.toMap(each -> each, each -> BinanceRest.UNKNOWN));
        SymbolWatch watch = new SymbolWatch(many, unknown, rest, time, () -> 0.5);
        many.forEach(symbol -> listed.put(symbol.value(), "TRADING"));

        runFor(watch, Duration.ofMinutes(5));
        assertThat(transport.requests).hasSize(5);
        runFor(watch, Duration.ofMinutes(101));
        assertThat(many).noneMatch(watch::isUnknown);
    }

    @Test
    void failingRestChangesNothing() throws Exception {
        SymbolWatch watch = watch(Map.of(ONE, "TRADING", TWO, BinanceRest.UNKNOWN));
        transport.script = request -> FakeTransport.ok("{}");
        runFor(watch, Duration.ofHours(2));

        assertThat(watch.isUnknown(ONE)).isFalse();
        assertThat(watch.isUnknown(TWO)).isTrue();
    }
}
