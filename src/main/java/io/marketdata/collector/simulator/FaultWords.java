package io.marketdata.collector.simulator;

import io.marketdata.collector.model.LogText;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;

/** Describes faults for a reader: {@code lag (connection all, by 250 ms)}. */
final class FaultWords {

    private FaultWords() {}

    /** The fault's name and its values; values that are not set are left out. */
    static String of(Fault fault) {
        StringJoiner values = new StringJoiner(", ", " (", ")").setEmptyValue("");
        for (RecordComponent component : fault.getClass().getRecordComponents()) {
            String value = value(component, fault);
            if (!value.isEmpty()) {
                values.add(words(component.getName()) + " " + value);
            }
        }
        return words(fault.getClass().getSimpleName()) + values;
    }

    /** A time without rounding: {@code 250 ms}, {@code 90 s}, {@code forever}. */
    static String time(Duration time) {
        if (time.equals(Fault.FOREVER)) {
            return "forever";
        }
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    private static String value(RecordComponent component, Fault fault) {
        Object value;
        try {
            value = component.getAccessor().invoke(fault);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        if (value instanceof Duration time) {
            return time(time);
        }
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
        return value == null ? "" : LogText.of(value.toString());
    }

    private static String words(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
