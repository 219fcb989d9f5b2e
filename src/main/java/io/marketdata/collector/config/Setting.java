package io.marketdata.collector.config;

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

    /** The line that reports an invalid value. */
    String problem(Stated stated, String reason) {
        String shown = isSecret(stated.text()) ? "(not shown)" : Problems.quoted(stated.text());
        return name() + "=" + shown + " (" + stated.where() + "): " + reason + "; allowed: " + format.allowed();
    }

    /** Whether values, even invalid ones, must not be logged. */
    private boolean isSecret(String text) {
        return name().endsWith("_KEY") || (name().endsWith("_PROXY") && text.contains("@"));
    }

    /** The name used in messages. */
    String name() {
        return variable != null ? variable : String.valueOf(yamlPath);
    }

    /** As {@link #require}; null passes, for a setting that need not be set. */
    void requireIfSet(@Nullable T value) {
        if (value != null) {
            require(value);
        }
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
