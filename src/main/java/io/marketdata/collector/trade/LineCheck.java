package io.marketdata.collector.trade;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.FrameParser.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Decides whether a line of a part is a complete trade record, and reads its id and time: an event that {@link
 * FrameParser} accepts, and nothing around it. A crash or a power loss leaves torn, zeroed and stale bytes; none of them
 * may reach the bucket.
 *
 * <p>One thread; every {@link #isTrade} overwrites the last result.
 */
public final class LineCheck {

    private final FrameParser parser;
    private byte[] line = {};

    public LineCheck(Symbol symbol) {
        parser = new FrameParser(List.of(symbol));
    }

    /** Whether the bytes, without their line feed, are a trade. Sets {@link #id()} and {@link #tradeTimeMs()}. */
    public boolean isTrade(byte[] bytes, int offset, int length) {
        line = bytes;
        return parser.parse(bytes, offset, length) == Kind.TRADE
                && parser.eventFrom() == offset
                && parser.eventTo() == offset + length
                && parser.spans().lineBreaks() == 0;
    }

    /** Trade id of the last line that was a trade. */
    public long id() {
        return parser.id();
    }

    /** Trade time of the last line that was a trade, ms since 1970 UTC. */
    public long tradeTimeMs() {
        return parser.tradeTimeMs();
    }

    /**
     * A value of the last line that was a trade, as written but for the quotation marks; its bytes must be unchanged. Empty
     * if the line has no such member.
     *
     * @param value a constant of {@link ValueSpans}
     */
    public String text(int value) {
        int from = parser.eventFrom() + parser.spans().from(value);
        int to = parser.eventFrom() + parser.spans().to(value);
        boolean isText = to > from && line[from] == '"';
        return isText
                ? new String(line, from + 1, to - from - 2, StandardCharsets.UTF_8)
                : new String(line, Math.max(0, from), to - from, StandardCharsets.UTF_8);
    }
}
