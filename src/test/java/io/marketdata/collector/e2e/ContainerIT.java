package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The container image, where an engine answers; it pulls nothing. */
class ContainerIT {

    @TempDir
    private Path folder;

    private String output = "";

    /** Runs a program to its end; its exit code, or -1 if there is no such program or it takes too long. */
    private int run(int seconds, List<String> command) throws Exception {
        Path file = folder.resolve("output");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start();
        } catch (IOException e) {
            return -1;
        }
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (!ended) {
            // SIGTERM, so that the script removes its containers
            process.destroy();
            process.waitFor(seconds, TimeUnit.SECONDS);
        }
        output = Files.readString(file, StandardCharsets.UTF_8);
        return ended ? process.exitValue() : -1;
    }

    @Test
    void theImageIsHealthyNotRootReadOnlyAndStopsWithEverythingStored() throws Exception {
        Assumptions.assumeTrue(run(5, List.of("docker", "info")) == 0, "no container engine answers");

        int code = run(120, List.of("bash", "infra/docker/test.sh", "--base-of-this-machine"));

        Assumptions.assumeFalse(code == 77, () -> output);
        assertThat(code).as(output).isZero();
        assertThat(output)
                .contains(
                        "ok: healthy",
                        "ok: process 1 is java, uid 10001",
                        "ok: nothing but the spool can be written",
                        "ok: the health check can fail",
                        "ended with 143")
                .containsPattern("ok: \\d{3,} trades, ids \\d+ to \\d+ without a hole, nothing left in the spool");
    }
}
