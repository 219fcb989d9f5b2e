package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.status.EventRing.Event;
import io.marketdata.collector.status.StatusServer.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class StatusPageTest {

    private static final String HOSTILE = "<script>alert(\"1\")</script>&";

    private static Board.SymbolRow row(String symbol, List<Double> rates) {
        return row(symbol, rates, 3, 2, "");
    }

    private static Board.SymbolRow row(
            String symbol, List<Double> rates, long missing, long unrecoverable, String unknown) {
        return new Board.SymbolRow(
                new Symbol(symbol), rates, 1_000, 4_711, 1_250, 4_700, missing, unknown, unrecoverable, 1 << 20, 2_500);
    }

    private static Board board(List<Reason> reasons, List<Board.SymbolRow> symbols, String text) {
        return new Board(
                new Board.About("0.1.0", text, text, 2 << 20, 5, 2L << 30),
                3_725,
                new Report(reasons, List.of(), 0),
                symbols,
                List.of(new Board.ConnectionRow("connection 1.1", text, 65_000, 99)),
                new Board.Store(4, 70, text, 12, 34_567, 1 << 20, 8, 0.25, 5L << 30),
                new Board.Latency(0.05, Double.POSITIVE_INFINITY),
                new Board.Latency(Double.NaN, 5),
                -12L,
                List.of(new Event(1_736_950_336_567L, "WARN", text)),
                1_736_950_336_567L);
    }

    private static String page(Board board) {
        Answer answer = new StatusPage(() -> board).show(null);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void numbersAreInPlainTablesWithoutAScript() {
        String page = page(board(
                List.of(new Reason(
                        Status.DEGRADED, "redundancy_reduced", null, "1 of 2 connections", 1_736_950_336_567L)),
                List.of(row("BTCUSDT", List.of(10.0, 20.0, 35.25))),
                "tokyo-1"));

        assertThat(page)
                .contains(
                        "<title>degraded – collector tokyo-1</title>",
                        "<b>redundancy_reduced</b> since <time datetime=\"2025-01-15T14:12:16.567Z\">2025-01-15 14:12:16 UTC"
                                + "</time>: 1 of 2 connections",
                        "docs/RUNBOOK.md#disconnected",
                        "<th scope=\"row\">BTCUSDT</th>",
                        ">35.3<",
                        "1.3 s ago",
                        "4711",
                        "4700",
                        ">3, 2 unrecoverable<",
                        "1.00 of 2 MiB, 2.5 of 5 s",
                        "4 parts, the oldest for 1 min 10 s",
                        "≤ 50 ms",
                        "12 ms behind the exchange's",
                        "up 1 h 2 min",
                        "1 min 5 s");
    }

    @Test
    void textFromOutsideIsEscaped() {
        String page = page(board(
                List.of(new Reason(Status.FAILING, "stale", null, HOSTILE, 0)),
                List.of(row("BTCUSDT", List.of())),
                HOSTILE));

        assertThat(page).doesNotContain(HOSTILE).contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;");
        assertThat(page.split("<script>", -1)).hasSize(2);
    }

    @Test
    void onlyItsOwnStyleAndScriptMayRun() {
        Answer answer = new StatusPage(() -> null).show(null);

        assertThat(answer.policy())
                .startsWith("default-src 'none'; style-src 'sha256-")
                .doesNotContain("unsafe")
                .contains("script-src 'sha256-", "connect-src 'self'");
        assertThat(answer.body()).contains("starting").doesNotContain("style=\"", "src=\"", "http://", "https://");
    }

    @Test
    void pageWith200SymbolsIsSmallerThanAMegabyte() {
        List<Double> rates =
                IntStream.range(0, RateHistory.STEPS).mapToObj(i -> i * 1.5).toList();
        List<Board.SymbolRow> rows = IntStream.range(0, 200)
                .mapToObj(i -> row("S" + i + "USDT", rates))
                .toList();

        assertThat(page(board(List.of(), rows, "x"))).hasSizeLessThan(1_000_000).contains("S199USDT");
    }

    @Test
    void rateIsCountedOverTenSeconds() {
        RateHistory rate = new RateHistory();
        for (int second = 0; second <= 2_000; second++) {
            rate.add(second * 7L, true, second * 1_000_000_000L);
        }

        assertThat(rate.perSecond()).hasSize(RateHistory.STEPS).containsOnly(7);
    }

    /** A count that stands still while nothing can arrive is no rate of zero. */
    @Test
    void rateIsUnknownWhileNothingCanArrive() {
        RateHistory rate = new RateHistory();
        for (int second = 0; second <= 40; second++) {
            rate.add(second < 20 ? second : 20, second <= 20 || second > 30, second * 1_000_000_000L);
        }

        assertThat(rate.perSecond()).containsExactly(1, 1, Double.NaN, 0);
        assertThat(Sparkline.of(List.of(1.0, Double.NaN, 2.0)).split("<polyline", -1))
                .hasSize(3);
    }

    @Test
    void unknownIsNotZero() {
        String page = page(board(
                List.of(),
                List.of(
                        row("BTCUSDT", List.of(0.0), 0, 0, "no connection is open"),
                        row("ETHUSDT", List.of(0.0), 7, 0, "no connection is open"),
                        row("SOLUSDT", List.of(0.0), 0, 0, "")),
                "x"));

        assertThat(page)
                .contains(
                        "data-label=\"trades missing\"><span class=\"bad\">unknown: no connection is open</span>",
                        "data-label=\"trades missing\"><span class=\"bad\">≥ 7, unknown: no connection is open</span>",
                        "data-label=\"trades missing\">0<",
                        "<span class=\"rate\">–</span>",
                        "<span class=\"rate\">0.0</span>");
    }

    @Test
    void consequencesAreListedBelowTheirCause() {
        List<Reason> reasons = new ArrayList<>();
        reasons.add(new Reason(Status.FAILING, "disconnected", null, "none open", 0));
        for (int i = 0; i < 50; i++) {
            reasons.add(
                    new Reason(Status.FAILING, "stale", new Symbol("S" + i + "USDT"), "stale " + i, 0, "disconnected"));
        }
        String page = page(board(reasons, List.of(), "x"));

        assertThat(page)
                .contains(">1 problem<", "Because of it:<ul><li><b>stale</b>", "stale 0", ", and of 49 other symbols")
                .doesNotContain("stale 1");
    }

    @Test
    void everyTimeNamesItsZone() {
        String page = page(board(
                List.of(new Reason(Status.FAILING, "stale", null, "none", 0)),
                List.of(row("BTCUSDT", List.of())),
                "x"));

        assertThat(Pattern.compile("\\d\\d:\\d\\d:\\d\\d(?!\\.\\d+Z| UTC|Z)")
                        .matcher(page)
                        .results())
                .isEmpty();
        assertThat(page).contains("1970-01-01 00:00:00 UTC", "2025-01-15 14:12:16 UTC");
    }

    @Test
    void quantilesCoverTheLastMinute() {
        FeedMetrics metrics = new FeedMetrics(new Metrics());
        RecentQuantiles quantiles = new RecentQuantiles(metrics.receiveDelay);
        assertThat(quantiles.quantile(0.5)).isNaN();
        metrics.receiveDelay.observe(50);
        quantiles.sample();
        for (int i = 0; i < 100; i++) {
            metrics.receiveDelay.observe(i < 98 ? 0.02 : 2);
        }
        quantiles.sample();

        assertThat(quantiles.quantile(0.5)).isEqualTo(0.025);
        assertThat(quantiles.quantile(0.99)).isEqualTo(2.5);
        for (int i = 0; i < 60; i++) {
            quantiles.sample();
        }
        assertThat(quantiles.quantile(0.5)).isNaN();
    }

    @Test
    void lastEventsAreKeptNewestFirstWithBoundedText() {
        Logger ours = (Logger) LoggerFactory.getLogger("io.marketdata.collector");
        EventRing ring = EventRing.listening();
        try (ring) {
            assertThat(ours.isAttached(ring)).isTrue();
            for (int i = 0; i < 30; i++) {
                log(ring, Level.ERROR, i);
            }
            assertThat(ring.events()).hasSize(EventRing.KEPT);
            assertThat(ring.events().get(0).text()).startsWith("event 29 ").hasSizeLessThan(500);
            assertThat(ring.events().get(0).level()).isEqualTo("ERROR");
        }
        assertThat(ours.isAttached(ring)).isFalse();
    }

    private static void log(EventRing ring, Level level, int number) {
        Logger ours = (Logger) LoggerFactory.getLogger("io.marketdata.collector");
        Object[] values = {number, "x".repeat(1_000)};
        ring.doAppend(new LoggingEvent("", ours, level, "event {} {}", null, values));
    }

    /** Of every severity the newest lines stay, whatever the other severities do. */
    @Test
    void floodOfOneSeverityDisplacesNoOther() {
        for (Level flood : List.of(Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR)) {
            EventRing ring = new EventRing();
            ring.start();
            log(ring, Level.ERROR, 1);
            log(ring, Level.WARN, 2);
            log(ring, Level.INFO, 3);
            for (int i = 0; i < 10_000; i++) {
                log(ring, flood, 10 + i);
            }
            List<String> levels =
                    ring.events().stream().map(Event::level).distinct().toList();
            assertThat(levels).as("%s", flood).contains("ERROR", "WARN");
            assertThat(ring.events()).hasSizeLessThanOrEqualTo(3 * EventRing.KEPT);
            assertThat(ring.events().get(0).text()).startsWith("event 10009 ");
        }
    }
}
