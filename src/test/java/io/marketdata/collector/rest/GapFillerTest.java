package io.marketdata.collector.rest;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.rest.FakeTransport.Request;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GapFillerTest {

    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");
    private static final Symbol SOLUSDT = new Symbol("SOLUSDT");
    private static final String NEWEST = "/api/v3/trades?symbol=BTCUSDT&limit=1000";
    private static final String OLD = "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=";

    private final ManualTime time = new ManualTime();
    private final long start = time.nanoTime();
    private final RestMetrics metrics = new RestMetrics(new Metrics());
    private final FakeGaps gaps = new FakeGaps();
    private final FakeTransport transport = new FakeTransport(time, FakeTransport.having(1, 1_000_000));
    private final RequestBudget budget = new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5);
    private final GapFiller filler = new GapFiller(
            new BinanceRest(URI.create("http://exchange"), null, transport, BinanceRest.TIMEOUT, time, budget, metrics),
            gaps,
            time,
            Duration.ofMillis(500),
            Duration.ofHours(24),
            metrics);

    /** Runs like the backfill thread: repeatedly, waiting as long as requested; no gap is found meanwhile. */
    private void runFor(Duration span) throws Exception {
        long end = time.nanoTime() + span.toNanos();
        while (time.nanoTime() < end) {
            Duration pause = filler.runOnce();
            if (pause.toMillis() > 2_000) {
                throw new AssertionError("the requested wait is " + pause + ", but the budget may be free before");
            }
            // A request also takes time.
            time.advance(pause.isZero() ? Duration.ofMillis(50) : pause);
        }
    }

    private List<Double> secondsOf(String path) {
        return transport.requests.stream()
                .filter(request -> request.path().startsWith(path))
                .map(request -> (request.atNanos() - start) / 1_000_000_000.0)
                .toList();
    }

    /** A page of an exchange that has these trades and no others. */
    private static Transport.Answer old(List<Long> has, FakeTransport.Request request) {
        return FakeTransport.ok(has.stream()
                .filter(id -> id >= request.number("fromId"))
                .limit(request.number("limit"))
                .map(FakeTransport::row)
                .toList()
                .toString());
    }

    private static List<Long> ids(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void youngGapIsLeftToTheRedundantConnection() throws Exception {
        gaps.open(BTCUSDT, 999_990, 999_995, time.nanoTime());

        runFor(Duration.ofMillis(490));
        assertThat(transport.requests).isEmpty();
        time.advance(Duration.ofMillis(20));
        filler.runOnce();

        assertThat(transport.paths()).containsExactly(NEWEST);
    }

    @Test
    void recentGapIsFilledFromMemoryAndOnlyWithItsIds() throws Exception {
        gaps.open(BTCUSDT, 999_990, 999_995, time.nanoTime());
        gaps.open(BTCUSDT, 999_997, 999_998, time.nanoTime());

        runFor(Duration.ofSeconds(2));

        assertThat(transport.paths()).containsExactly(NEWEST, NEWEST);
        assertThat(gaps.offeredIds())
                .containsExactly(999_990L, 999_991L, 999_992L, 999_993L, 999_994L, 999_995L, 999_997L, 999_998L);
        assertThat(gaps.open()).isEmpty();
        assertThat(metrics.idsBackfilled.labelValues("BTCUSDT").get()).isEqualTo(8);
    }

    @Test
    void answerThatIsWrongAboutARecordedTradeIsNotUsed() throws Exception {
        gaps.open(BTCUSDT, 999_990, 999_995, time.nanoTime());
        gaps.recorded.put(999_989L, "{}");

        runFor(Duration.ofSeconds(2));

        assertThat(transport.paths()).startsWith(NEWEST, OLD + "999990&limit=6");
        assertThat(gaps.open()).isEmpty();
    }

    @Test
    void backfilledTradeIsTheStreamsEventWithItsOrigin() throws Exception {
        gaps.open(BTCUSDT, 999_990, 999_990, time.nanoTime());

        runFor(Duration.ofSeconds(1));

        TradeEvent trade = gaps.offered.get(0);
        assertThat(trade.json())
                .isEqualTo("{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":999990,\"p\":\"61837.63000000\","
                        + "\"q\":\"0.02000000\",\"T\":1723161255342,\"m\":true,\"M\":true,\"src\":\"rest\"}");
        assertThat(trade.receivedMicros()).isBetween(ManualTime.START_MS * 1_000, time.epochMicros());
    }

    @Test
    void pageFromMemoryThatDoesNotReachBackIsNotUsed() throws Exception {
        // The newest 1000 are 999001..1000000.
        gaps.open(BTCUSDT, 999_000, 999_100, time.nanoTime());

        runFor(Duration.ofSeconds(2));

        assertThat(transport.paths()).containsExactly(NEWEST, OLD + "999000&limit=101");
        assertThat(gaps.offeredIds()).isEqualTo(ids(999_000, 999_100));
    }

    @Test
    void pageFromMemoryWithAGapIsNotUsed() throws Exception {
        gaps.open(BTCUSDT, 10, 12, time.nanoTime());
        transport.script = request -> request.is("trades")
                ? FakeTransport.ok("[" + FakeTransport.row(10) + "," + FakeTransport.row(12) + "]")
                : FakeTransport.rows(10, 12);

        runFor(Duration.ofSeconds(2));

        assertThat(transport.paths()).containsExactly(NEWEST, OLD + "10&limit=3");
        assertThat(gaps.offeredIds()).containsExactly(10L, 11L, 12L);
    }

    @Test
    void longGapIsFilledPageByPage() throws Exception {
        gaps.open(BTCUSDT, 5_001, 7_500, time.nanoTime());

        runFor(Duration.ofSeconds(2));

        assertThat(transport.paths())
                .containsExactly(OLD + "5001&limit=1000", OLD + "6001&limit=1000", OLD + "7001&limit=500");
        assertThat(gaps.offeredIds()).isEqualTo(ids(5_001, 7_500));
        assertThat(gaps.open()).isEmpty();
    }

    @Test
    void pageThatBeginsLaterThanRequestedIsNotUsed() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = FakeTransport.having(110, 1_000_000);

        runFor(Duration.ofHours(1));

        assertThat(gaps.offered).isEmpty();
        assertThat(gaps.open()).hasSize(1);
    }

    /** As in the backfill command: the whole range is one gap, as old as the backfill itself. */
    @Test
    void onlyTheMissingTradeOfALongOldGapIsUnrecoverable() throws Exception {
        gaps.open(BTCUSDT, 100, 5_000, time.nanoTime() - Duration.ofHours(30).toNanos());
        List<Long> has = new ArrayList<>(ids(100, 5_000));
        has.remove(Long.valueOf(2_110));
        transport.script = request -> old(has, request);

        runFor(Duration.ofHours(25));

        assertThat(gaps.lost).containsExactly("BTCUSDT 2110..2110");
        assertThat(gaps.offeredIds()).isEqualTo(has);
    }

    @Test
    void pageWithAGapIsUsedUpToTheGap() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        List<Long> has = new ArrayList<>(ids(100, 120));
        has.remove(Long.valueOf(110));
        transport.script = request -> request.is("trades") ? FakeTransport.ok("[]") : old(has, request);

        runFor(Duration.ofSeconds(10));

        assertThat(transport.paths().subList(0, 4))
                .containsExactly(NEWEST, OLD + "100&limit=21", OLD + "100&limit=10", OLD + "110&limit=11");
        assertThat(gaps.offeredIds()).isEqualTo(ids(100, 109));

        runFor(Duration.ofHours(25));

        assertThat(gaps.lost).containsExactly("BTCUSDT 110..110");
        assertThat(gaps.offeredIds()).isEqualTo(has);
        assertThat(gaps.open()).isEmpty();
    }

    @Test
    void missingPageIsRetriedWithGrowingPauses() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = FakeTransport.having(1, 50);

        runFor(Duration.ofMinutes(13));

        List<Double> at = secondsOf(OLD);
        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i < at.size(); i++) {
            pauses.add(Math.round(at.get(i) - at.get(i - 1)));
        }
        assertThat(pauses).containsExactly(1L, 2L, 5L, 15L, 60L, 300L, 300L);

        transport.script = FakeTransport.having(1, 500);
        runFor(Duration.ofMinutes(5));
        assertThat(gaps.offeredIds()).isEqualTo(ids(100, 120));
        assertThat(gaps.lost).isEmpty();
    }

    @Test
    void gapIsUnrecoverableAfter24HoursAndNotBefore() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = FakeTransport.having(1, 50);

        runFor(Duration.ofHours(24).minusMinutes(6));
        assertThat(gaps.lost).isEmpty();
        runFor(Duration.ofMinutes(12));

        assertThat(gaps.lost).containsExactly("BTCUSDT 100..120");
        assertThat(gaps.reasons).containsExactly("the exchange has no trade from 100 on");
    }

    @Test
    void tradesBehindAnUnrecoverableGapAreBackfilled() throws Exception {
        gaps.open(BTCUSDT, 100, 3_500, time.nanoTime());
        transport.script = FakeTransport.having(1_200, 1_000_000);

        runFor(Duration.ofHours(25));

        assertThat(gaps.lost).containsExactly("BTCUSDT 100..1199");
        assertThat(gaps.reasons).containsExactly("the exchange's page begins at 1200");
        assertThat(gaps.offeredIds()).isEqualTo(ids(1_200, 3_500));
    }

    @Test
    void failedRequestsDoNotMakeATradeUnrecoverable() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = request -> {
            throw new IOException("connection reset");
        };

        runFor(Duration.ofHours(30));
        assertThat(gaps.lost).isEmpty();
        // Full jitter of half: 0.5 s doubling to 30 s, indefinitely.
        assertThat(transport.requests).hasSizeBetween(3_400, 3_620);

        transport.script = FakeTransport.having(1, 500);
        runFor(Duration.ofMinutes(2));
        assertThat(gaps.offeredIds()).isEqualTo(ids(100, 120));
    }

    @Test
    void gapThatCannotBeRequestedInTwiceTheTimeIsUnrecoverable() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = request -> FakeTransport.status(451, "{\"code\":0,\"msg\":\"restricted location\"}");

        runFor(Duration.ofHours(48).minusMinutes(1));
        assertThat(gaps.lost).isEmpty();
        runFor(Duration.ofMinutes(2));

        assertThat(gaps.lost).containsExactly("BTCUSDT 100..120");
        assertThat(gaps.reasons).containsExactly("the exchange could not be queried");
    }

    @Test
    void gapThatIsBeingFilledIsNeverUnrecoverable() throws Exception {
        transport.script = request -> FakeTransport.rows(request.number("fromId"), request.number("fromId") + 9);
        gaps.open(
                BTCUSDT,
                1,
                1_000_000,
                time.nanoTime() - Duration.ofHours(48).minusMinutes(1).toNanos());

        runFor(Duration.ofMinutes(5));

        assertThat(gaps.lost).isEmpty();
        assertThat(gaps.offered.size()).isGreaterThan(1_500);
    }

    @Test
    void invalidAnswerIsRetriedLikeAMissingTrade() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = request -> FakeTransport.ok("<html>login</html>");

        runFor(Duration.ofHours(1));
        assertThat(transport.requests).hasSizeLessThan(25);
        assertThat(gaps.lost).isEmpty();
        runFor(Duration.ofHours(24));

        assertThat(gaps.lost).containsExactly("BTCUSDT 100..120");
    }

    @Test
    void endlessGapNeverSpendsMoreThanTheLimit() throws Exception {
        transport.script = request -> FakeTransport.rows(request.number("fromId"), request.number("fromId") + 9);
        gaps.open(BTCUSDT, 1, 1_000_000_000_000L, time.nanoTime());

        runFor(Duration.ofHours(1));

        List<Request> all = transport.requests;
        int from = 0;
        int weight = 0;
        int most = 0;
        for (Request request : all) {
            weight += request.weight();
            while (request.atNanos() - all.get(from).atNanos() >= 60_000_000_000L) {
                weight -= all.get(from++).weight();
            }
            most = Math.max(most, weight);
        }
        assertThat(most).isBetween(1_000, 1_200);
        assertThat(all).hasSizeBetween(60 * 40, 60 * 48);
        // There is weight left to check whether a silent symbol trades.
        assertThat(budget.waitNanos(Weights.TRADES, 0)).isZero();
    }

    @Test
    void symbolsAndGapsTakeTurns() throws Exception {
        gaps.open(BTCUSDT, 1, 900_000, time.nanoTime());
        gaps.open(BTCUSDT, 900_002, 950_000, time.nanoTime());
        gaps.open(ETHUSDT, 1, 900_000, time.nanoTime());
        runFor(Duration.ofSeconds(2));

        List<String> turns = transport.requests.subList(0, 12).stream()
                .map(request -> request.parameter("symbol") + (request.number("fromId") > 900_000 ? " b" : " a"))
                .toList();
        assertThat(turns.stream().filter(turn -> turn.equals("ETHUSDT a"))).hasSize(6);
        assertThat(turns.stream().filter(turn -> turn.equals("BTCUSDT a"))).hasSize(3);
        assertThat(turns.stream().filter(turn -> turn.equals("BTCUSDT b"))).hasSize(3);

        gaps.open(SOLUSDT, 999_990, 999_991, time.nanoTime() - 600_000_000L);
        int before = transport.requests.size();
        filler.runOnce();
        assertThat(transport.requests.get(before).parameter("symbol")).isEqualTo("SOLUSDT");
        assertThat(gaps.open().stream().map(Gaps.Gap::symbol)).doesNotContain(SOLUSDT);
    }

    @Test
    void youngSmallGapDoesNotWaitForAHugeOneOfItsSymbol() throws Exception {
        gaps.open(BTCUSDT, 1, 900_000, time.nanoTime());
        runFor(Duration.ofSeconds(1));
        gaps.open(BTCUSDT, 999_990, 999_991, time.nanoTime());

        int before = transport.requests.size();
        runFor(Duration.ofMillis(700));

        assertThat(transport.requests.subList(before, transport.requests.size()))
                .anyMatch(request -> request.is("trades"));
        assertThat(gaps.offeredIds()).contains(999_990L, 999_991L);
    }

    @Test
    void gapThatShrinksOrSplitsKeepsItsState() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = FakeTransport.having(1, 50);
        runFor(Duration.ofMinutes(13));
        int before = transport.requests.size();

        gaps.fill(BTCUSDT, 110, 110);
        gaps.fill(BTCUSDT, 100, 101);
        gaps.fill(BTCUSDT, 120, 120);
        runFor(Duration.ofMinutes(10));

        assertThat(transport.paths().subList(before, transport.paths().size()))
                .containsExactlyInAnyOrder(
                        OLD + "102&limit=8", OLD + "102&limit=8", OLD + "111&limit=9", OLD + "111&limit=9");
    }

    @Test
    void gapThatConnectionsFillDuringARequestIsNotFilledTwice() throws Exception {
        gaps.open(BTCUSDT, 999_990, 999_999, time.nanoTime());
        transport.script = request -> {
            gaps.fill(BTCUSDT, 999_992, 999_999);
            return FakeTransport.rows(999_001, 1_000_000);
        };

        runFor(Duration.ofSeconds(2));

        assertThat(metrics.idsBackfilled.labelValues("BTCUSDT").get()).isEqualTo(2);
        assertThat(transport.requests).hasSize(1);
    }

    @Test
    void closedGapIsNotRequested() throws Exception {
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        transport.script = FakeTransport.having(1, 50);
        runFor(Duration.ofMinutes(13));
        gaps.fill(BTCUSDT, 100, 120);
        runFor(Duration.ofSeconds(1));
        int before = transport.requests.size();

        gaps.open(BTCUSDT, 100, 120, time.nanoTime());
        runFor(Duration.ofSeconds(1));

        assertThat(transport.paths().subList(before, before + 2)).containsExactly(NEWEST, OLD + "100&limit=21");
    }

    @Test
    void gapThatStaysOpenAfterItsTradesWereAcceptedIsRetriedWithAPause() throws Exception {
        gaps.stubborn = true;
        gaps.open(BTCUSDT, 100, 120, time.nanoTime());

        runFor(Duration.ofHours(1));

        assertThat(transport.requests).hasSizeLessThan(40);
    }

    @Test
    void tradeThatCannotBeWrittenEndsTheCycle() {
        gaps.open(BTCUSDT, 999_990, 999_995, time.nanoTime() - 1_000_000_000L);
        gaps.fault = new IOException("no space left on device");

        assertThatThrownBy(filler::runOnce).isSameAs(gaps.fault);
    }

    /** Failures of alternating kinds, and gaps without end: each as often as the budget allows, for an hour. */
    @Test
    void whateverRestAnswersTheLogGrowsSlowly() throws Exception {
        List<Transport.Answer> answers = List.of(
                FakeTransport.status(500, "x"),
                FakeTransport.rows(1, 1),
                FakeTransport.status(400, "x"),
                FakeTransport.ok("{}"),
                FakeTransport.ok("[]"));
        transport.script = request -> answers.get(transport.requests.size() % answers.size());
        try (LogLines log = new LogLines("io.marketdata.collector.rest")) {
            for (int i = 0; i < 10_000; i++) {
                gaps.open(
                        BTCUSDT,
                        10L * i,
                        10L * i,
                        time.nanoTime() - Duration.ofSeconds(1).toNanos());
                filler.runOnce();
                gaps.fill(BTCUSDT, 10L * i, 10L * i);
                time.advance(Duration.ofMillis(360));
            }
            assertThat(transport.requests).hasSizeGreaterThan(500);
            assertThat(log.all()).as("lines in an hour").hasSizeLessThan(60 * 10 + 2 * 12 * 4);
        }
    }
}
