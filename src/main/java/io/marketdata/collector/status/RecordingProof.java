package io.marketdata.collector.status;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Says whether a collector that was started on an empty machine records, from its page {@code /health}. A group of
 * machines replaces the next one only then, so what is wrong with this release or its settings must not count, and what is
 * wrong with the exchange must not keep machines from being replaced.
 *
 * @param isFinal false if it counts only when nothing better comes in the time that is left
 * @param text the reason, for a person
 */
public record RecordingProof(boolean isProven, boolean isFinal, String text) {

    /** With one of these no part is to be expected, whatever else the page says. */
    private static final Set<String> WRONG_SETTINGS = Set.of("symbol_unknown", "uploads_refused");

    /** What the page shows while no address of the exchange accepts a connection. */
    private static final Set<String> EXCHANGE_DOWN = Set.of("disconnected", "stale", "rest_failing");

    /** What a page proves. */
    public static RecordingProof of(JsonNode health) {
        List<String> failing = new ArrayList<>();
        boolean isDisconnected = false;
        for (JsonNode reason : health.path("reasons")) {
            String code = reason.path("code").asText();
            isDisconnected |= code.equals("disconnected");
            if (WRONG_SETTINGS.contains(code)
                    || (reason.path("severity").asText().equals("failing") && !EXCHANGE_DOWN.contains(code))) {
                failing.add(code + ": " + reason.path("text").asText());
            }
        }
        if (!failing.isEmpty()) {
            return new RecordingProof(false, false, failing.get(0));
        }
        if (isDisconnected) {
            return new RecordingProof(true, false, "the exchange cannot be reached, so nothing can be recorded");
        }
        return health.path("status").asText().equals("failing")
                ? new RecordingProof(false, false, "the collector is failing")
                : ofSymbols(health.path("symbols"));
    }

    private static RecordingProof ofSymbols(JsonNode symbols) {
        List<String> waiting = new ArrayList<>();
        List<String> quiet = new ArrayList<>();
        for (JsonNode symbol : symbols) {
            if (!symbol.has("last_stored_id")) {
                (symbol.has("last_trade_id") ? waiting : quiet)
                        .add(symbol.path("symbol").asText());
            }
        }
        if (!waiting.isEmpty()) {
            return new RecordingProof(
                    false, false, "no part is uploaded yet, although trades arrive: " + String.join(", ", waiting));
        }
        if (!quiet.isEmpty()) {
            return new RecordingProof(true, false, "connected, but no trade has come yet: " + String.join(", ", quiet));
        }
        return symbols.isEmpty()
                ? new RecordingProof(false, false, "the collector names no symbol yet")
                : new RecordingProof(true, true, "every symbol has an uploaded part");
    }
}
