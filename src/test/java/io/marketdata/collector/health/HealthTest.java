package io.marketdata.collector.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.status.HealthPage;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it reads the log of classes that others use too")
class HealthTest {

    private static final List<String> CODES = List.of(
            "disconnected",
            "stale",
            "lag",
            "rest_failing",
            "rest_weight",
            "gaps_open",
            "sequence_reset",
            "trades_doubted",
            "uploads_refused",
            "uploads_failing",
            "uploads_stalled",
            "backlog",
            "unparsed_not_uploaded",
            "spool_full",
            "spool_filling",
            "not_deleted",
            "clock_off");

    private static final Symbol OTHER = new Symbol("ETHUSDT");

    private final ManualTime time = new ManualTime();
    private Finding connections;
    private Finding spool;
    private Finding uploads;
    private long missing;
    private String unknown = "";
    private final Health health = new Health(
            List.of(
                    new Check("redundancy_reduced", Status.DEGRADED, Duration.ofSeconds(10), () -> connections),
                    new Check("spool_full", Status.FAILING, Duration.ZERO, () -> spool),
                    new Check("uploads_failing", Status.DEGRADED, Duration.ZERO, () -> uploads)),
            () -> List.of(new SymbolState(Trades.BTCUSDT, 42, time.nanoTime(), 40, missing, unknown)),
            time);
    private final HealthPage page = new HealthPage(health, time);

    private List<String> codesAfter(int seconds) {
        time.advance(Duration.ofSeconds(seconds));
        return health.check().reasons().stream().map(Reason::code).toList();
    }

    @Test
    void lastingFindingIsAReasonFromItsStartUntilItClears() {
        connections = new Finding("one connection", null);
        assertThat(codesAfter(0)).isEmpty();
        assertThat(codesAfter(9)).isEmpty();
        assertThat(codesAfter(1)).containsExactly("redundancy_reduced");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);
        assertThat(health.report().reasons().get(0).sinceMs()).isEqualTo(ManualTime.START_MS);

        time.jumpWallClock(Duration.ofHours(1));
        codesAfter(1);
        assertThat(health.report().reasons().get(0).sinceMs()).isEqualTo(ManualTime.START_MS);

        connections = null;
        assertThat(codesAfter(1)).isEmpty();
        assertThat(health.report().status()).isEqualTo(Status.OK);
    }

    @Test
    void findingShorterThanItsPatienceIsNoReason() {
        for (int i = 0; i < 5; i++) {
            connections = new Finding("one connection", null);
            assertThat(codesAfter(1)).isEmpty();
            assertThat(codesAfter(8)).isEmpty();
            connections = null;
            assertThat(codesAfter(1)).isEmpty();
        }
    }

    @Test
    void ageOfAFindingIsUsed() {
        connections = new Finding("one connection", Duration.ofSeconds(12));
        assertThat(codesAfter(0)).containsExactly("redundancy_reduced");
        assertThat(health.report().reasons().get(0).sinceMs()).isEqualTo(ManualTime.START_MS - 12_000);

        connections = new Finding("another one", Duration.ofSeconds(3));
        assertThat(codesAfter(1)).isEmpty();
    }

    @Test
    void worstReasonDecidesTheStatus() throws Exception {
        assertThat(page.show(null).status()).isEqualTo(200);
        connections = new Finding("one connection", Duration.ofSeconds(12));
        health.check();
        assertThat(page.show(null).status()).isEqualTo(200);
        spool = new Finding("full \"up\"", null);
        health.check();
        assertThat(page.show(null).status()).isEqualTo(503);

        JsonNode json = new ObjectMapper().readTree(page.show(null).body());
        assertThat(json.at("/status").asText()).isEqualTo("failing");
        assertThat(json.at("/reasons")).hasSize(2);
        assertThat(json.at("/reasons/1/code").asText()).isEqualTo("spool_full");
        assertThat(json.at("/reasons/1/severity").asText()).isEqualTo("failing");
        assertThat(json.at("/reasons/1/text").asText()).isEqualTo("full \"up\"");
        assertThat(json.at("/reasons/1/since").asText()).isEqualTo("2025-01-15T14:12:16.567Z");
    }

    @Test
    void ageOfTheLastTradeGrowsBetweenChecks() throws Exception {
        health.check();
        time.advance(Duration.ofMillis(700));

        JsonNode symbol = new ObjectMapper().readTree(page.show(null).body()).at("/symbols/0");
        assertThat(symbol.toString())
                .isEqualTo(
                        "{\"symbol\":\"BTCUSDT\",\"last_trade_id\":42,\"last_trade_age_ms\":700,\"last_stored_id\":40,"
                                + "\"missing\":0}");
    }

    @Test
    void unknownNumberOfMissingTradesIsNotZero() throws Exception {
        unknown = "no connection is open";
        missing = 3;
        health.check();

        JsonNode symbol = new ObjectMapper().readTree(page.show(null).body()).at("/symbols/0");
        assertThat(symbol.has("missing")).isFalse();
        assertThat(symbol.at("/missing_at_least").asLong()).isEqualTo(3);
        assertThat(symbol.at("/missing_unknown_because").asText()).isEqualTo("no connection is open");
    }

    @Test
    void oneCauseIsOneProblemAndListsItsConsequences() throws Exception {
        connections = new Finding("one connection", Duration.ofSeconds(12));
        uploads = new Finding("no answer", null);
        spool = new Finding("it is full", null);
        try (LogLines log = new LogLines(Health.class)) {
            health.check();
            assertThat(log.all())
                    .containsExactly(
                            "WARN Health: degraded, redundancy_reduced: one connection (docs/RUNBOOK.md#disconnected)",
                            "INFO Health: failing, spool_full because of uploads_failing: it is full",
                            "WARN Health: degraded, uploads_failing: no answer (docs/RUNBOOK.md#uploads-stopped)");
        }

        assertThat(health.report().causes())
                .extracting(Reason::code)
                .containsExactly("redundancy_reduced", "uploads_failing");
        JsonNode reasons = new ObjectMapper().readTree(page.show(null).body()).at("/reasons");
        assertThat(reasons).hasSize(3);
        assertThat(reasons.at("/1/code").asText()).isEqualTo("spool_full");
        assertThat(reasons.at("/1/cause").asText()).isEqualTo("uploads_failing");
        assertThat(reasons.at("/1/runbook").asText()).isEqualTo("docs/RUNBOOK.md#spool-full");
        assertThat(reasons.at("/2/consequences").toString()).isEqualTo("[\"spool_full\"]");
        assertThat(reasons.at("/2").has("cause")).isFalse();

        uploads = null;
        health.check();
        assertThat(health.report().causes())
                .extracting(Reason::code)
                .containsExactly("redundancy_reduced", "spool_full");
    }

    /** Whatever is wrong together: a consequence hangs below a cause that is listed and has no cause itself. */
    @Test
    void everyCauseIsListedAndHasNoCause() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            List<Reason> reasons = CODES.stream()
                    .filter(code -> random.nextInt(3) == 0)
                    .map(code -> new Reason(
                            Status.FAILING,
                            code,
                            random.nextBoolean() ? null : random.nextBoolean() ? Trades.BTCUSDT : OTHER,
                            code,
                            0))
                    .toList();
            Report report = new Report(Explanations.explained(reasons), List.of(), 0);
            long below = report.causes().stream()
                    .mapToLong(cause -> report.explainedBy(cause).size())
                    .sum();
            assertThat(report.causes().size() + below).as("%s", report).isEqualTo(reasons.size());
        }
    }

    @Test
    void outdatedReportIsFailing() {
        health.check();
        time.advance(Duration.ofSeconds(9));
        assertThat(health.report().status()).isEqualTo(Status.OK);

        time.advance(Duration.ofSeconds(1));
        assertThat(health.report().status()).isEqualTo(Status.FAILING);
        assertThat(health.report().reasons()).extracting(Reason::code).containsExactly("unjudged");
        assertThat(page.show(null).status()).isEqualTo(503);

        health.check();
        assertThat(health.report().status()).isEqualTo(Status.OK);
    }

    @Test
    void newAndClearedReasonsAreLoggedOnce() {
        try (LogLines log = new LogLines(Health.class)) {
            spool = new Finding("it is full", null);
            codesAfter(1);
            codesAfter(1);
            spool = null;
            codesAfter(1);
            codesAfter(1);

            assertThat(log.all())
                    .containsExactly(
                            "WARN Health: failing, spool_full: it is full (docs/RUNBOOK.md#spool-full)",
                            "INFO Health cleared: spool_full (it is full)");
        }
    }
}
