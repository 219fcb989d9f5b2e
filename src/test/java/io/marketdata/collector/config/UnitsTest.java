package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    @ParameterizedTest
    @CsvSource({"250ms, PT0.25S", "0s, PT0S", "5s, PT5S", "90m, PT90M", "23h, PT23H", "999999999999h, PT999999999999H"})
    void readsDurations(String text, Duration expected) {
        assertThat(Units.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "s", "5 s", "5sec", "-5s", "+5s", "1.5s", "5S", "٥s", "1d", "1h30m", "9999999999999h"})
    void refusesTextThatIsNotADuration(String text) {
        assertThatThrownBy(() -> Units.duration(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "2097152, 2097152",
        "512B, 512",
        "3KiB, 3072",
        "2MiB, 2097152",
        "2 MiB, 2097152",
        "2GiB, 2147483648"
    })
    void readsSizes(String text, long expected) {
        assertThat(Units.bytes(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "2MB", "2M", "2mib", "-1", "1.5MiB", "2  MiB", "1e6", "1_000", "9999999999999"})
    void refusesTextThatIsNotASize(String text) {
        assertThatThrownBy(() -> Units.bytes(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0ms", "1ms", "1500ms", "1s", "60s", "75s", "2m", "59m", "1h", "23h"})
    void formatsDurationsAsTheyAreParsed(String text) {
        assertThat(Units.text(Units.duration(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1000", "1KiB", "1025", "2MiB", "2049KiB", "1024GiB", "1025MiB"})
    void formatsSizesAsTheyAreParsed(String text) {
        assertThat(Units.text(Units.bytes(text))).isEqualTo(text);
    }
}
