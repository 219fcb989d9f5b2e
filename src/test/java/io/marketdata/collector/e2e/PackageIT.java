package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packages of the profile {@code packages}, where the build has made them. */
@Tag("process")
class PackageIT {

    private static final Path TARGET =
            Path.of(System.getProperty("collector.jar")).toAbsolutePath().getParent();

    @TempDir
    private Path folder;

    @Test
    void packagesInstallUpgradeAndGoWithoutLosingATrade() throws Exception {
        assumeThat(Programs.onPath("bash")).as("bash is not installed").isTrue();

        Script installed = Script.run(Map.of(), List.of("infra/packages/test/install.sh", TARGET.toString()))
                .skippedWhereItCannotRun();

        assertThat(installed.code()).as(installed.text()).isZero();
        assertThat(installed.text().lines().filter(line -> line.matches("\\S.{60,61} \\S.*")))
                .as(installed.text())
                .hasSizeGreaterThanOrEqualTo(11);
        assertThat(installed.text()).containsPattern("every trade is in the bucket, .* (\\d+) of \\1, ");
    }

    /** From the same jar; {@code ReproducibleJarIT} shows that the jar is the same. */
    @Test
    void packagesMadeElsewhereWithAnotherTimeZoneAndUmaskHaveTheSameBytes() throws Exception {
        List<Path> packages = packages(TARGET);
        assumeThat(packages).as("no packages: mvn -Ppackages package").hasSize(2);
        Path copy = Files.createDirectory(folder.resolve("a copy"));

        Script made = Script.run(
                Map.of(
                        "COPY", copy.toString(),
                        "REPOSITORY", System.getProperty("maven.repo.local"),
                        "JAVA_HOME", System.getProperty("java.home"),
                        "TZ", "Pacific/Kiritimati",
                        "LC_ALL", "C"),
                List.of(
                        "sh",
                        "-c",
                        "umask 077; cp -R pom.xml .mvn systemd infra CHANGELOG.md LICENSE \"$COPY\" && mkdir \"$COPY/target\""
                                + " && cp -R target/classes target/test-classes target/completion target/man target/collector.jar"
                                + " \"$COPY/target\" && cd \"$COPY\" && exec mvn -B -q -o \"-Dmaven.repo.local=$REPOSITORY\" -Ppackages"
                                + " org.codehaus.mojo:exec-maven-plugin:java@package-files org.vafer:jdeb:jdeb@deb"
                                + " de.dentrassi.maven:rpm:rpm@rpm"));

        assertThat(made.code()).as(made.text()).isZero();
        for (Path each : packages) {
            assertThat(copy.resolve("target").resolve(each.getFileName())).hasSameBinaryContentAs(each);
        }
    }

    private static List<Path> packages(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().matches("market-collector.*\\.(deb|rpm)"))
                    .toList();
        }
    }
}
