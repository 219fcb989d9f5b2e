package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearestNameTest {

    private static final List<String> KNOWN =
            List.of("ROT_BYTES", "ROT_SECS", "feed.connect_timeout", "upload.call_timeout", "upload.gzip_level");

    @ParameterizedTest
    @CsvSource({
        "ROT_BYTE, ROT_BYTES",
        "ROT_SEC, ROT_SECS",
        "rot-secs, ROT_SECS",
        "feeds.connect_timeout, feed.connect_timeout",
        "feed.connectTimeout, feed.connect_timeout",
        "gzip_level, upload.gzip_level",
        "feed.call_timeout, upload.call_timeout"
    })
    void findsTheNameThatWasMeant(String name, String meant) {
        assertThat(NearestName.of(name, KNOWN)).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "KAFKA_BROKERS", "feed.colour"})
    void findsNothingForAnUnrelatedName(String name) {
        assertThat(NearestName.of(name, KNOWN)).isEmpty();
    }
}
