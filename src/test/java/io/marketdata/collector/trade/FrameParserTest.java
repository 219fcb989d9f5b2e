package io.marketdata.collector.trade;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.trade.FrameParser.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {

    private static final String TRADE =
            "{\"e\":\"trade\",\"E\":1787315652708,\"s\":\"BTCUSDT\",\"t\":6595931385,\"p\":\"76650.00000000\","
                    + "\"q\":\"0.00040000\",\"T\":1787315652707,\"m\":true,\"M\":true}";
    private static final String WRAPPED = "{\"stream\":\"btcusdt@trade\",\"data\":" + TRADE + "}";

    private final FrameParser parser = new FrameParser(List.of(new Symbol("ETHUSDT"), new Symbol("BTCUSDT")));

    @Test
    void findsTheEventInTheCombinedForm() {
        assertThat(parse(WRAPPED)).isEqualTo(Kind.TRADE);
        assertThat(parser.symbol()).isEqualTo(new Symbol("BTCUSDT"));
        assertThat(parser.id()).isEqualTo(6_595_931_385L);
        assertThat(parser.tradeTimeMs()).isEqualTo(1_787_315_652_707L);
        assertThat(event(WRAPPED)).isEqualTo(TRADE);
    }

    @Test
    void findsTheEventInTheRawForm() {
        assertThat(parse(TRADE)).isEqualTo(Kind.TRADE);
        assertThat(event(TRADE)).isEqualTo(TRADE);
    }

    @Test
    void acceptsMembersInAnyOrderAndUnknownMembers() {
        String frame = "{\"data\":{\"T\":1787315652707,\"x\":{\"t\":[1,{\"e\":\"no\"}],\"y\":-1.5e+3},\"t\":7,"
                + "\"s\":\"ETHUSDT\",\"e\":\"trade\"},\"stream\":\"ethusdt@trade\",\"t\":99}";

        assertThat(parse(frame)).isEqualTo(Kind.TRADE);
        assertThat(parser.id()).isEqualTo(7);
        assertThat(parser.symbol()).isEqualTo(new Symbol("ETHUSDT"));
    }

    @Test
    void acceptsTheFormatOfBefore2024WithOrderIds() {
        String frame = "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1592591955766,\"s\":\"BTCUSDT\","
                + "\"t\":343719861,\"p\":\"9302.00000000\",\"q\":\"0.00101900\",\"b\":2517144287,\"a\":2517144235,"
                + "\"T\":1592591955765,\"m\":false,\"M\":true}}";

        assertThat(parse(frame)).isEqualTo(Kind.TRADE);
    }

    @Test
    void findsTheValuesThatAreCompared() {
        for (String frame : List.of(WRAPPED, TRADE, "  " + TRADE.replace("\"E\":", "\"E\" : "))) {
            parse(frame);

            assertThat(value(frame, ValueSpans.EVENT_TIME)).isEqualTo("1787315652708");
            assertThat(value(frame, ValueSpans.PRICE)).isEqualTo("\"76650.00000000\"");
            assertThat(value(frame, ValueSpans.QUANTITY)).isEqualTo("\"0.00040000\"");
            assertThat(value(frame, ValueSpans.BUYER_IS_MAKER)).isEqualTo("true");
        }
        parse("{\"E\":1,\"p\":1,\"data\":" + TRADE.replace("\"E\"", "\"x\"") + ",\"E\":2,\"p\":2}");

        assertThat(parser.spans().from(ValueSpans.EVENT_TIME)).isEqualTo(-1);
        assertThat(parser.spans().to(ValueSpans.PRICE) - parser.spans().from(ValueSpans.PRICE))
                .isEqualTo(16);
    }

    private String value(String frame, int value) {
        return event(frame).substring(parser.spans().from(value), parser.spans().to(value));
    }

    @Test
    void parsingAFrameDoesNotAffectTheNextOne() {
        parse(WRAPPED);

        assertThat(parse("{\"e\":\"trade\",\"s\":\"BTCUSDT\"}")).isEqualTo(Kind.UNKNOWN);
        assertThat(parse("{}")).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void distinguishesRepliesErrorsAndNotices() {
        assertThat(parse("{\"result\":null,\"id\":1}")).isEqualTo(Kind.REPLY);
        assertThat(parse("{\"error\":{\"code\":2,\"msg\":\"Invalid request: invalid stream\"},\"id\":2}"))
                .isEqualTo(Kind.ERROR);
        assertThat(parse("{\"code\":3,\"msg\":\"Invalid JSON\"}")).isEqualTo(Kind.ERROR);
        assertThat(parse("{\"e\":\"serverShutdown\",\"E\":1770123456789}")).isEqualTo(Kind.SHUTDOWN_NOTICE);
        assertThat(parse("{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":1770123456789}}"))
                .isEqualTo(Kind.SHUTDOWN_NOTICE);
    }

    @Test
    void findsEachOfManySymbolsAndNoOther() {
        // "AR" and "B3" have one hash, so all of these meet in the table.
        List<Symbol> symbols = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 8; bit++) {
                name.append((i >> bit & 1) == 0 ? "AR" : "B3");
            }
            symbols.add(new Symbol(name.toString()));
        }
        FrameParser own = new FrameParser(symbols);
        for (int i = symbols.size() - 1; i >= 0; i--) {
            byte[] frame = WRAPPED.replace("BTCUSDT", symbols.get(i).value()).getBytes(StandardCharsets.UTF_8);
            assertThat(own.parse(frame, 0, frame.length)).isEqualTo(Kind.TRADE);
            assertThat(own.symbolIndex()).isEqualTo(i);
            assertThat(own.symbol()).isEqualTo(symbols.get(i));
        }
        for (String other : List.of("BTCUSDT", "B3".repeat(8), "AR".repeat(7), "AR".repeat(9))) {
            byte[] frame = WRAPPED.replace("BTCUSDT", other).getBytes(StandardCharsets.UTF_8);
            assertThat(own.parse(frame, 0, frame.length)).isEqualTo(Kind.UNKNOWN);
        }
    }

    @Test
    void findsASymbolOutsideAscii() {
        FrameParser own = new FrameParser(List.of(new Symbol("币安人生USDT")));
        byte[] frame = TRADE.replace("BTCUSDT", "币安人生USDT").getBytes(StandardCharsets.UTF_8);

        assertThat(own.parse(frame, 0, frame.length)).isEqualTo(Kind.TRADE);

        frame[TRADE.indexOf("BTCUSDT") + 1] = (byte) 0xff;
        assertThat(own.parse(frame, 0, frame.length)).isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707}}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707,}",
                "{\"e\":\"trade\",\"s\":\"BNBUSDT\",\"t\":1,\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":-1,\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1.0,\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":\"1\",\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"t\":2,\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"\\u0074\":1,\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":178731565270712}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707123456}",
                "{\"data\":{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707},\"data\":{}}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":9223372036854775808,\"T\":1787315652707}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707,\"p\":\"1\n2\"}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707,\"p\":\"\\x\"}",
                "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"T\":1787315652707,\"p\":01}",
                "{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\",\"a\":1,\"T\":1787315652707}",
            })
    void frameThatIsNoRequestedTradeIsUnknown(String frame) {
        assertThat(parse(frame)).isEqualTo(Kind.UNKNOWN);
        assertThat(parser.problem()).isNotEmpty();
    }

    @Test
    void endlessNestingIsRejectedWithoutRecursion() {
        assertThat(parse("{\"x\":" + "[".repeat(100_000))).isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\ufeff%s",
                " \t\r\n%s\r\n ",
                "%s\n",
                "{ \"stream\" :\t\"x\"\r\n,\n\"data\":\n%s }",
                "{\"d\\u0061ta\":%s,\"e2\":1,\"x\":[{\"data\":{}}]}"
            })
    void everySpellingAroundAnEventIsAccepted(String around) {
        assertThat(parse(around.replace("\\ufeff", "\ufeff").replace("%s", TRADE)))
                .isEqualTo(Kind.TRADE);
        assertThat(parser.id()).isEqualTo(6_595_931_385L);
        assertThat(parser.trade(1).json()).isEqualTo(TRADE);
    }

    @Test
    void everySpellingOfAnEventIsAcceptedAndOnlyLineBreaksAreTakenOut() {
        String event =
                "{\r\n\t\"\\u0073\" : \"BTC\\u0055SDT\",\n\"T\":1787315652707123\r,\"\\u0074\"\n:\n9223372036854775807,"
                        + "\"x\":" + "[".repeat(499) + "]".repeat(499) + ",\"x\":\"\\ud800\",\"\":1e"
                        + "9".repeat(2_000)
                        + ",\"data\":{\"t\":5},\"\\u0065\":\"tr\\u0061de\"\n}";

        assertThat(parse(event)).as(parser.problem()).isEqualTo(Kind.TRADE);
        assertThat(parser.id()).isEqualTo(Long.MAX_VALUE);
        assertThat(parser.symbol()).isEqualTo(new Symbol("BTCUSDT"));
        assertThat(parser.tradeTimeMs()).isEqualTo(1_787_315_652_707L);
        assertThat(parser.trade(1).json()).isEqualTo(event.replace("\n", "").replace("\r", ""));
    }

    @Test
    void timesInMicrosecondsAreReadAsMilliseconds() {
        assertThat(parse(WRAPPED.replace("708,", "708999,").replace("707,", "707123,")))
                .isEqualTo(Kind.TRADE);
        assertThat(parser.tradeTimeMs()).isEqualTo(1_787_315_652_707L);
        assertThat(parser.eventTimeMs()).isEqualTo(1_787_315_652_708L);
    }

    @Test
    void depthIsThatOfTheEventWithOrWithoutAWrapper() {
        for (String around : List.of("%s", "{\"stream\":\"x\",\"data\":%s}", "{\"x\":[[[[]]]],\"data\":%s}")) {
            for (String member : List.of("x", "data")) {
                String deep = ",\"" + member + "\":{\"x\":" + "[".repeat(498) + "]".repeat(498) + "}}";
                String event = TRADE.substring(0, TRADE.length() - 1) + deep;

                assertThat(parse(around.replace("%s", event))).isEqualTo(Kind.TRADE);
                assertThat(parse(around.replace("%s", event.replace("[]", "[[]]"))))
                        .isEqualTo(Kind.UNKNOWN);
            }
        }
        assertThat(parser.problem()).isEqualTo("nested too deeply");
    }

    private Kind parse(String frame) {
        byte[] bytes = ("##" + frame + "##").getBytes(StandardCharsets.UTF_8);
        return parser.parse(bytes, 2, bytes.length - 4);
    }

    private String event(String frame) {
        return ("##" + frame).substring(parser.eventFrom(), parser.eventTo());
    }
}
