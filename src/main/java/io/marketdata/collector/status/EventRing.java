package io.marketdata.collector.status;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.marketdata.collector.model.BuildInfo;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Keeps the last log lines of this program, wherever the log is written. Each severity has a quota of its own, so that
 * routine never displaces the last warning, nor a flood of warnings the last error. Any thread.
 */
public final class EventRing extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    /** Lines kept of each severity: errors, warnings, routine. */
    static final int KEPT = 8;

    /** Characters kept of a line. */
    private static final int MOST_CHARS = 400;

    /**
     * One line.
     *
     * @param atMs ms since 1970 UTC
     * @param level ERROR, WARN, …
     */
    public record Event(long atMs, String level, String text) {}

    private record Numbered(long number, Event event) {}

    private final List<Deque<Numbered>> bySeverity =
            List.of(new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>());
    private long number;

    /** A ring attached to the log. */
    public static EventRing listening() {
        EventRing ring = new EventRing();
        if (LoggerFactory.getLogger(BuildInfo.ROOT_PACKAGE) instanceof Logger logger) {
            ring.setContext(logger.getLoggerContext());
            ring.start();
            logger.addAppender(ring);
        }
        return ring;
    }

    @Override
    protected void append(ILoggingEvent event) {
        String text = event.getFormattedMessage();
        Event kept = new Event(
                event.getTimeStamp(),
                event.getLevel().toString(),
                text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS) + " …");
        synchronized (bySeverity) {
            Deque<Numbered> events = bySeverity.get(severity(event.getLevel()));
            events.addFirst(new Numbered(++number, kept));
            if (events.size() > KEPT) {
                events.removeLast();
            }
        }
    }

    private static int severity(Level level) {
        if (level.isGreaterOrEqual(Level.ERROR)) {
            return 0;
        }
        return level.isGreaterOrEqual(Level.WARN) ? 1 : 2;
    }

    /** The newest first. */
    public List<Event> events() {
        synchronized (bySeverity) {
            return bySeverity.stream()
                    .flatMap(Deque::stream)
                    .sorted(Comparator.comparingLong(Numbered::number).reversed())
                    .map(Numbered::event)
                    .toList();
        }
    }

    /** Detaches from the log. */
    @Override
    public void close() {
        if (LoggerFactory.getLogger(BuildInfo.ROOT_PACKAGE) instanceof Logger logger) {
            logger.detachAppender(this);
        }
        stop();
    }
}
