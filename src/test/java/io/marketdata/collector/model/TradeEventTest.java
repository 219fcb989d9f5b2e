package io.marketdata.collector.model;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Trades;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TradeEventTest {

    private static final long TIME_MS = 1_723_161_255_342L;
    private static final String JSON = Trades.json(BTCUSDT, 7, TIME_MS);

    @Test
    void payloadHashIgnoresTheEventTimeOnly() {
        long hash = event(JSON).payloadHash();

        assertThat(event(JSON).payloadHash()).isEqualTo(hash);
        assertThat(event(JSON.replace("\"E\":" + (TIME_MS + 1), "\"E\":" + (TIME_MS + 4)))
                        .payloadHash())
                .isEqualTo(hash);
        assertThat(event(JSON.replace("\"E\":" + (TIME_MS + 1), "\"E\":" + TIME_MS + "000"))
                        .payloadHash())
                .isEqualTo(hash);
        assertThat(event(JSON.replace("\"E\":" + (TIME_MS + 1) + ",", "")).payloadHash())
                .isNotEqualTo(hash);
    }

    @Test
    void payloadHashChangesWithEachBitOfEveryOtherByte() {
        Set<Long> hashes = new HashSet<>();
        int tried = 0;
        int timeFrom = event(JSON).eventTimeFrom();
        int timeTo = event(JSON).eventTimeTo();
        for (int i = 0; i < JSON.length(); i++) {
            for (int bit = 0; bit < 7 && (i < timeFrom - 4 || i >= timeTo); bit++) {
                char[] changed = JSON.toCharArray();
                changed[i] ^= (char) (1 << bit);
                // The spans are those of the unchanged event, as the parser would not find them in every one of these.
                hashes.add(event(JSON, new String(changed)).payloadHash());
                tried++;
            }
        }
        assertThat(hashes).hasSize(tried).doesNotContain(event(JSON).payloadHash());
    }

    @Test
    void fieldHashIsOfTimePriceQuantityAndSideOnly() {
        int hash = event(JSON).fieldHash();

        assertThat(event(JSON.replace("\"M\":true", "\"M\":false,\"x\":1")).fieldHash())
                .isEqualTo(hash);
        for (String other : Set.of(
                JSON.replace("\"p\":\"6", "\"p\":\"7"),
                JSON.replace("\"q\":\"0", "\"q\":\"1"),
                JSON.replace("\"m\":true", "\"m\":false"),
                JSON.replace("\"m\":true,", ""))) {
            assertThat(event(other).fieldHash()).as(other).isNotEqualTo(hash);
        }
        assertThat(Trades.event(BTCUSDT, 7, TIME_MS + 1, JSON).fieldHash()).isNotEqualTo(hash);
    }

    private static TradeEvent event(String json) {
        return event(json, json);
    }

    private static TradeEvent event(String shape, String json) {
        TradeEvent found = Trades.event(BTCUSDT, 7, TIME_MS, shape);
        ValueSpans spans = new ValueSpans();
        spans.set(ValueSpans.EVENT_TIME, found.eventTimeFrom(), found.eventTimeTo());
        return shape.equals(json) ? found : Trades.event(BTCUSDT, 7, TIME_MS, json, spans);
    }
}
