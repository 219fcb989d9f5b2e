package io.marketdata.collector.config;

import java.util.List;

/** The settings are invalid. The message holds every problem, one per line, so that one start shows them all. */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1;

    private final List<String> problems;

    /** @param problems one line each */
    public SettingsException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each: the setting, its value, its source, what is wrong, and what is allowed. */
    public List<String> problems() {
        return problems;
    }
}
