package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wss://stream.binance.com:9443                      | https://api.binance.com         | main network",
                "wss://stream.binance.com,wss://STREAM.binance.com:443 | https://api1.binance.com     | main network",
                "wss://data-stream.binance.vision                   | https://data-api.binance.vision | main network",
                "wss://stream.testnet.binance.vision                | https://testnet.binance.vision  | test network",
                "ws://127.0.0.1:9443                                | http://[::1]:9080               | simulator",
                "ws://localhost:9443                                | https://relay.example           | simulator",
                "wss://Relay.example:9443                           | https://api.binance.com         | relay.example",
                "wss://relay.example,wss://stream.binance.com       | https://api.binance.com         | main network",
                "wss://demo-stream.binance.com                      | https://demo-api.binance.com    | demo-stream.binance.com",
            })
    void exchangeIsToldByTheHosts(String webSocket, String rest, String network) throws SettingsException {
        assertThat(Network.of(settings(webSocket, rest))).isEqualTo(network);
    }

    @Test
    void serversOfTwoExchangesAreRefused() throws SettingsException {
        Settings mixed = settings("wss://stream.binance.com:9443", "http://127.0.0.1:9080");
        assertThatThrownBy(() -> Network.of(mixed))
                .hasMessageContainingAll("REST_URL", "main network, simulator", "one exchange");
    }

    private static Settings settings(String webSocket, String rest) throws SettingsException {
        return new SettingsLoader(Map.of("RAW_BUCKET", "b-1", "WS_URL", webSocket, "REST_URL", rest), Path.of("/"))
                .load();
    }
}
