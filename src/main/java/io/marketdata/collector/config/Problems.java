package io.marketdata.collector.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Collects the problems of the settings, one line each, in the order found. */
final class Problems {

    // Enough to recognise a value.
    private static final int SHOWN_CHARS = 80;
    /** Everything up to the last {@code @}, unless a host ends before it: {@code /ws/btcusdt@trade} is a path. */
    private static final Pattern USER_IN_URL = Pattern.compile(
            "//(?!(?:\\[[0-9a-fA-F:.]+]|localhost|[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+)(?::\\d*)?[/?#][^:]*$).*@",
            Pattern.DOTALL);

    private final List<String> lines = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void add(String line) {
        lines.add(line);
    }

    /** What does not keep the collector from starting, and is probably not what the operator meant. */
    void warn(String line) {
        warnings.add(line);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    void throwIfAny() throws SettingsException {
        if (!lines.isEmpty()) {
            throw new SettingsException(lines);
        }
    }

    /**
     * A value made safe for a message: in quotes, truncated, on one line, without terminal control characters, and without
     * the user and password of a URL.
     */
    static String quoted(String value) {
        return "\"" + escaped(USER_IN_URL.matcher(value).replaceAll("//***@")) + "\"";
    }

    /** As {@link #quoted}, without quotes and for file names. */
    static String escaped(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(SHOWN_CHARS).forEach(c -> appendEscaped(shown, c));
        return shown.append(text.codePointCount(0, text.length()) > SHOWN_CHARS ? "..." : "")
                .toString();
    }

    private static void appendEscaped(StringBuilder out, int codePoint) {
        if (codePoint == '"' || codePoint == '\\') {
            out.append('\\').append((char) codePoint);
            return;
        }
        switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                out.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
            default -> out.appendCodePoint(codePoint);
        }
    }
}
