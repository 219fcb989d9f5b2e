package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DotEnvTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "A=b | b",
                "A= b c  | b c",
                "A=b # comment | b",
                "A=b#c | b#c",
                "A= | ``",
                "A= # comment | ``",
                "A='' | ``",
                "A=\"\" | ``",
                "A='b # \"c\" \\ $d' | b # \"c\" \\ $d",
                "A='  b ' | `  b `",
                "A=\"b # 'c'\" # comment | b # 'c'",
                "A=\"b \\\" \\\\ c\" | b \" \\ c",
                "export A=b | b",
                "export\tA=b=c | b=c"
            })
    void readsALine(String line, String expected) {
        assertThat(parse(line)).isEqualTo(Map.of("A", expected));
    }

    @Test
    void readsAnyLineEndsAndSkipsBlankLinesAndComments() {
        assertThat(parse("# first\r\nA=1\r\n\n   \n  # B=2\nC=3")).isEqualTo(Map.of("A", "1", "C", "3"));
    }

    @Test
    void keepsTheLineNumber() {
        Map<String, Stated> values = DotEnv.parse("\n#\nA=1", ".env", new Problems());

        assertThat(values).containsExactly(Map.entry("A", new Stated("1", ".env line 3")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hunter2",
                "A hunter2",
                "A =hunter2",
                "1A=hunter2",
                "A-B=hunter2",
                "=hunter2",
                "A='hunter2",
                "A='hunter2' x",
                "A=\"hunter2",
                "A=\"hunter2\\\"",
                "A=\"hunter2\\n\"",
                "A=hunter2\"",
                "A=it's hunter2",
                "exportA hunter2"
            })
    void reportsAnInvalidLineByNumberWithoutItsContent(String line) {
        Problems problems = new Problems();

        DotEnv.parse("B=1\n" + line, ".env", problems);

        assertThatThrownBy(problems::throwIfAny)
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(".env line 2: ")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\\\"", "\\\\", "a b ", "'"})
    void readsLinesAsLongAsTheFile(String piece) {
        String value = piece.repeat(TextFile.MAX_BYTES / piece.length());

        assertThat(parse("A=\"" + value + "\"").get("A")).isNotEmpty();
    }

    @Test
    void refusesANameThatIsSetTwice() {
        Problems problems = new Problems();

        DotEnv.parse("A=1\nB=2\nA=3", ".env", problems);

        assertThatThrownBy(problems::throwIfAny)
                .hasMessage(".env line 3: A is set twice, first at .env line 1; remove one");
    }

    private static Map<String, String> parse(String text) {
        Problems problems = new Problems();
        Map<String, Stated> values = DotEnv.parse(text, ".env", problems);
        try {
            problems.throwIfAny();
        } catch (SettingsException e) {
            throw new AssertionError(e);
        }
        return values.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().text()));
    }
}
