package io.marketdata.collector.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether what this process prints goes to systemd's journal, which stamps each line itself and reads a priority from
 * {@code <N>} before it. Source: systemd.exec(5), {@code JOURNAL_STREAM}: device and inode of the stream, because the
 * variable alone is inherited by every shell of a desktop too.
 */
public final class JournalStream {

    private static final String VARIABLE = "JOURNAL_STREAM";

    private JournalStream() {}

    /** Whether standard output goes there. */
    static boolean ofStandardOutput() {
        return is(System.getenv(VARIABLE), Path.of("/proc/self/fd/1"));
    }

    /** What makes a line on standard error an error in the journal; nothing elsewhere. */
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
            return false; // no /proc, or no UNIX
        }
    }
}
