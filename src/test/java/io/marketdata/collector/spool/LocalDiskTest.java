package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.FileOps.LockedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {

    @TempDir
    private Path folder;

    private final LocalDisk disk = new LocalDisk();

    /** {@code FileChannel} would be closed for every thread. */
    @Test
    void interruptOfWritingThreadClosesNoFile() throws IOException {
        Path file = folder.resolve("part");
        try (AppendFile out = disk.create(file)) {
            Thread.currentThread().interrupt();
            out.write(new byte[3], 0, 3);
            out.sync();
            assertThat(Thread.interrupted()).isTrue();
            out.write(new byte[4], 0, 4);
        }
        assertThat(disk.size(file)).isEqualTo(7);
    }

    @Test
    void appendContinuesAfterTheLastByte() throws IOException {
        Path file = folder.resolve("log");
        for (int i = 0; i < 3; i++) {
            try (AppendFile out = disk.append(file)) {
                out.write(new byte[] {'a', 'b'}, 0, 2);
                out.sync();
            }
        }
        assertThat(Files.readString(file)).isEqualTo("ababab");
    }

    @Test
    void lockExcludesTheSameProcessUntilClosed() throws IOException {
        Path file = folder.resolve(".lock");
        try (Closeable held = disk.lock(file)) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> disk.lock(file)).isInstanceOf(LockedException.class);
            assertThatThrownBy(() -> disk.lock(file)).isInstanceOf(LockedException.class);
        }
        disk.lock(file).close();
    }

    @Test
    void syncAndCloseOfClosedFileDoNothing() throws IOException {
        AppendFile out = disk.create(folder.resolve("part"));
        out.close();
        out.sync();
        out.close();
    }

    @Test
    void missingFileHasNoSizeAndCanBeDeleted() throws IOException {
        Path missing = folder.resolve("missing");
        disk.delete(missing);
        assertThat(disk.size(missing)).isEqualTo(-1);
        assertThatThrownBy(() -> disk.rename(missing, folder.resolve("other"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.forEachFile(missing, (file, bytes) -> {}))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void linkIsNotFollowed() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "x");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertThatThrownBy(() -> disk.read(link)).isInstanceOf(SpoolRefusedException.class);
        assertThatThrownBy(() -> disk.sync(link)).isInstanceOf(SpoolRefusedException.class);
        assertThatThrownBy(() -> disk.append(link)).isInstanceOf(SpoolRefusedException.class);
        assertThatThrownBy(() -> disk.lock(link)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.read(folder)).isInstanceOf(SpoolRefusedException.class);
    }

    @Test
    void faultNamesTheFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path below = file.resolve("part");
        assertThatThrownBy(() -> disk.create(below))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(below.toString());
    }

    @Test
    void everyFileBelowTheDirectoryIsPassedOnWithItsSizeExceptWhereThisUserMayNotRead() throws IOException {
        Files.write(Files.createDirectories(folder.resolve("a/b")).resolve("c"), new byte[100]);
        Files.write(folder.resolve("d"), new byte[20]);
        Path unreadable = Files.createDirectories(folder.resolve("lost+found"));
        Files.setPosixFilePermissions(unreadable, Set.of());
        Map<Path, Long> files = new HashMap<>();
        disk.forEachFile(folder, files::put);
        Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("rwx------"));
        assertThat(files).isEqualTo(Map.of(folder.resolve("a/b/c"), 100L, folder.resolve("d"), 20L));
        assertThat(disk.freeBytes(folder)).isPositive();
    }
}
