package io.marketdata.collector.config;

/**
 * The text set for a setting.
 *
 * @param where its source, for messages: {@code environment}, {@code .env line 3}
 */
record Stated(String text, String where) {}
