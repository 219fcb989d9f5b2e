package io.marketdata.collector.cloudwatch;

/**
 * One value to publish.
 *
 * @param symbol value of its only dimension
 * @param value finite
 */
record Datum(AlarmNumber number, String symbol, double value) {}
