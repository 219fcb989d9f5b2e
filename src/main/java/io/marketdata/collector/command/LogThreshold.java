package io.marketdata.collector.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.marketdata.collector.config.LogLevel;
import org.slf4j.LoggerFactory;

/** Sets the level from which the process logs. */
final class LogThreshold {

    private LogThreshold() {}

    static void set(LogLevel level) {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.valueOf(level.name()));
    }
}
