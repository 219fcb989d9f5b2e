package io.marketdata.collector.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.marketdata.collector.testkit.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completion and man pages, read by the programs that use them, where this machine has them. */
class CommandFilesTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        CommandFiles.write(folder);
    }

    @Test
    void everyCommandHasAPageAndNothingIsLeftToSubstitute() throws IOException {
        try (Stream<Path> pages = Files.list(folder.resolve("man/man1"))) {
            List<Path> all = pages.toList();
            assertThat(all)
                    .extracting(page -> String.valueOf(page.getFileName()))
                    .contains("market-collector.1", "market-collector-spool-ls.1", "market-collector-health.1");
            for (Path page : all) {
                assertThat(Files.readString(page))
                        .contains(".SH NAME", ".SH SYNOPSIS", "\\-\\-help", ".SH EXAMPLES")
                        .doesNotContain("${", "%n", "java \\-jar");
            }
        }
    }

    @Test
    void bashCompletesCommandsOptionsAndValues() throws Exception {
        assumeTrue(Programs.onPath("bash"));
        String script = "source completion/market-collector.bash; COMP_WORDS=(market-collector %s ''); COMP_CWORD=%d;"
                + " _complete_market-collector; printf '%%s ' \"${COMPREPLY[@]}\"";

        assertThat(run("bash", "-c", String.format(Locale.ROOT, script, "spool", 2)))
                .contains("ls", "check", "upload");
        assertThat(run("bash", "-c", String.format(Locale.ROOT, script, "simulate --profile", 3)))
                .contains("flat", "bursts");
    }

    @Test
    void zshReadsTheScriptForBash() throws Exception {
        assumeTrue(Programs.onPath("zsh"));

        assertThat(run("zsh", "-f", "-c", "source completion/market-collector.bash && echo read"))
                .contains("read");
    }

    @Test
    void fishCompletesSubcommandsOfSubcommands() throws Exception {
        assumeTrue(Programs.onPath("fish"));

        assertThat(run(
                        "fish",
                        "--no-config",
                        "-c",
                        "source completion/market-collector.fish; complete -C 'market-collector spool '"))
                .contains("ls", "check", "upload")
                .doesNotContain("simulate");
    }

    @Test
    void groffSetsEveryPageWithoutAWarning() throws Exception {
        assumeTrue(Programs.onPath("groff"));
        try (Stream<Path> pages = Files.list(folder.resolve("man/man1"))) {
            for (Path page : pages.toList()) {
                String name = folder.relativize(page).toString();
                assertThat(run("groff", "-man", "-Tascii", "-ww", "-P-cbou", name))
                        .contains("NAME", "SYNOPSIS", "EXAMPLES")
                        .doesNotContain("warning", "error:");
            }
        }
    }

    private String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text;
    }
}
