package io.marketdata.collector.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses a {@code .env} file: lines {@code NAME=value}, blank lines, and comments from {@code #} at the start of a line or
 * after a blank. {@code export } may precede the name. A value may be quoted: {@code '…'} literally, {@code "…"} with
 * {@code \"} and {@code \\}. Nothing is expanded, a value ends with its line, each name may occur only once.
 *
 * <p>Messages never show the content of a line: such files may hold credentials.
 */
final class DotEnv {

    private static final Pattern LINE =
            Pattern.compile("(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_]*)=[ \\t]*(.*)", Pattern.DOTALL);
    private static final Pattern SINGLE_QUOTED = Pattern.compile("'([^']*)'(?:[ \\t]+#.*)?");
    private static final Pattern DOUBLE_QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\[\"\\\\])*+)\"(?:[ \\t]+#.*)?");
    private static final Pattern COMMENT = Pattern.compile("(?:^|(?<![ \\t])[ \\t]+)#.*");
    private static final Pattern ESCAPED = Pattern.compile("\\\\(.)");

    private DotEnv() {}

    /**
     * The values by name, in the order of the file; each line that cannot be parsed is added to the problems.
     *
     * @param label the file's name for messages
     */
    static Map<String, Stated> parse(String text, String label, Problems problems) {
        Map<String, Stated> values = new LinkedHashMap<>();
        int number = 0;
        for (String raw : text.split("\\R", -1)) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String where = label + " line " + number;
            try {
                read(line, where, values);
            } catch (IllegalArgumentException e) {
                problems.add(where + ": " + e.getMessage());
            }
        }
        return values;
    }

    private static void read(String line, String where, Map<String, Stated> values) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not of the form NAME=value; comments start with #");
        }
        String name = matcher.group(1);
        Stated earlier = values.putIfAbsent(name, new Stated(value(matcher.group(2)), where));
        if (earlier != null) {
            throw new IllegalArgumentException(name + " is set twice, first at " + earlier.where() + "; remove one");
        }
    }

    private static String value(String text) {
        if (text.startsWith("'")) {
            return quoted(SINGLE_QUOTED, text);
        }
        if (text.startsWith("\"")) {
            return ESCAPED.matcher(quoted(DOUBLE_QUOTED, text)).replaceAll("$1");
        }
        String bare = COMMENT.matcher(text).replaceFirst("");
        if (bare.contains("'") || bare.contains("\"")) {
            throw new IllegalArgumentException("a quote inside a value; put the whole value in quotes");
        }
        return bare;
    }

    private static String quoted(Pattern form, String text) {
        Matcher matcher = form.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a quoted value must end with the same quote on the same line, only a"
                    + " comment may follow it, and inside double quotes \\ is allowed only before \" or \\");
        }
        return matcher.group(1);
    }
}
