package io.marketdata.collector.cloudwatch;

/**
 * One value to be told.
 *
 * @param symbol value of its one dimension
 * @param value finite
 */
record Datum(AlarmNumber number, String symbol, double value) {}
