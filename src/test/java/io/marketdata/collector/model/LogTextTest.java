package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LogTextTest {

    @Test
    void untrustedTextStaysOnOneLineAndCannotForgeAnother() {
        assertThat(LogText.of("a\r\n2025-01-15 - INFO - Uploaded\u0085\u2028\u2029\u001b[31m\t\u0000"))
                .isEqualTo("a\\u000d\\u000a2025-01-15 - INFO - Uploaded\\u0085\\u2028\\u2029\\u001b[31m\\u0009\\u0000");
    }

    @Test
    void longTextIsTruncatedAndItsLengthShown() {
        assertThat(LogText.of("x".repeat(1_000))).hasSizeLessThan(150).endsWith("... (1000 characters)");
        byte[] bytes = "x".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        assertThat(LogText.of(bytes, 0, bytes.length)).hasSizeLessThan(170).endsWith("(1000 bytes)");
    }

    @Test
    void showsBytesThatAreNotUtf8() {
        assertThat(LogText.of(new byte[] {'a', (byte) 0xff, 'b'}, 0, 3)).isEqualTo("a\\ufffdb");
    }
}
