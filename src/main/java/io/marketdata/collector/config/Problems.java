package io.marketdata.collector.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What is wrong with the settings, one line each, in the order of finding. */
final class Problems {

    // Enough to recognise a value, and a terminal line stays one line.
    private static final int SHOWN_CHARS = 80;
    private static final Pattern USER_IN_URL = Pattern.compile("//.*@", Pattern.DOTALL);

    private final List<String> lines = new ArrayList<>();

    void add(String line) {
        lines.add(line);
    }

    void throwIfAny() throws SettingsException {
        if (!lines.isEmpty()) {
            throw new SettingsException(lines);
        }
    }

    /**
     * A value as it may stand in a message: in quotes, cut, in one line, without characters that a terminal would obey,
     * and without the user and password that a URL may hold.
     */
    static String quoted(String value) {
        return "\"" + escaped(USER_IN_URL.matcher(value).replaceAll("//***@")) + "\"";
    }

    /** As {@link #quoted}, for names of files. */
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
