package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.UploadMetrics;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusLineTest {

    private static final long NOW = -7_000_000_000L;
    private final SpoolMetrics spool = new SpoolMetrics(new Metrics());
    private final UploadMetrics upload = new UploadMetrics(new Metrics());

    private static SymbolState traded(String symbol, double secondsAgo) {
        return new SymbolState(Symbol.of(symbol), 1, NOW - (long) (secondsAgo * 1e9), 1, 0, "");
    }

    private String line(List<Reason> reasons, SymbolState... symbols) {
        return StatusLine.of(new Report(reasons, List.of(symbols), NOW), spool, upload);
    }

    @Test
    void symbolWithoutATradeIsNamed() {
        assertThat(line(List.of(), new SymbolState(Symbol.of("BTCUSDT"), -1, 0, -1, 0, "no trade since the start")))
                .isEqualTo("ok, BTCUSDT no trade yet, backlog 0 parts, spool 0.0 MB");
    }

    @Test
    void onlyTheStalestOfManySymbolsIsNamed() {
        assertThat(line(
                        List.of(),
                        traded("BTCUSDT", 0.2),
                        traded("ETHUSDT", 31.26),
                        traded("XRPUSDT", 4),
                        traded("SOLUSDT", 1)))
                .isEqualTo(
                        "ok, 4 symbols, longest without a trade: ETHUSDT last trade 31.3 s ago, backlog 0 parts, spool 0.0 MB");
    }

    @Test
    void consequencesAreNotCounted() {
        List<Reason> reasons = List.of(
                new Reason(Status.DEGRADED, "uploads_failing", null, "no answer", 0),
                new Reason(Status.FAILING, "spool_full", null, "no space", 0, "uploads_failing"),
                new Reason(Status.DEGRADED, "clock_off", null, "2 s", 0));

        assertThat(line(reasons, traded("BTCUSDT", 1)))
                .startsWith("failing (uploads_failing: no answer) and 1 more, BTCUSDT");
    }

    @Test
    void worstReasonIsNamedAndTheOthersAreCounted() {
        List<Reason> reasons = List.of(
                new Reason(Status.DEGRADED, "redundancy_reduced", null, "1 of 2 connections", 0),
                new Reason(Status.FAILING, "spool_full", null, "no room", 0),
                new Reason(Status.DEGRADED, "backlog", null, "x".repeat(1_000), 0));

        assertThat(line(reasons, traded("BTCUSDT", 1))).startsWith("failing (spool_full: no room) and 2 more, BTCUSDT");
        assertThat(line(reasons.subList(2, 3), traded("BTCUSDT", 1)))
                .as("others' text is cut")
                .hasSizeLessThan(300);
    }
}
