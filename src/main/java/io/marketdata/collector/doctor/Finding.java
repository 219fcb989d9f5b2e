package io.marketdata.collector.doctor;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a check of {@link Doctor} has found.
 *
 * @param what the thing that was looked at, one or two words
 * @param detail what was seen, one line
 * @param remedy what to do about it; null exactly if all is well
 */
public record Finding(
        Level level, String what, String detail, @Nullable String remedy) {

    /** How bad it is. */
    enum Level {
        OK,
        /** Recording works, and somebody should know this all the same. */
        WARN,
        /** Recording cannot start, or cannot keep its promises. */
        FAIL
    }

    public Finding {
        if ((level == Level.OK) != (remedy == null)) {
            throw new IllegalArgumentException(what + ": what is not well needs a remedy, and nothing else does");
        }
    }

    static Finding ok(String what, String detail) {
        return new Finding(Level.OK, what, detail, null);
    }

    static Finding warn(String what, String detail, String remedy) {
        return new Finding(Level.WARN, what, detail, remedy);
    }

    static Finding fail(String what, String detail, String remedy) {
        return new Finding(Level.FAIL, what, detail, remedy);
    }

    /** For people: one line, and below it the remedy. */
    List<String> lines() {
        String line =
                String.format(Locale.ROOT, "%-4s  %-11s  %s", level.name().toLowerCase(Locale.ROOT), what, detail);
        return remedy == null ? List.of(line) : List.of(line, " ".repeat(19) + "-> " + remedy);
    }
}
