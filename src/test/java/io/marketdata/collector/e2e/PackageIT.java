package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.Script;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packages of the profile {@code packages}, where the build has made them. */
@Tag("process")
class PackageIT {

    @Test
    void packagesInstallUpgradeAndGoWithoutLosingATrade() throws Exception {
        assumeThat(Programs.onPath("bash")).as("bash is not installed").isTrue();
        Path target =
                Path.of(System.getProperty("collector.jar")).toAbsolutePath().getParent();

        Script installed = Script.run(Map.of(), List.of("infra/packages/test/install.sh", target.toString()), 400)
                .skippedWhereItCannotRun();

        assertThat(installed.code()).as(installed.text()).isZero();
        assertThat(installed.text().lines().filter(line -> line.matches("\\S.{60,61} \\S.*")))
                .as(installed.text())
                .hasSizeGreaterThanOrEqualTo(12);
        assertThat(installed.text()).containsPattern("every trade is in the bucket, .* (\\d+) of \\1, ");
    }
}
