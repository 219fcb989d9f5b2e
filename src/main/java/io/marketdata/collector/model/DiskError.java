package io.marketdata.collector.model;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an error of a file system means for the operator. The JDK has few types for them, so they are recognised by the
 * words of {@code strerror} (glibc, musl and macOS agree on these) in English, which the locale {@code C.UTF-8} has.
 */
public final class DiskError {

    private static final String LOCAL_DISK =
            "this file system lacks what the collector needs (locks, rename, fsync); use a"
                    + " directory on a local disk";

    /** Errors of a directory that was never usable: another one must be set. */
    private static final Map<String, String> WRONG_PLACE = Map.ofEntries(
            Map.entry(
                    "read-only file system",
                    "it is mounted read-only, often after a disk error (see dmesg); remount it, or use another directory"),
            Map.entry("permission denied", "give the user of this process access, or use another directory"),
            Map.entry("operation not permitted", "give the user of this process access, or use another directory"),
            Map.entry("file name too long", "use a shorter path"),
            Map.entry("not a directory", "a file is in the way; use another directory"),
            Map.entry(
                    "too many levels of symbolic links", "a symbolic link leads back to itself; use another directory"),
            Map.entry("no such file or directory", "it cannot be created there; use another directory"),
            Map.entry("no locks available", LOCAL_DISK),
            Map.entry("not supported", LOCAL_DISK),
            Map.entry("not implemented", LOCAL_DISK),
            Map.entry("invalid argument", LOCAL_DISK));

    private static final Map<String, String> FAULT = Map.of(
            "input/output error",
            "the disk or its connection fails; see dmesg, and save the spool to another disk",
            "too many open files",
            "raise the limit of open files: LimitNOFILE= in the unit, or ulimit -n",
            "stale file handle",
            "the network file system has changed on its server; mount it again",
            "transport endpoint is not connected",
            "the program that serves this file system has ended; mount it again",
            "structure needs cleaning",
            "the file system is damaged; unmount it and run fsck",
            "file too large",
            "a limit on the size of files; raise ulimit -f, or use another file system");

    private DiskError() {}

    /** The operating system's words for an error, as far as the JDK passes them on. */
    public static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
            return "Not a directory";
        }
        String reason = e instanceof FileSystemException fs && fs.getReason() != null ? fs.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }

    /** The same with its meaning and the remedy, where they are known. */
    public static String explained(IOException e) {
        String reason = reason(e);
        return Stream.of(WRONG_PLACE, FAULT)
                .flatMap(known -> known.entrySet().stream())
                .filter(known -> names(reason, known.getKey()))
                .findFirst()
                .map(known -> reason + ": " + known.getValue())
                .orElse(reason);
    }

    /** Whether the directory can never be used as it is; otherwise the disk fails or is full. */
    public static boolean isWrongPlace(IOException e) {
        return WRONG_PLACE.keySet().stream().anyMatch(known -> names(reason(e), known));
    }

    /**
     * Whether fsync of a directory was refused because the file system has none: CIFS, vboxsf and some FUSE file systems
     * answer EINVAL, ENOTSUP, ENOSYS or EISDIR.
     */
    public static boolean isSyncRefused(IOException e) {
        return Stream.of("invalid argument", "not supported", "not implemented", "is a directory")
                .anyMatch(known -> names(reason(e), known));
    }

    private static boolean names(String reason, String known) {
        return reason.toLowerCase(Locale.ROOT).contains(known);
    }
}
