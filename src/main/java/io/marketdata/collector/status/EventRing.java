package io.marketdata.collector.status;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.marketdata.collector.model.BuildInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Keeps the last log lines of this program, wherever the log is written. Any thread. */
public final class EventRing extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    /** Lines kept. */
    static final int KEPT = 20;

    /** Characters kept of a line. */
    private static final int MOST_CHARS = 400;

    /**
     * One line.
     *
     * @param atMs ms since 1970 UTC
     * @param level ERROR, WARN, …
     */
    public record Event(long atMs, String level, String text) {}

    private final Deque<Event> events = new ArrayDeque<>();

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
        synchronized (events) {
            events.addFirst(kept);
            if (events.size() > KEPT) {
                events.removeLast();
            }
        }
    }

    /** The newest first. */
    public List<Event> events() {
        synchronized (events) {
            return List.copyOf(events);
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
