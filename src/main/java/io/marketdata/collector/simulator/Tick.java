package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.nio.charset.StandardCharsets;

/**
 * One trade on the tape.
 *
 * @param dueNanos when it is sent, from the beginning of the tape
 * @param tradeTimeMs {@code T}, ms since 1970 UTC
 * @param price decimal
 * @param quantity decimal
 * @param buyerIsMaker {@code m}
 * @param json the event object as it goes over the wire
 */
record Tick(
        Symbol symbol,
        long id,
        long dueNanos,
        long tradeTimeMs,
        String price,
        String quantity,
        boolean buyerIsMaker,
        String json) {

    /** The payload of a frame: the bare event, or wrapped as on a combined stream. */
    byte[] payload(boolean combined, String stream) {
        String text = combined ? "{\"stream\":\"" + stream + "\",\"data\":" + json + "}" : json;
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The stream that carries it. */
    String stream() {
        return symbol.value().toLowerCase(java.util.Locale.ROOT) + "@trade";
    }
}
