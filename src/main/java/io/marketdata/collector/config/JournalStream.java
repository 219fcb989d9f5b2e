package io.marketdata.collector.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Detects whether the output of this process goes to systemd's journal, which adds the time to each line and reads its
 * priority from a prefix {@code <N>}. Source: systemd.exec(5), {@code JOURNAL_STREAM}: device and inode of the stream,
 * because every shell of a desktop inherits the variable.
 */
public final class JournalStream {

    private static final String VARIABLE = "JOURNAL_STREAM";

    private JournalStream() {}

    static boolean ofStandardOutput() {
        return is(System.getenv(VARIABLE), Path.of("/proc/self/fd/1"));
    }

    /** The prefix that makes a line on standard error an error in the journal; empty elsewhere. */
    public static String errorPrefix() {
        return is(System.getenv(VARIABLE), Path.of("/proc/self/fd/2")) ? "<3>" : "";
    }

    static boolean is(@Nullable String named, Path stream) {
        if (named == null) {
            return false;
        }
        try {
            Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
            return named.equals(file.get("dev") + ":" + file.get("ino"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return false; // no /proc, or not UNIX
        }
    }
}
