package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * One trade of the trade source.
 *
 * @param stream that carries it
 * @param dueNanos time of sending, ns since the start of the trade source
 * @param tradeTimeMs {@code T}, ms since 1970 UTC
 * @param price decimal
 * @param quantity decimal
 * @param buyerIsMaker {@code m}
 * @param json the event object as it goes over the wire
 */
record Tick(
        Symbol symbol,
        String stream,
        long id,
        long dueNanos,
        long tradeTimeMs,
        String price,
        String quantity,
        boolean buyerIsMaker,
        String json) {

    /** No true trade has this price. */
    static final String FORGED_PRICE = "0.00000000";

    /** The payload of a frame: the event, wrapped if the stream is combined. */
    byte[] payload(boolean combined) {
        String text = combined ? "{\"stream\":\"" + stream + "\",\"data\":" + json + "}" : json;
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The name of the stream with the trades of a symbol. */
    static String stream(Symbol symbol) {
        return symbol.value().toLowerCase(Locale.ROOT) + "@trade";
    }

    /** The same trade with another id, and later by {@code laterMs}; unchanged members keep their bytes. */
    Tick changed(long newId, long laterMs) {
        if (newId == id && laterMs == 0) {
            return this;
        }
        String changed = plus(json, "\"t\":", newId - id);
        changed = plus(plus(changed, "\"T\":", laterMs), "\"E\":", laterMs);
        return new Tick(symbol, stream, newId, dueNanos, tradeTimeMs + laterMs, price, quantity, buyerIsMaker, changed);
    }

    /** A false trade: the same with another id and another price. */
    Tick forged(long idsAhead) {
        return changed(Math.max(0, id + idsAhead), 0)
                .withJson(json -> json.replace("\"p\":\"" + price + "\"", "\"p\":\"" + FORGED_PRICE + "\""));
    }

    /** The same trade with another event. */
    Tick withJson(UnaryOperator<String> change) {
        return new Tick(symbol, stream, id, dueNanos, tradeTimeMs, price, quantity, buyerIsMaker, change.apply(json));
    }

    private static String plus(String json, String member, long more) {
        int from = json.indexOf(member);
        if (from < 0 || more == 0) {
            return json;
        }
        int begin = from + member.length();
        int end = begin;
        while (Character.isDigit(json.charAt(end))) {
            end++;
        }
        return json.substring(0, begin)
                + Math.addExact(Long.parseLong(json.substring(begin, end)), more)
                + json.substring(end);
    }
}
