package io.marketdata.collector.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One setting, declared once: its names, its default, what it may be, and what it is for.
 *
 * @param variable its name in the environment and in {@code .env}; null if only the YAML file has it
 * @param yamlPath its place in the YAML file, with dots; null if only a variable has it
 * @param defaultText the default as an operator would write it; null if there is none
 * @param required whether something must state it
 * @param description one line for the commented files
 */
record Setting<T>(
        @Nullable String variable,
        @Nullable String yamlPath,
        @Nullable String defaultText,
        boolean required,
        ValueFormat<T> format,
        String description) {

    /** Stated in the environment, in {@code .env}, or at the top of the YAML file in lower case. */
    static <T> Setting<T> variable(String name, @Nullable String defaultText, ValueFormat<T> format, String text) {
        return new Setting<>(name, name.toLowerCase(Locale.ROOT), defaultText, false, format, text);
    }

    /** As {@link #variable}, without a default: something must state it. */
    static <T> Setting<T> requiredVariable(String name, ValueFormat<T> format, String text) {
        return new Setting<>(name, name.toLowerCase(Locale.ROOT), null, true, format, text);
    }

    /** Stated in the environment or in {@code .env} only. */
    static <T> Setting<T> variableOnly(String name, String defaultText, ValueFormat<T> format, String text) {
        return new Setting<>(name, null, defaultText, false, format, text);
    }

    /** Stated in the YAML file only. */
    static <T> Setting<T> yamlOnly(String path, String defaultText, ValueFormat<T> format, String text) {
        return new Setting<>(null, path, defaultText, false, format, text);
    }

    /** The line that reports a value that cannot be used. */
    String problem(Stated stated, String reason) {
        String shown = isSecret() ? "(not shown)" : Problems.quoted(stated.text());
        return name() + "=" + shown + " (" + stated.where() + "): " + reason + "; allowed: " + format.allowed();
    }

    /** Whether a value, even a wrong one, must not end up in a log. */
    private boolean isSecret() {
        return name().endsWith("_KEY");
    }

    /** The name that people know it by. */
    String name() {
        return variable != null ? variable : String.valueOf(yamlPath);
    }

    /** For the records that hold the value: refuses one that no text would have been allowed to state. */
    void require(T value) {
        try {
            format.check().accept(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name() + "=" + value + ": " + e.getMessage() + "; allowed: " + format.allowed(), e);
        }
    }
}
