package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.Script;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The container image, where an engine answers; it pulls nothing. */
class ContainerIT {

    @Test
    void imageIsHealthyUnprivilegedReadOnlyAndStopsWithEverythingStored() throws Exception {
        Assumptions.assumeTrue(
                Programs.onPath("docker")
                        && Script.run(Map.of(), List.of("docker", "info")).code() == 0,
                "no container engine answers");

        Script image = Script.run(Map.of(), List.of("bash", "infra/docker/test.sh", "--base-of-this-machine"))
                .skippedWhereItCannotRun();

        assertThat(image.code()).as(image.text()).isZero();
        assertThat(image.text())
                .contains(
                        "ok: Java accepts the class archive",
                        "ok: healthy, without a shell",
                        "ok: process 1 is java, uid 10001",
                        "ok: nothing but the spool can be written",
                        "ok: the health check can fail",
                        "ended with 143")
                .containsPattern("ok: \\d{3,} trades, ids \\d+ to \\d+ without a gap, nothing left in the spool");
    }
}
