package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.PassThroughDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsableDirectoriesTest {

    @TempDir
    private Path directory;

    @Test
    void usableDirectoriesPassAndNothingIsLeftInThem() throws Exception {
        UsableDirectories.require(settings("file:deep/bucket", "spool/below"), new LocalDisk());

        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsAnErrorOfItsSetting() throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc")), "only root may try");
        Settings spool = settings("my-trades", "/proc/nope/spool");
        Settings bucket = settings("file:/proc/nope/bucket", "spool");

        assertThatThrownBy(() -> UsableDirectories.require(spool, new LocalDisk()))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll("LOCAL_DIR=/proc/nope/spool", "in /proc", "use another directory");
        assertThatThrownBy(() -> UsableDirectories.require(bucket, new LocalDisk()))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContaining("RAW_BUCKET=/proc/nope/bucket");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"No locks available", "Operation not supported", "Read-only file system", "Invalid argument"})
    void aFileSystemThatLacksAnOperationIsAnErrorOfItsSetting(String reason) throws Exception {
        assertThatThrownBy(() -> UsableDirectories.require(settings("my-trades", "spool"), refusing(reason)))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll("LOCAL_DIR=", reason + ": ", "directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Input/output error", "Too many open files", "Stale file handle"})
    void aFaultOfTheDiskStaysOne(String reason) throws Exception {
        assertThatThrownBy(() -> UsableDirectories.require(settings("my-trades", "spool"), refusing(reason)))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SpoolRefusedException.class);
    }

    /** procfs has no fsync of directories, as CIFS has none: both answer EINVAL. */
    @Test
    void aFileSystemWithoutFsyncOfDirectoriesIsAWarningOnce() throws Exception {
        Path proc = Path.of("/proc/self");
        Assumptions.assumeTrue(Files.isDirectory(proc));
        LocalDisk disk = new LocalDisk();
        try (LogLines log = new LogLines(LocalDisk.class)) {
            disk.syncDirectory(proc);
            disk.syncDirectory(proc);

            assertThat(log.all())
                    .singleElement()
                    .asString()
                    .contains("fsync of a directory: Invalid argument", "power loss may cost", "Set LOCAL_DIR");
        }
    }

    private static FileOps refusing(String reason) {
        return new PassThroughDisk(new LocalDisk()) {
            @Override
            public Closeable lock(Path file) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private Settings settings(String bucket, String localDir) throws Exception {
        return new SettingsLoader(Map.of("RAW_BUCKET", bucket, "LOCAL_DIR", localDir), directory).load();
    }
}
