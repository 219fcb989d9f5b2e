package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolFolderTest {

    @ParameterizedTest
    @ValueSource(strings = {"BTCUSDT", "币安人生USDT", "0G"})
    void theFolderOfASymbolNamesIt(String name) {
        Symbol symbol = Symbol.of(name);
        String key = KeyLayout.symbol(symbol);

        assertThat(key).startsWith(KeyLayout.SYMBOLS).endsWith("/");
        String folder = key.substring(KeyLayout.SYMBOLS.length(), key.length() - 1);
        assertThat(KeyLayout.symbolOf(folder)).contains(symbol);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "symbol=",
                "symbol=btcusdt",
                "symbol=%ZZ",
                "symbol=%",
                "symbol=BTC-USDT",
                "symbol=%42TCUSDT",
                "symbol=BTC%2F..",
                "BTCUSDT",
                "dt=2026-11-20",
                "symbol=BTC+USDT"
            })
    void aFolderThatNoCollectorWritesNamesNone(String folder) {
        assertThat(KeyLayout.symbolOf(folder)).isEmpty();
    }
}
