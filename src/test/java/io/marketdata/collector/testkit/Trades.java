package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Trades in the exchange's form, a function of their id. */
public final class Trades {

    public static final Symbol BTCUSDT = new Symbol("BTCUSDT");

    /** When the frames of these trades were received, µs. */
    public static final long RECEIVED_US = 1_736_950_336_567_123L;

    private Trades() {}

    /** The event object of a trade. */
    public static String json(Symbol symbol, long id, long tradeTimeMs) {
        return "{\"e\":\"trade\",\"E\":" + (tradeTimeMs + 1) + ",\"s\":\"" + symbol + "\",\"t\":" + id
                + ",\"p\":\"61837.63000000\",\"q\":\"0.0" + (1 + id % 9) + "000000\",\"T\":" + tradeTimeMs
                + ",\"m\":true,\"M\":true}";
    }

    public static TradeEvent trade(long id, long tradeTimeMs) {
        return trade(BTCUSDT, id, tradeTimeMs);
    }

    public static TradeEvent trade(Symbol symbol, long id, long tradeTimeMs) {
        // Somewhere in the middle of a buffer, as on the wire.
        return event(symbol, id, tradeTimeMs, json(symbol, id, tradeTimeMs));
    }

    /** A trade whose event object is {@code json}, without white space between its tokens. */
    public static TradeEvent event(Symbol symbol, long id, long tradeTimeMs, String json) {
        return event(symbol, id, tradeTimeMs, json, spans(json));
    }

    /** A trade whose event object is {@code json}. */
    public static TradeEvent event(Symbol symbol, long id, long tradeTimeMs, String json, ValueSpans spans) {
        byte[] buffer = ("xxxx" + json + "yyyy").getBytes(StandardCharsets.UTF_8);
        return new TradeEvent(symbol, id, tradeTimeMs, RECEIVED_US, buffer, 4, buffer.length - 8, spans);
    }

    private static ValueSpans spans(String json) {
        ValueSpans spans = new ValueSpans();
        List<String> names = List.of("E", "p", "q", "m"); // in the order of the constants
        for (int i = 0; i < names.size(); i++) {
            Matcher member = Pattern.compile("\"" + names.get(i) + "\":(\"[^\"]*\"|[^,}]*)")
                    .matcher(json);
            if (member.find()) {
                int from = bytes(json, member.start(1));
                spans.set(i, from, bytes(json, member.end(1)));
            }
        }
        return spans;
    }

    private static int bytes(String json, int chars) {
        return json.substring(0, chars).getBytes(StandardCharsets.UTF_8).length;
    }

    /** The line that a trade becomes, with its line feed. */
    public static String line(long id, long tradeTimeMs) {
        String json = json(BTCUSDT, id, tradeTimeMs);
        return json.substring(0, json.length() - 1) + ",\"recv_us\":" + RECEIVED_US + "}\n";
    }
}
