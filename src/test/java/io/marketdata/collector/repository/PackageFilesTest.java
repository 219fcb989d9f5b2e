package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the packages install beside the jar, and the scripts that they run. */
class PackageFilesTest {

    private static final String BY_HAND = " -jar /opt/market-collector/collector.jar";
    private static final String INSTALLED =
            " -Dcollector.command=market-collector -jar /usr/share/market-collector/collector.jar";

    @TempDir
    private Path folder;

    private Path root;

    @BeforeEach
    void write() throws IOException {
        Path completion = Files.createDirectories(folder.resolve("completion"));
        Files.writeString(completion.resolve("market-collector.bash"), "bash");
        Files.writeString(completion.resolve("market-collector.fish"), "fish");
        Files.writeString(Files.createDirectories(folder.resolve("man/man1")).resolve("market-collector.1"), "page");
        root = folder.resolve("packages");
        PackageFiles.main(new String[] {root.toString()});
    }

    @ParameterizedTest
    @ValueSource(strings = {"market-collector", "market-collector@", "market-collector-audit"})
    void onlyThePathOfTheJarDiffersInAUnit(String unit) throws IOException {
        String ours = Files.readString(Path.of("systemd", unit + ".service"));

        assertThat(root.resolve("usr/lib/systemd/system/" + unit + ".service"))
                .hasContent(ours.replace(BY_HAND, INSTALLED))
                .isRegularFile();
    }

    @Test
    void noBucketIsNamedInTheSettings() throws IOException {
        List<String> theirs = Files.readAllLines(root.resolve("etc/market-collector/collector.env"));
        List<String> ours = new ArrayList<>(Files.readAllLines(Path.of("systemd/collector.env.example")));

        ours.replaceAll(line -> line.startsWith("RAW_BUCKET=") ? "#" + line : line);
        assertThat(theirs).isEqualTo(ours).contains("#RAW_BUCKET=my-market-data");
    }

    @Test
    void nothingIsInstalledWhereOnlyTheAdministratorMayPutFiles() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> root.relativize(file).toString()))
                    .hasSize(13)
                    .allMatch(file -> file.matches("(usr/bin|usr/lib/sys|usr/share|etc/market-collector)/?.*"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-s bash systemd/market-collector.sh",
                "-s sh infra/packages/deb/postinst infra/packages/deb/prerm infra/packages/deb/postrm",
                "-s sh infra/packages/rpm/post infra/packages/rpm/preun infra/packages/rpm/postun",
                "-x systemd/test/machine.sh systemd/test/boot.sh infra/packages/test/install.sh"
            })
    void shellcheckFindsNothing(String arguments) throws Exception {
        Assumptions.assumeTrue(Programs.onPath("shellcheck"), "shellcheck is not installed");
        List<String> command = new ArrayList<>(List.of("shellcheck", "-S", "style"));
        command.addAll(List.of(arguments.split(" ")));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("found").toFile())
                .start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(folder.resolve("found")).isEmptyFile();
    }
}
