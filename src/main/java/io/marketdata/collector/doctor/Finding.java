package io.marketdata.collector.doctor;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The result of a check of {@link Doctor}.
 *
 * @param what what was checked, one or two words
 * @param detail the result, one line
 * @param remedy what to do; null exactly at level OK
 */
public record Finding(
        Level level, String what, String detail, @Nullable String remedy) {

    /** How bad it is. */
    public enum Level {
        OK,
        /** The collector works, but the operator should know this. */
        WARN,
        /** The collector cannot start, or cannot keep its guarantees. */
        FAIL
    }

    public Finding {
        if ((level == Level.OK) != (remedy == null)) {
            throw new IllegalArgumentException(
                    what + ": a warning or failure needs a remedy, and nothing else may have one");
        }
    }

    static Finding ok(String what, String detail) {
        return new Finding(Level.OK, what, detail, null);
    }

    static Finding warn(String what, String detail, String remedy) {
        return new Finding(Level.WARN, what, detail, remedy);
    }

    public static Finding fail(String what, String detail, String remedy) {
        return new Finding(Level.FAIL, what, detail, remedy);
    }

    /** The printed lines: the result, and below it the remedy if there is one. */
    List<String> lines() {
        String line =
                String.format(Locale.ROOT, "%-4s  %-11s  %s", level.name().toLowerCase(Locale.ROOT), what, detail);
        return remedy == null ? List.of(line) : List.of(line, " ".repeat(19) + "-> " + remedy);
    }
}
