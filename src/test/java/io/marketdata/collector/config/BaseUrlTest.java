package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseUrlTest {

    private static final Path BASE = Path.of("/");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wss://stream.binance.com:9443",
                "wss://stream.binance.com",
                "wss://10.0.0.1:443",
                "ws://localhost:1",
                "ws://LOCALHOST:65535",
                "ws://127.0.0.1:8080",
                "ws://127.8.9.10",
                "ws://[::1]:8080",
                "ws://[0:0:0:0:0:0:0:1]",
                "ws://[::ffff:127.0.0.1]"
            })
    void acceptsTheExchangeAndLoopbackAddresses(String url) {
        assertThat(BaseUrl.exchange("wss", "ws").parse(url, BASE)).hasToString(url);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://stream.binance.com:9443, unencrypted",
        "ws://192.168.1.5:80, unencrypted",
        "ws://localhost.example.com, unencrypted",
        "ws://127.0.0.1.example.com, unencrypted",
        "ws://127.1, no valid host",
        "ws://0.0.0.0, unencrypted",
        "ws://[fe80::1%nosuchlink]:80, unencrypted",
        "https://stream.binance.com, must start with wss:// or ws://",
        "stream.binance.com:9443, must start with wss:// or ws://",
        "wss:stream.binance.com, no valid host",
        "wss://, no valid host",
        "wss:///ws, no valid host",
        "wss://stream_binance, no valid host",
        "wss://stream.binance.com:0, no valid host or port",
        "wss://stream.binance.com:65536, no valid host or port",
        "wss://stream.binance.com/ws, more than scheme",
        "wss://stream.binance.com//, more than scheme",
        "wss://stream.binance.com?a=b, more than scheme",
        "wss://stream.binance.com#a, more than scheme",
        "wss://me:pw@stream.binance.com, more than scheme",
        "wss://stream binance.com, not a URL"
    })
    void refusesOtherExchangeAddresses(String url, String reason) {
        assertThatThrownBy(() -> BaseUrl.exchange("wss", "ws").parse(url, BASE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://s3.eu-central-003.backblazeb2.com",
                "http://localhost:4566",
                "http://minio:9000",
                "http://10.1.2.3:9000",
                "http://172.16.0.1",
                "http://192.168.178.20:9000",
                "http://169.254.1.1",
                "http://[fd12:3456::1]:9000",
                "http://host.docker.internal:4566",
                "http://nas.local:9000",
                "http://s3.localhost:9000",
                "http://minio.velero.svc:9000",
                "https://gateway.example/s3"
            })
    void acceptsEndpoints(String url) {
        assertThat(BaseUrl.endpoint().parse(url, BASE)).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user@host",
                "https://host?query",
                "https://host#fragment",
                "https://host:0",
                "https:///path",
                "s3://bucket"
            })
    void refusesOtherEndpoints(String url) {
        assertThatThrownBy(() -> BaseUrl.endpoint().parse(url, BASE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dropsATrailingSlash() {
        assertThat(BaseUrl.exchange("https", "http").parse("https://api.binance.com/", BASE))
                .hasToString("https://api.binance.com");
    }
}
