package io.marketdata.collector.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environment and the arguments of this process as UTF-8. Under the locale POSIX, which a service or container without
 * {@code LANG} has, Java replaces every byte above 127 by U+FFFD; on Linux the bytes are still in {@code /proc/self}.
 */
public final class ProcessText {

    private static final char REPLACED = '\uFFFD';
    private static final Path PROC = Path.of("/proc/self");

    private ProcessText() {}

    /** The environment; a variable whose bytes are not UTF-8 is as Java read it. */
    static Map<String, String> environment() {
        return environment(System.getenv(), PROC.resolve("environ"));
    }

    static Map<String, String> environment(Map<String, String> asRead, Path source) {
        if (asRead.entrySet().stream().noneMatch(each -> isDamaged(each.getKey() + each.getValue()))) {
            return asRead;
        }
        Map<String, String> repaired = new HashMap<>(asRead);
        for (String entry : entries(source)) {
            int separator = entry.indexOf('=');
            if (separator > 0) {
                repaired.computeIfPresent(
                        entry.substring(0, separator),
                        (name, value) -> isDamaged(value) ? entry.substring(separator + 1) : value);
            }
        }
        return repaired;
    }

    /** The arguments of {@code main}. */
    public static String[] arguments(String[] asRead) {
        return arguments(asRead, PROC.resolve("cmdline"));
    }

    static String[] arguments(String[] asRead, Path source) {
        if (Arrays.stream(asRead).noneMatch(ProcessText::isDamaged)) {
            return asRead;
        }
        List<String> all = entries(source);
        // The arguments of the program are the last ones of the command line.
        int first = all.size() - asRead.length;
        String[] repaired = asRead.clone();
        for (int i = 0; first >= 0 && i < asRead.length; i++) {
            repaired[i] = isDamaged(asRead[i]) ? all.get(first + i) : asRead[i];
        }
        return repaired;
    }

    /** Whether Java could not decode it. */
    static boolean isDamaged(String text) {
        return text.indexOf(REPLACED) >= 0;
    }

    /** The encoding of names of files in this process; empty if it is UTF-8 and has every character. */
    static Optional<String> narrowFileNames() {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        return encoding.equalsIgnoreCase("UTF-8") ? Optional.empty() : Optional.of(encoding);
    }

    private static List<String> entries(Path source) {
        List<String> entries = new ArrayList<>();
        try {
            byte[] bytes = Files.readAllBytes(source);
            int start = 0;
            for (int end = 0; end < bytes.length; end++) {
                if (bytes[end] == 0) {
                    entries.add(new String(bytes, start, end - start, StandardCharsets.UTF_8));
                    start = end + 1;
                }
            }
        } catch (IOException e) {
            return List.of(); // not Linux: the settings say what cannot be read
        }
        return entries;
    }
}
