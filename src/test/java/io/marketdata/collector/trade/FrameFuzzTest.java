package io.marketdata.collector.trade;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.trade.FrameParser.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Intake, packing and an independent JSON reader judge the same frames and must agree on each. Frame k is a function of
 * {@code fuzz.seed} + k; {@code -Dfuzz.frames=N} judges more of them.
 */
class FrameFuzzTest {

    private static final Symbol OTHER = new Symbol("币安人生USDT");
    private static final long RECEIVED_US = 1_736_950_336_567_123L;
    private static final String RECEIVED = ",\"recv_us\":" + RECEIVED_US;

    private final FrameGenerator generator = new FrameGenerator();
    private final JacksonJudge judge = new JacksonJudge(Set.of("BTCUSDT", OTHER.value()));
    private final FrameParser parser = new FrameParser(List.of(Trades.BTCUSDT, OTHER));
    private final Map<String, LineCheck> checks =
            Map.of("BTCUSDT", new LineCheck(Trades.BTCUSDT), OTHER.value(), new LineCheck(OTHER));
    private final TradeLine line = new TradeLine();

    /** Changes of the code under test, to show that they are noticed. */
    private Predicate<byte[]> intakeRefuses = frame -> false;

    private Predicate<String> packerRefuses = text -> false;
    private UnaryOperator<String> written = text -> text;

    private int trades;
    private int others;

    FrameFuzzTest() throws IOException {}

    @Test
    void intakePackerAndAnIndependentReaderAgreeOnEveryFrame() {
        long seed = Long.getLong("fuzz.seed", 15_000_000);
        int frames = Integer.getInteger("fuzz.frames", 120_000);
        Map<String, String> first = new TreeMap<>();
        Map<String, Integer> counts = disagreements(seed, frames, first);

        assertThat(counts).as("first of each kind: %s", first).isEmpty();
        assertThat(frames < 1_000 || Math.min(trades, others) > frames / 8)
                .as("%d trades and %d other frames", trades, others)
                .isTrue();
    }

    @Test
    void anyReaderThatIsStricterOrALineThatDiffersIsNoticed() {
        Map<String, Runnable> changes = new LinkedHashMap<>();
        changes.put("the packer's depth", () -> packerRefuses = text -> text.contains("[".repeat(490)));
        changes.put("the packer's digits", () -> packerRefuses = text -> text.contains("9223372036854775807"));
        changes.put("the packer's names", () -> packerRefuses = text -> text.contains("\\u0074\""));
        changes.put("the packer's white space", () -> packerRefuses = text -> text.contains("\t"));
        changes.put("the intake's byte order mark", () -> intakeRefuses = frame -> frame.length > 0 && frame[0] == -17);
        changes.put(
                "the intake's line breaks",
                () -> intakeRefuses = frame -> text(frame).contains("\r"));
        changes.put("the line's spaces", () -> written = text -> text.replace(" :", ":"));
        changes.put("the line's end", () -> written = text -> text + "\n");
        changes.forEach((name, change) -> {
            intakeRefuses = frame -> false;
            packerRefuses = text -> false;
            written = text -> text;
            change.run();
            assertThat(LongStream.range(0, 20_000).anyMatch(seed -> difference(generator.frame(seed)) != null))
                    .as(name)
                    .isTrue();
        });
    }

    private Map<String, Integer> disagreements(long seed, int frames, Map<String, String> first) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < frames; i++) {
            byte[] frame = generator.frame(seed + i);
            String difference;
            try {
                difference = difference(frame);
            } catch (RuntimeException e) {
                difference = "thrown: " + e;
            }
            if (difference != null) {
                counts.merge(difference, 1, Integer::sum);
                first.putIfAbsent(difference, "-Dfuzz.seed=" + (seed + i) + " -Dfuzz.frames=1: " + shortened(frame));
            }
        }
        return counts;
    }

    private static String shortened(byte[] frame) {
        String text = text(frame);
        return text.length() > 500 ? text.substring(0, 500) + "…" : text;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private @Nullable String difference(byte[] frame) {
        JacksonJudge.Verdict expected = judge.judge(frame);
        JacksonJudge.Trade trade = expected.trade();
        byte[] buffer = new byte[frame.length + 4]; // the frame is in the middle of a buffer, as on the wire
        Arrays.fill(buffer, (byte) '}');
        System.arraycopy(frame, 0, buffer, 2, frame.length);
        boolean accepted = parser.parse(buffer, 2, frame.length) == Kind.TRADE && !intakeRefuses.test(frame);
        if (!accepted || trade == null) {
            others++;
            return accepted
                    ? "intake accepts what is no trade"
                    : trade != null ? "intake refuses a trade" : asLine(frame, expected);
        }
        trades++;
        if (parser.id() != trade.id()
                || parser.tradeTimeMs() != trade.timeMs()
                || !parser.symbol().value().equals(trade.symbol())) {
            return "intake reads other values";
        }
        line.set(parser.trade(RECEIVED_US));
        String text = written.apply(new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8));
        int withoutBrace = trade.line().length() - 1;
        if (!text.equals(trade.line().substring(0, withoutBrace) + RECEIVED + "}\n")) {
            return "the line is not the event without line breaks";
        }
        return packed(text.substring(0, text.length() - 1), trade);
    }

    private @Nullable String packed(String text, JacksonJudge.Trade trade) {
        byte[] bytes = ("##" + text + "\n").getBytes(StandardCharsets.UTF_8);
        for (Map.Entry<String, LineCheck> part : checks.entrySet()) {
            LineCheck check = part.getValue();
            boolean accepted = check.isTrade(bytes, 2, bytes.length - 3) && !packerRefuses.test(text);
            if (accepted != part.getKey().equals(trade.symbol())) {
                return accepted ? "packer accepts another symbol" : "packer refuses a line";
            }
            if (accepted && (check.id() != trade.id() || check.tradeTimeMs() != trade.timeMs())) {
                return "packer reads other values";
            }
        }
        return null;
    }

    /** A frame that is no trade must be no line either. */
    private @Nullable String asLine(byte[] frame, JacksonJudge.Verdict verdict) {
        int to = frame.length;
        while (to > 0 && frame[to - 1] != '}') {
            to--;
        }
        if (to == 0) {
            return null;
        }
        byte[] tail = (RECEIVED + "}").getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(frame, to - 1 + tail.length);
        System.arraycopy(tail, 0, bytes, to - 1, tail.length);
        boolean accepted = checks.values().stream().anyMatch(check -> check.isTrade(bytes, 0, bytes.length));
        // Bytes after the last brace are cut off here, so only a whole text tells.
        return accepted && (verdict.isJson() || to == frame.length) ? "packer accepts what is no trade" : null;
    }
}
