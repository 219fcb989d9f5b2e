package io.marketdata.collector.config;

/**
 * A value that somebody wrote down for a setting.
 *
 * @param where for people: {@code environment}, {@code .env line 3}
 */
record Stated(String text, String where) {}
