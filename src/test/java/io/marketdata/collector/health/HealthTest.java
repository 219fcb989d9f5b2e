package io.marketdata.collector.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.status.HealthPage;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it reads the log of classes that others use too")
class HealthTest {

    private final ManualTime time = new ManualTime();
    private Finding connections;
    private Finding spool;
    private final Health health = new Health(
            List.of(
                    new Check("redundancy_reduced", Status.DEGRADED, Duration.ofSeconds(10), () -> connections),
                    new Check("spool_full", Status.FAILING, Duration.ZERO, () -> spool)),
            () -> List.of(new SymbolState(Trades.BTCUSDT, 42, time.nanoTime(), 40)),
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
                        "{\"symbol\":\"BTCUSDT\",\"last_trade_id\":42,\"last_trade_age_ms\":700,\"last_stored_id\":40}");
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
                            "WARN Health: failing, spool_full: it is full",
                            "INFO Health cleared: spool_full (it is full)");
        }
    }
}
