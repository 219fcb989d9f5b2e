package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemsTest {

    @Test
    void showsAValueOnOneLineWithoutTerminalControls() {
        assertThat(Problems.quoted("a\n\u001B[31m\u202Eb\u2028\"\\é交\uD83D\uDE00\uD800"))
                .isEqualTo("\"a\\u{a}\\u{1b}[31m\\u{202e}b\\u{2028}\\\"\\\\é交\uD83D\uDE00\\u{d800}\"");
    }

    @Test
    void truncatesAValueAfterEightyCharacters() {
        assertThat(Problems.quoted("x".repeat(80))).isEqualTo("\"" + "x".repeat(80) + "\"");
        assertThat(Problems.quoted("\uD83D\uDE00".repeat(81))).isEqualTo("\"" + "\uD83D\uDE00".repeat(80) + "...\"");
    }

    @Test
    void hidesTheUserInAUrl() {
        assertThat(Problems.quoted("https://me:hunter2@api.binance.com/x"))
                .isEqualTo("\"https://***@api.binance.com/x\"");
        assertThat(Problems.quoted("https://me:hun@t/er2@api")).isEqualTo("\"https://***@api\"");
    }
}
