package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTextTest {

    @Test
    void flattensSectionsAndKeepsTheTextAsWritten() {
        Problems problems = new Problems();

        Map<String, Stated> values = YamlText.parse("""
                # comment
                top: 0x10
                feed:
                  connect_timeout: 010
                  deep:
                    er: 'quoted: #'
                  nothing:
                upload: {workers: 3, on: yes}
                """, "f", problems);

        assertThat(values)
                .containsExactly(
                        Map.entry("top", new Stated("0x10", "f line 2")),
                        Map.entry("feed.connect_timeout", new Stated("010", "f line 4")),
                        Map.entry("feed.deep.er", new Stated("quoted: #", "f line 6")),
                        Map.entry("feed.nothing", new Stated("", "f line 7", true)),
                        Map.entry("upload.workers", new Stated("3", "f line 8")),
                        Map.entry("upload.on", new Stated("yes", "f line 8")));
        Assertions.assertDoesNotThrow(problems::throwIfAny);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "# only a comment\n", "---\n", "{}"})
    void emptyFileSetsNothing(String text) {
        Problems problems = new Problems();

        assertThat(YamlText.parse(text, "f", problems)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: [1,2;b: 3                   | f line 2 column 2: not YAML",
                "feed:;    x: 1;  y: 2          | f line 3 column 3: not YAML",
                "a:;\tb: 1                      | f line 2 column 1: not YAML",
                "a: 'x                          | not YAML",
                "? [a];: 3                      | f line 1 column 4: not YAML",
                "- a;- b                        | f line 1: must begin with a line such as feed:",
                "just text                      | f line 1: must begin with a line such as feed:",
                "a: 1;---;b: 2                  | f line 3: a second document begins",
                "a: 1;b: 2;a: 3                 | f line 3: a is set twice, first at f line 1",
                "a: [1, 2]                      | f line 1: a is a list",
                "a: &x 1;b: *x                  | f line 2: b is an alias"
            })
    void reportsOnOneLineWhatItCannotParse(String text, String expected) {
        Problems problems = new Problems();

        YamlText.parse(text.replace(';', '\n'), "f", problems);

        assertThatThrownBy(problems::throwIfAny)
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .singleElement()
                                .asString()
                                .contains(expected)
                                .doesNotContain("\n"));
    }

    @Test
    void multipliesNoAliases() {
        StringBuilder bomb = new StringBuilder("a0: &a0 {x: 1}\n");
        for (int i = 1; i < 200; i++) {
            String earlier = "*a" + (i - 1);
            bomb.append("a" + i + ": &a" + i + " {p: " + earlier + ", q: " + earlier + "}\n");
        }
        Problems problems = new Problems();

        Map<String, Stated> values = YamlText.parse(bomb.toString(), "f", problems);

        assertThat(values).hasSize(1);
        assertThatThrownBy(problems::throwIfAny).hasMessageContaining("a1.p is an alias");
    }

    @ParameterizedTest
    @ValueSource(strings = {"!!binary aGk=", "!!int x", "!!java.net.URL file:x", "!<tag:x> aGk="})
    void readsTheTextOfATaggedValue(String value) {
        Map<String, Stated> values = YamlText.parse("a: " + value, "f", new Problems());

        assertThat(values.get("a").text()).isEqualTo(value.split(" ", 2)[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a: ", "[", "a: {", "- ", "? ", "a: !!x ", "1", "\"", "&a "})
    void survivesDepthAndLength(String piece) {
        String text = piece.repeat(TextFile.MAX_BYTES / piece.length());

        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> YamlText.parse("x: " + text, "f", new Problems()));
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> YamlText.parse(text, "f", new Problems()));
    }

    @Test
    void anyTextYieldsValuesOrProblemsAndNeverAnException() {
        List<String> pieces = List.of("!!binary ", "!!null ", "&x ", "*x ");
        String alphabet = "ab:  \n\n-#'\"{}[],&*!|>%@`\t~01.?\\<=\u0000\u0085é\uFEFF\uD800";
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i >= 0; i--) {
                int choice = random.nextInt(alphabet.length() + pieces.size());
                text.append(choice < pieces.size() ? pieces.get(choice) : alphabet.charAt(choice - pieces.size()));
            }
            Assertions.assertDoesNotThrow(() -> YamlText.parse(text.toString(), "f", new Problems()), "seed " + seed);
        }
    }
}
