package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamSetTest {

    private static final URI SERVER = URI.create("wss://stream.binance.com:9443");

    @Test
    void symbolsAreDividedInOrderWithoutLossAndWithinTheLimits() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<Symbol> symbols = new ArrayList<>();
            int count = 1 + random.nextInt(1_000);
            for (int i = 0; i < count; i++) {
                String name = (random.nextInt(5) == 0 ? "币安人生" : "X".repeat(1 + random.nextInt(20))) + i;
                symbols.add(new Symbol(name));
            }

            List<StreamSet> sets = StreamSet.of(symbols);

            assertThat(sets.stream().flatMap(set -> set.symbols().stream()))
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(symbols);
            for (StreamSet set : sets) {
                assertThat(set.symbols()).as("seed %d", seed).hasSizeBetween(1, StreamSet.MAX_STREAMS);
                String query = set.on(SERVER).toString().split("streams=", 2)[1];
                assertThat(query.length()).as("seed %d", seed).isLessThanOrEqualTo(StreamSet.MAX_QUERY_CHARS);
            }
        }
    }

    @Test
    void symbolsUseAsFewConnectionsAsPossible() {
        List<Symbol> symbols = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            symbols.add(new Symbol("S" + i));
        }
        assertThat(StreamSet.of(symbols)).hasSize(1);
        symbols.add(new Symbol("LAST"));
        assertThat(StreamSet.of(symbols)).hasSize(2);
    }

    @Test
    void streamNamesAreLowerCaseAndPercentEncoded() {
        StreamSet set = new StreamSet(List.of(new Symbol("BTCUSDT"), new Symbol("币安USDT")));

        assertThat(set.on(SERVER))
                .hasToString("wss://stream.binance.com:9443/stream?streams=btcusdt@trade/%E5%B8%81%E5%AE%89usdt@trade");
    }
}
