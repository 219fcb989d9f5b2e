package io.marketdata.collector.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.marketdata.collector.config.LogLevel;
import org.slf4j.LoggerFactory;

/** Sets how much the process logs. */
final class LogThreshold {

    private LogThreshold() {}

    /** Logs from now on only what is of this level or graver. */
    static void set(LogLevel level) {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.valueOf(level.name()));
    }
}
