package io.marketdata.collector.rest;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.rest.RestException.Kind;
import io.marketdata.collector.rest.Transport.Answer;
import io.marketdata.collector.testkit.ManualTime;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever an exchange, a proxy or an attacker answers: one request fails, in the memory of its rows. */
class HostileAnswersTest {

    private static final int LONGEST = 2 << 20;
    private static final String PAGE = FakeTransport.rows(1, 20).body();
    private static final String INFO =
            "{\"timezone\":\"UTC\",\"rateLimits\":[{\"interval\":\"MINUTE\",\"limit\":6000}],"
                    + "\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"filters\":[{\"a\":[1,{}]}]}]}";

    private final ManualTime time = new ManualTime();
    private Answer answer = FakeTransport.ok("");
    private final BinanceRest rest = new BinanceRest(
            URI.create("http://exchange"),
            "the-key",
            (uri, headers, timeout) -> answer,
            BinanceRest.TIMEOUT,
            time,
            new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5),
            new RestMetrics(new Metrics()));

    private interface Ask {
        Object ask(BinanceRest rest) throws Exception;
    }

    private static final List<Ask> ASKS = List.of(
            rest -> rest.newest(BTCUSDT, 20),
            rest -> rest.from(BTCUSDT, 1, 20),
            rest -> rest.status(List.of(BTCUSDT)),
            rest -> rest.status(List.of(BTCUSDT, new Symbol("ETHUSDT"))),
            BinanceRest::serverTimeMs);

    private static String repeat(String before, String part, String after) {
        return before + part.repeat((LONGEST - before.length() - after.length()) / part.length()) + after;
    }

    enum Body {
        EMPTY_OBJECTS(repeat("", "{}", "")),
        LIST_OF_EMPTY_OBJECTS(repeat("[{}", ",{}", "]")),
        LIST_OF_NUMBERS(repeat("[1", ",1", "]")),
        DEEP_LISTS(repeat("", "[", "")),
        DEEP_OBJECTS(repeat("", "{\"a\":", "")),
        DEEP_INSIDE_A_ROW(repeat("[{\"new\":", "[", "")),
        MANY_NAMES(repeat("[{\"a\":1", ",\"bbbbbbbb\":1", "}]")),
        MANY_SYMBOLS(repeat("{\"symbols\":[{}", ",{\"symbol\":\"BTCUSDT\"}", "]}")),
        NESTED_SYMBOLS(repeat("{\"symbols\":[[", "[],", "[]]]}")),
        LONG_NAME(repeat("[{\"", "n", "\":1}]")),
        LONG_TEXT(repeat("{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"", "x", "\"}]}")),
        LONG_NUMBER(repeat("{\"serverTime\":", "9", "}")),
        LONG_ID(repeat("[{\"id\":", "9", "}]")),
        WHITE_SPACE(repeat("", " ", "")),
        ESCAPES(repeat("\"", "\\u0000", "\"")),
        NO_JSON(repeat("<html>", "é", "")),
        TOO_MANY_ROWS(FakeTransport.rows(1, 2_000).body()),
        ZERO("0"),
        NULL("null"),
        EMPTY("");

        private final String text;

        Body(String text) {
            this.text = text;
        }
    }

    @ParameterizedTest
    @EnumSource
    void hostileBodyFailsOneRequestInBoundedMemory(Body body) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int status : new int[] {200, 400, 429, 500}) {
            answer = new Answer(status, Map.of(), body.text);
            for (Ask each : ASKS) {
                long before = thread.getCurrentThreadAllocatedBytes();
                assertThatThrownBy(() -> each.ask(rest)).isInstanceOf(RestException.class);
                assertThat(thread.getCurrentThreadAllocatedBytes() - before)
                        .as("bytes allocated, mostly for names that are skipped")
                        .isLessThan(20L * LONGEST);
                time.advance(Duration.ofHours(1));
            }
        }
    }

    /** True answers with random bytes changed, taken out or repeated: accepted or refused, and nothing else. */
    @Test
    void changedAnswersNeverDoMoreThanFailTheRequest() throws Exception {
        List<String> bodies = List.of(PAGE, INFO, "{\"serverTime\":1499827319559}", "{\"code\":-1121,\"msg\":\"x\"}");
        int refused = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder(bodies.get(random.nextInt(bodies.size())));
            for (int i = random.nextInt(4); i >= 0 && text.length() > 0; i--) {
                change(text, random);
            }
            answer = new Answer(random.nextInt(8) == 0 ? 400 : 200, Map.of(), text.toString());
            try {
                ASKS.get(random.nextInt(ASKS.size())).ask(rest);
            } catch (RestException e) {
                refused++;
                assertThat(e.kind()).as("seed %d", seed).isEqualTo(Kind.INVALID);
                assertThat(e.getMessage())
                        .as("seed %d", seed)
                        .hasSizeLessThan(1_000)
                        .doesNotContain("\n");
            }
            time.advance(Duration.ofMinutes(1));
        }
        assertThat(refused).isBetween(1_000, 19_999);
    }

    private static void change(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
            case 0 -> text.setCharAt(at, "{}[]\",:\\0-9e.nt\u0000é".charAt(random.nextInt(17)));
            case 1 -> text.deleteCharAt(at);
            case 2 -> text.setLength(at);
            default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(60))));
        }
    }

    @Test
    void errorWhileReadingAnAnswerIsAFailedRequestExceptForMemory() {
        answer = FakeTransport.ok("[]");
        BinanceRest faulty = failing(new StackOverflowError("in a parser"));
        assertThatThrownBy(() -> faulty.newest(BTCUSDT, 1)).isInstanceOf(RestException.class);

        BinanceRest full = failing(new OutOfMemoryError("test"));
        assertThatThrownBy(() -> full.newest(BTCUSDT, 1)).isInstanceOf(OutOfMemoryError.class);
    }

    private BinanceRest failing(Error error) {
        return new BinanceRest(
                URI.create("http://exchange"),
                null,
                (uri, headers, timeout) -> {
                    throw error;
                },
                BinanceRest.TIMEOUT,
                time,
                new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5),
                new RestMetrics(new Metrics()));
    }
}
