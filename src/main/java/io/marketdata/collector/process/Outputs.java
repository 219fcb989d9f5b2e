package io.marketdata.collector.process;

import ch.qos.logback.classic.LoggerContext;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log and standard error of this process: neither ever blocks a thread that writes to it. Standard output itself, on
 * which commands print their results, does wait for its reader.
 */
public final class Outputs {

    /** How long the end of the process waits for a reader. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int MAX_ERROR_BYTES = 1 << 20;

    private Outputs() {}

    /**
     * Makes standard error non-blocking and UTF-8, and initialises logging, before the first thread that logs: SLF4J would
     * report the lines of several threads at once as replayed calls.
     */
    public static void open() {
        System.setErr(new ErrorStream(new FileOutputStream(FileDescriptor.err)));
        LoggerFactory.getILoggerFactory();
    }

    /** Waits for what was logged and written to standard error, for at most 2 s each: to be called before every exit. */
    public static void flush() {
        flush(PATIENCE);
    }

    static void flush(Duration patience) {
        if (System.err instanceof ErrorStream stream) {
            stream.queue.flush(patience);
        }
        log().ifPresent(queue -> queue.flush(patience));
    }

    /** Number of log lines that were dropped since the start. Any thread. */
    public static long droppedLines() {
        return log().map(BoundedOutput::dropped).orElse(0L);
    }

    /** Logs on standard error from now on: for a command whose standard output is a document. */
    public static void logOnStandardError() {
        appender().ifPresent(LogOutput::useStandardError);
    }

    private static Optional<BoundedOutput> log() {
        return appender().flatMap(appender -> Optional.ofNullable(appender.queue()));
    }

    private static Optional<LogOutput> appender() {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return Optional.empty();
        }
        return context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(LogOutput.NAME) instanceof LogOutput appender
                ? Optional.of(appender)
                : Optional.empty();
    }

    /** A print stream over a {@link BoundedOutput}. */
    private static final class ErrorStream extends PrintStream {

        private final BoundedOutput queue;

        ErrorStream(OutputStream err) {
            this(new BoundedOutput("standard-error", err, MAX_ERROR_BYTES, ErrorStream::notice));
        }

        private ErrorStream(BoundedOutput queue) {
            super(
                    new OutputStream() {
                        @Override
                        public void write(int b) {
                            queue.offer(new byte[] {(byte) b});
                        }

                        @Override
                        public void write(byte[] bytes, int offset, int length) {
                            queue.offer(Arrays.copyOfRange(bytes, offset, offset + length));
                        }
                    },
                    true,
                    StandardCharsets.UTF_8);
            this.queue = queue;
        }

        private static byte[] notice(long lines) {
            return "Some output was dropped because standard error was not read in time.\n"
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
