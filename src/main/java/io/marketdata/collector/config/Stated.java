package io.marketdata.collector.config;

/**
 * The text set for a setting.
 *
 * @param where its source, for messages: {@code environment}, {@code .env line 3}
 * @param isNull whether it is YAML's null: nothing, {@code ~} or {@code null}
 */
record Stated(String text, String where, boolean isNull) {

    Stated(String text, String where) {
        this(text, where, false);
    }
}
