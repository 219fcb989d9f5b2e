package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class LockTableTest {

    @TempDir
    private Path folder;

    @Test
    void findsLockHolderWithoutOpeningTheFile() throws Exception {
        Path lock = folder.resolve(".lock");
        try (Closeable held = new LocalDisk().lock(lock)) {
            assertThat(held).isNotNull();
            // empty if the file system reports its files under another device, as some overlays do
            assertThat(LockTable.ofThisMachine().holder(lock).orElse(self())).isEqualTo(self());
            assertThat(new LockTable(tableOf(lock, "WRITE 5471 ")).holder(lock)).hasValue(5_471);
        }
        assertThat(LockTable.ofThisMachine().holder(lock)).isEmpty();
    }

    @Test
    void ignoresOtherFilesAndWaitingProcesses() throws Exception {
        Path lock = Files.createFile(folder.resolve(".lock"));
        Path other = Files.createFile(folder.resolve("other"));

        assertThat(new LockTable(tableOf(other, "WRITE 5471 ")).holder(lock)).isEmpty();
        assertThat(new LockTable(tableOf(lock, "-> WRITE 5471 ")).holder(lock)).isEmpty();
        assertThat(new LockTable(folder.resolve("no-table")).holder(lock)).isEmpty();
        assertThat(new LockTable(tableOf(lock, "WRITE 5471 ")).holder(folder.resolve("no-lock")))
                .isEmpty();
    }

    /** A table as the kernel prints it, with one lock of that file. */
    private Path tableOf(Path file, String what) throws Exception {
        long device = (Long) Files.getAttribute(file, "unix:dev");
        long major = (device >>> 8 & 0xfff) | (device >>> 32 & 0xfffff000L);
        long minor = (device & 0xff) | (device >>> 12 & 0xffffff00L);
        return Files.writeString(
                folder.resolve("locks"),
                "1: FLOCK  ADVISORY  WRITE 77 fe:00:12 0 EOF\n"
                        + String.format(
                                java.util.Locale.ROOT,
                                "2: POSIX  ADVISORY  %s%02x:%02x:%d 0 EOF%n",
                                what,
                                major,
                                minor,
                                ((Number) Files.getAttribute(file, "unix:ino")).longValue()));
    }

    private static long self() {
        return ProcessHandle.current().pid();
    }
}
