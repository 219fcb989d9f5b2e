package io.marketdata.collector.feed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.FrameParser;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads frames that were kept, of any symbol, by the rules of a connection. Jackson finds only the symbol that a frame
 * names; {@link FrameParser} decides. One thread.
 */
public final class FrameReader {

    /** What a frame is to this version of the program. */
    public enum Meaning {
        /** A trade; {@link #trade()} returns it until the next frame is read. */
        TRADE,
        /** Understood, and not a trade: a reply, an error, a notice. */
        OTHER,
        /** Still not understood. */
        UNKNOWN
    }

    /** For frames that name no symbol; no trade of it can be among them. */
    private static final Symbol NONE = new Symbol("BTCUSDT");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Symbol, FrameParser> parsers = new HashMap<>();
    private TradeEvent trade = new TradeEvent(NONE, 0, 0, 0, new byte[0], 0, 0, new ValueSpans());

    /**
     * Decides what a frame is.
     *
     * @param receivedMicros wall clock when the frame was received, µs since 1970 UTC
     */
    public Meaning read(byte[] frame, long receivedMicros) {
        FrameParser parser = parsers.computeIfAbsent(symbol(frame), symbol -> new FrameParser(List.of(symbol)));
        return switch (parser.parse(frame, 0, frame.length)) {
            case TRADE -> {
                trade = parser.trade(receivedMicros);
                yield Meaning.TRADE;
            }
            case REPLY, ERROR, SHUTDOWN_NOTICE -> Meaning.OTHER;
            case UNKNOWN -> Meaning.UNKNOWN;
        };
    }

    /** The trade that the last frame was. */
    public TradeEvent trade() {
        return trade;
    }

    private static Symbol symbol(byte[] frame) {
        try {
            JsonNode root = JSON.readTree(frame);
            JsonNode event = root.path("data").isObject() ? root.path("data") : root;
            return new Symbol(event.path("s").asText());
        } catch (IOException | IllegalArgumentException e) {
            return NONE;
        }
    }
}
