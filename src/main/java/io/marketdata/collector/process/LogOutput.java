package io.marketdata.collector.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import io.marketdata.collector.model.LogText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The log's appender: writes to standard output, or to standard error, without ever blocking the thread that logs. A reader that does not read
 * costs log lines, which are counted, and never the recording. Each line is formatted by the thread that logs it.
 */
public final class LogOutput extends UnsynchronizedAppenderBase<ILoggingEvent> {

    /** Its name in {@code log/*.xml}. */
    static final String NAME = "log";

    /** About 8,000 lines. */
    private static final int MAX_BYTES = 1 << 20;

    private final OutputStream out;
    private @Nullable Encoder<ILoggingEvent> encoder;
    private @Nullable BoundedOutput queue;
    private volatile boolean onStandardError;

    /** For Logback, which reads the class name in {@code log/*.xml}. */
    public LogOutput() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    LogOutput(OutputStream out) {
        this.out = out;
    }

    /** For Logback. */
    public void setEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    @Override
    public void start() {
        queue = new BoundedOutput("log", out, MAX_BYTES, this::notice);
        super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (onStandardError) {
            System.err.writeBytes(encoded(event));
        } else if (queue != null) {
            queue.offer(encoded(event));
        }
    }

    /** Writes to {@link System#err} from now on, which does not block either, see {@link Outputs}. */
    void useStandardError() {
        onStandardError = true;
    }

    private byte[] encoded(ILoggingEvent event) {
        return encoder == null ? new byte[0] : encoder.encode(event);
    }

    private byte[] notice(long lines) {
        String text =
                LogText.count(lines, "log line") + " dropped because standard output was not read in time or could"
                        + " not be written; recording was not affected. Check the program or file that takes the log";
        LoggerContext context = (LoggerContext) getContext();
        return encoded(new LoggingEvent(
                LogOutput.class.getName(), context.getLogger(Logger.ROOT_LOGGER_NAME), Level.WARN, text, null, null));
    }

    @Nullable
    BoundedOutput queue() {
        return queue;
    }
}
