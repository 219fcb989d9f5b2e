package io.marketdata.collector.status;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.status.StatusServer.Answer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves health as JSON; 503 while the collector is failing, otherwise 200. Reads the last report and takes no lock. */
public final class HealthPage implements StatusServer.Page {

    private final Health health;
    private final Time time;
    private final ObjectMapper json = new ObjectMapper();

    public HealthPage(Health health, Time time) {
        this.health = health;
        this.time = time;
    }

    @Override
    public Answer show(@Nullable String accept) {
        Report report = health.report();
        ObjectNode page = json.createObjectNode()
                .put("status", report.status().label())
                .put("time", Instant.ofEpochMilli(time.epochMillis()).toString());
        ArrayNode reasons = page.putArray("reasons");
        report.reasons().forEach(reason -> write(reason, report.explainedBy(reason), reasons.addObject()));
        ArrayNode symbols = page.putArray("symbols");
        report.symbols().forEach(symbol -> write(symbol, symbols.addObject()));
        return new Answer(report.status() == Status.FAILING ? 503 : 200, "application/json", page + "\n");
    }

    /** @param consequences the reasons that it explains */
    private static void write(Reason reason, List<Reason> consequences, ObjectNode node) {
        node.put("severity", reason.severity().label()).put("code", reason.code());
        if (reason.symbol() != null) {
            node.put("symbol", reason.symbol().value());
        }
        node.put("text", reason.text())
                .put("since", Instant.ofEpochMilli(reason.sinceMs()).toString())
                .put("runbook", reason.runbook());
        if (reason.cause() != null) {
            node.put("cause", reason.cause());
        }
        if (!consequences.isEmpty()) {
            ArrayNode codes = node.putArray("consequences");
            consequences.stream().map(Reason::code).distinct().forEach(codes::add);
        }
    }

    private void write(SymbolState symbol, ObjectNode node) {
        node.put("symbol", symbol.symbol().value());
        if (symbol.lastTradeId() >= 0) {
            node.put("last_trade_id", symbol.lastTradeId())
                    .put("last_trade_age_ms", (time.nanoTime() - symbol.tradedNanos()) / 1_000_000);
        }
        if (symbol.lastStoredId() >= 0) {
            node.put("last_stored_id", symbol.lastStoredId());
        }
        if (symbol.unknown().isEmpty()) {
            node.put("missing", symbol.missing());
        } else {
            node.put("missing_at_least", symbol.missing()).put("missing_unknown_because", symbol.unknown());
        }
    }
}
