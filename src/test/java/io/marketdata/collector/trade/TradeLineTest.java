package io.marketdata.collector.trade;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.testkit.Trades;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TradeLineTest {

    private static final long TIME_MS = 1_736_950_335_000L;

    private final LineCheck check = new LineCheck(Trades.BTCUSDT);

    private boolean isTrade(String text) {
        byte[] bytes = ("##" + text + "##").getBytes(StandardCharsets.UTF_8);
        return check.isTrade(bytes, 2, bytes.length - 4);
    }

    @Test
    void lineIsTheEventWithTheTimeOfArrival() {
        TradeLine line = new TradeLine();
        TradeEvent trade = Trades.trade(7, TIME_MS);
        line.set(trade);
        String text = new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8);

        assertThat(text)
                .isEqualTo(
                        trade.json().substring(0, trade.length() - 1) + ",\"recv_us\":" + Trades.RECEIVED_US + "}\n");
        assertThat(isTrade(text.substring(0, text.length() - 1))).isTrue();
        assertThat(check.id()).isEqualTo(7);
        assertThat(check.tradeTimeMs()).isEqualTo(TIME_MS);
    }

    @Test
    void bufferGrowsWithTheEventToTheByte() {
        TradeLine line = new TradeLine();
        for (int more = 300; more < 420; more++) {
            String json =
                    Trades.json(Trades.BTCUSDT, 7, TIME_MS).replaceFirst("\\{", "{\"x\":\"" + "y".repeat(more) + "\",");
            line.set(Trades.event(Trades.BTCUSDT, 7, TIME_MS, json));
            assertThat(new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8))
                    .startsWith(json.substring(0, json.length() - 1) + ",\"recv_us\":")
                    .endsWith("}\n");
        }
    }

    @Test
    void onlyAWholeEventAloneOnItsLineIsATrade() {
        String event = Trades.json(Trades.BTCUSDT, 7, TIME_MS);

        assertThat(isTrade(event)).isTrue();
        assertThat(isTrade(" " + event)).isFalse();
        assertThat(isTrade(event + " ")).isFalse();
        assertThat(isTrade(event.replaceFirst(",", ",\n"))).isFalse();
        assertThat(isTrade("{\"stream\":\"btcusdt@trade\",\"data\":" + event + "}"))
                .isFalse();
        assertThat(isTrade(event.substring(1))).isFalse();
        assertThat(new LineCheck(new Symbol("ETHUSDT"))
                        .isTrade(event.getBytes(StandardCharsets.UTF_8), 0, event.length()))
                .isFalse();
        byte[] zeroed = Arrays.copyOf(event.getBytes(StandardCharsets.UTF_8), event.length());
        Arrays.fill(zeroed, 20, 40, (byte) 0);
        assertThat(check.isTrade(zeroed, 0, zeroed.length)).isFalse();
    }
}
