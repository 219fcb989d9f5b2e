package io.marketdata.collector.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import java.util.regex.Pattern;

/**
 * Logback converter that puts the syslog priority of an event before each of its lines, so that {@code journalctl -p err}
 * shows whole stack traces. Source: sd-daemon(3).
 */
public final class JournalPriority extends CompositeConverter<ILoggingEvent> {

    private static final Pattern LINE_START = Pattern.compile("^(?=.)", Pattern.MULTILINE);

    @Override
    protected String transform(ILoggingEvent event, String lines) {
        return LINE_START.matcher(lines).replaceAll("<" + priority(event.getLevel()) + ">");
    }

    private static int priority(Level level) {
        if (level.isGreaterOrEqual(Level.ERROR)) {
            return 3;
        }
        if (level.isGreaterOrEqual(Level.WARN)) {
            return 4;
        }
        return level.isGreaterOrEqual(Level.INFO) ? 6 : 7;
    }
}
