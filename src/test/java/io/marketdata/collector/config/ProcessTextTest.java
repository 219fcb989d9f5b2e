package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTextTest {

    private static final String SYMBOL = "\u5e01\u5b89\u4eba\u751fUSDT";
    private static final String DAMAGED = "\uFFFD".repeat(12) + "USDT";

    @TempDir
    private Path directory;

    @Test
    void variablesThatJavaCouldNotDecodeAreReadFromTheBytesOfTheProcess() throws Exception {
        Path environ = write("A=b\0SYMBOL=" + SYMBOL + "\0EMPTY=\0ODD=a=b\0");

        assertThat(ProcessText.environment(Map.of("A", "changed", "SYMBOL", DAMAGED, "ODD", "a=b"), environ))
                .isEqualTo(Map.of("A", "changed", "SYMBOL", SYMBOL, "ODD", "a=b"));
    }

    @Test
    void argumentsToo() throws Exception {
        Path cmdline = write("java\0-jar\0x.jar\0backfill\0--symbol\0" + SYMBOL + "\0");

        assertThat(ProcessText.arguments(new String[] {"backfill", "--symbol", DAMAGED}, cmdline))
                .containsExactly("backfill", "--symbol", SYMBOL);
    }

    @Test
    void withoutTheBytesEverythingStaysAsJavaReadIt() {
        Path absent = directory.resolve("absent");

        assertThat(ProcessText.environment(Map.of("SYMBOL", DAMAGED), absent)).containsEntry("SYMBOL", DAMAGED);
        assertThat(ProcessText.arguments(new String[] {DAMAGED}, absent)).containsExactly(DAMAGED);
    }

    @Test
    void aValueThatCannotBeDecodedIsAProblemWithItsRemedy() {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> new SettingsLoader(
                                Map.of("RAW_BUCKET", "my-trades", "SYMBOL", DAMAGED, "LOCAL_DIR", "spool"), directory)
                        .load())
                .hasMessageContainingAll("SYMBOL=", "set LANG=C.UTF-8");
    }

    private Path write(String text) throws Exception {
        return Files.write(directory.resolve("bytes"), text.getBytes(StandardCharsets.UTF_8));
    }
}
