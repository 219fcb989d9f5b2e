package io.marketdata.collector.daily;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditRequestTest {

    private static final List<Symbol> SETTINGS = List.of(new Symbol("BTCUSDT"), new Symbol("ETHUSDT"));

    /** @param nowMs ms since 1970 UTC */
    private static AuditRequest read(String input, long nowMs) {
        return AuditRequest.of(input.getBytes(StandardCharsets.UTF_8), SETTINGS, nowMs);
    }

    @Test
    void emptyInputIsYesterdayInUtcAndTheSymbolsOfTheSettings() {
        long midnight = 1_736_899_200_000L;
        assertThat(read("{}", midnight).day()).hasToString("2025-01-14");
        assertThat(read("{}", midnight - 1).day()).hasToString("2025-01-13");
        assertThat(read("{}", midnight + 86_399_999).day()).hasToString("2025-01-14");
        assertThat(read("{}", midnight).symbols()).isEqualTo(SETTINGS);
    }

    @Test
    void inputNamesADayAndSymbols() {
        AuditRequest request =
                read("{\"day\":\"2025-01-02\",\"symbols\":[\"BNBUSDT\",\"BNBUSDT\"]}", ManualTime.START_MS);

        assertThat(request.day()).hasToString("2025-01-02");
        assertThat(request.symbols()).containsExactly(new Symbol("BNBUSDT"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~ | not a JSON object",
                "null | not a JSON object",
                "[] | not a JSON object",
                "{} {} | not JSON",
                "{\"day\":\"2025-01-02\",\"day\":\"2025-01-03\"} | not JSON",
                "{\"Day\":\"2025-01-02\"} | unknown member Day",
                "{\"id\":\"53dc4d37\",\"detail-type\":\"Scheduled Event\"} | unknown member id",
                "{\"day\":\"2025-01-15\"} | day of the input: \"2025-01-15\" is not over",
                "{\"day\":\"yesterday\"} | day of the input: \"yesterday\" is not a UTC day",
                "{\"day\":\"1969-12-31\"} | day of the input: \"1969-12-31\" is not a UTC day",
                "{\"day\":20250102} | day of the input: 20250102 is not a UTC day",
                "{\"day\":null} | day of the input: null is not a UTC day",
                "{\"symbols\":[]} | symbols of the input: not a list",
                "{\"symbols\":\"BTCUSDT\"} | symbols of the input: not a list",
                "{\"symbols\":[\"btcusdt\"]} | symbols of the input: \"btcusdt\" is not a symbol",
                "{\"symbols\":[\"../x\"]} | symbols of the input: \"../x\" is not a symbol",
                "{\"symbols\":[1]} | symbols of the input: 1 is not a symbol",
            })
    void oddInputIsRefusedByName(String input, String message) {
        assertThatThrownBy(() -> read(input, ManualTime.START_MS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
