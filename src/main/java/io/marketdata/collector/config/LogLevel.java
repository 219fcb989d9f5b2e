package io.marketdata.collector.config;

/** How much is logged; each level includes the ones before it. The names are those of the logging library. */
public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG
}
