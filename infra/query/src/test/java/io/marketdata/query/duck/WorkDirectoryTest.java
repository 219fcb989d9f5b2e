package io.marketdata.query.duck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoryTest {

    @TempDir
    private Path root;

    @Test
    void aStartDeletesWhatKilledRunsHaveLeftAndNothingElse() throws Exception {
        Path killed = Files.createDirectories(root.resolve("run/killed/spill"));
        Files.writeString(killed.resolve("a"), "a");
        Files.writeString(root.resolve("run/killed.lock"), "");
        try (WorkDirectory running = WorkDirectory.open(root)) {
            Files.writeString(running.run().resolve("b"), "b");

            WorkDirectory.open(root).close();

            assertThat(running.run().resolve("b")).exists();
            assertThat(root.resolve("run/killed")).doesNotExist();
        }
        try (Stream<Path> runs = Files.list(root.resolve("run"))) {
            assertThat(runs).isEmpty();
        }
    }

    @Test
    void hoursThatNoQueryReadsForWeeksAreDeleted() throws Exception {
        Path old = Files.createDirectories(root.resolve("hours/old"));
        Path recent = Files.createDirectories(root.resolve("hours/recent"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(31, ChronoUnit.DAYS)));

        WorkDirectory.open(root).close();

        assertThat(old).doesNotExist();
        assertThat(recent).exists();
    }
}
