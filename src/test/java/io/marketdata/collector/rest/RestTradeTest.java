package io.marketdata.collector.rest;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.testkit.Schemas;
import io.marketdata.collector.testkit.Trades;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RestTradeTest {

    private final RestTrade trade = new RestTrade(1, "61837.63000000", "0.02000000", 1_723_161_255_342L, true, true);

    @Test
    void eventIsTheStreamsWithoutEventTimeAndWithItsOrigin() {
        TradeEvent event = trade.toEvent(BTCUSDT, Origin.REST, 1_736_950_336_567_123L);

        assertThat(event.json())
                .isEqualTo("{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"61837.63000000\",\"q\":\"0.02000000\","
                        + "\"T\":1723161255342,\"m\":true,\"M\":true,\"src\":\"rest\"}");
        assertThat(event.symbol()).isEqualTo(BTCUSDT);
        assertThat(event.id()).isEqualTo(1);
        assertThat(event.tradeTimeMs()).isEqualTo(1_723_161_255_342L);
        assertThat(event.receivedMicros()).isEqualTo(1_736_950_336_567_123L);
    }

    @Test
    void valuesHashLikeThoseOfTheStream() {
        for (Symbol symbol : new Symbol[] {BTCUSDT, Symbol.of("币安USDT")}) {
            String stream = Trades.json(symbol, 1, 1_723_161_255_342L);

            assertThat(trade.toEvent(symbol, Origin.REST, 1).fieldHash())
                    .isEqualTo(
                            Trades.event(symbol, 1, 1_723_161_255_342L, stream).fieldHash());
        }
    }

    @Test
    void lineConformsToTheSchema() throws Exception {
        for (Symbol symbol : new Symbol[] {BTCUSDT, Symbol.of("币安USDT")}) {
            String json = trade.toEvent(symbol, Origin.REST, 1).json();
            String line = json.substring(0, json.length() - 1) + ",\"recv_us\":1736950336567123}";

            assertThat(Schemas.violations("trade.json", line.getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
        }
    }
}
