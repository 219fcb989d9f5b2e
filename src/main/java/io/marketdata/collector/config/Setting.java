package io.marketdata.collector.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Declaration of one setting: its names, default, allowed values and purpose.
 *
 * @param variable name in the environment and in {@code .env}; null if it is set in the YAML file only
 * @param yamlPath dotted path in the YAML file; null if it is set by a variable only
 * @param defaultText the default as an operator would write it; null if there is none
 * @param required whether the operator must set it
 * @param description one line for the commented files
 */
record Setting<T>(
        @Nullable String variable,
        @Nullable String yamlPath,
        @Nullable String defaultText,
        boolean required,
        ValueFormat<T> format,
        String description) {

    /** Set in the environment, in {@code .env}, or in lower case at the top level of the YAML file. */
    static <T> Setting<T> variable(String name, @Nullable String defaultText, ValueFormat<T> format, String text) {
        return new Setting<>(name, name.toLowerCase(Locale.ROOT), defaultText, false, format, text);
    }

    /** As {@link #variable}, without a default: the operator must set it. */
    static <T> Setting<T> requiredVariable(String name, ValueFormat<T> format, String text) {
        return new Setting<>(name, name.toLowerCase(Locale.ROOT), null, true, format, text);
    }

    /** Set in the environment or in {@code .env} only. */
    static <T> Setting<T> variableOnly(String name, String defaultText, ValueFormat<T> format, String text) {
        return new Setting<>(name, null, defaultText, false, format, text);
    }

    /** Set in the YAML file only. */
    static <T> Setting<T> yamlOnly(String path, String defaultText, ValueFormat<T> format, String text) {
        return new Setting<>(null, path, defaultText, false, format, text);
    }

    /** The line that reports an invalid value. */
    String problem(Stated stated, String reason) {
        String shown = isSecret() ? "(not shown)" : Problems.quoted(stated.text());
        return name() + "=" + shown + " (" + stated.where() + "): " + reason + "; allowed: " + format.allowed();
    }

    /** Whether values, even invalid ones, must not be logged. */
    private boolean isSecret() {
        return name().endsWith("_KEY");
    }

    /** The name used in messages. */
    String name() {
        return variable != null ? variable : String.valueOf(yamlPath);
    }

    /** Checks a value for the record that holds it, as the loader checks its text. */
    void require(T value) {
        try {
            format.check().accept(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name() + "=" + value + ": " + e.getMessage() + "; allowed: " + format.allowed(), e);
        }
    }
}
