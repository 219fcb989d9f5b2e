package io.marketdata.collector.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the process that holds a lock in {@code /proc/locks} (proc_locks(5), Linux only). The lock file itself is never
 * opened, because that could take the lock from a collector that is about to start. A process it names holds the lock;
 * if it names none, the holder may still be in another container, on another machine, or on a system without that
 * table.
 */
public final class LockTable {

    /** {@code 1: POSIX  ADVISORY  WRITE 5471 fe:00:2146309 0 EOF}; a line with {@code ->} waits for the lock. */
    private static final Pattern LINE = Pattern.compile(
            "\\d+: POSIX +\\w+ +WRITE +(\\d{1,10}) ([0-9a-f]{2,4}):([0-9a-f]{2,6}):(\\d{1,19}) \\d+ \\S+");

    private final Path table;

    LockTable(Path table) {
        this.table = table;
    }

    public static LockTable ofThisMachine() {
        return new LockTable(Path.of("/proc/locks"));
    }

    /** Id of the process that holds the lock; empty if the table does not list it. */
    public OptionalLong holder(Path lockFile) {
        try {
            long inode = ((Number) Files.getAttribute(lockFile, "unix:ino")).longValue();
            long device = ((Number) Files.getAttribute(lockFile, "unix:dev")).longValue();
            for (String line : Files.readAllLines(table)) {
                Matcher lock = LINE.matcher(line);
                if (lock.matches()
                        && Long.parseLong(lock.group(4)) == inode
                        && Long.parseLong(lock.group(2), 16) == major(device)
                        && Long.parseLong(lock.group(3), 16) == minor(device)) {
                    return OptionalLong.of(Long.parseLong(lock.group(1)));
                }
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            // not Linux, or no lock file: the holder is unknown
        }
        return OptionalLong.empty();
    }

    /** Device numbers are split as in glibc (makedev(3)). */
    private static long major(long device) {
        return (device >>> 8 & 0xfff) | (device >>> 32 & 0xfffff000L);
    }

    private static long minor(long device) {
        return (device & 0xff) | (device >>> 12 & 0xffffff00L);
    }
}
