package io.marketdata.collector.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Watchdog.Hang;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process without shutdown hooks when an orderly stop cannot be relied on. Accepted trades are in the spool, and
 * the next start uploads them.
 *
 * <p>Neither blocked output nor a full heap can delay the end: a thread that was made beforehand counts down, whether or not
 * the last message gets out.
 */
final class Halt {

    private static final Logger LOG = LoggerFactory.getLogger(Halt.class);

    /** For writing a thread dump. */
    private static final Duration DUMP_TIME = Duration.ofSeconds(5);

    private static final Duration LINE_TIME = Duration.ofSeconds(1);

    /** Not {@code System.err}: a hanging thread may hold its lock. */
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    /** Made beforehand, because there may be no memory left later. */
    private static final byte[] OUT_OF_MEMORY =
            ("Out of memory: the process ends. The next start uploads the backlog in the spool. Use a"
                            + " larger heap (-Xmx) or smaller parts (ROT_BYTES).\n")
                    .getBytes(StandardCharsets.UTF_8);

    private static final byte[] TOO_LONG =
            "Stopping took too long, the process ends now. The next start uploads the backlog in the spool.\n"
                    .getBytes(StandardCharsets.UTF_8);

    private static final byte[] SECOND_SIGNAL =
            "Ended at the second signal. What is in the spool stays there, and the next start uploads it.\n"
                    .getBytes(StandardCharsets.UTF_8);

    private final Time time;

    @GuardedBy("this")
    private boolean counting;

    @GuardedBy("this")
    private long endNanos;

    /** Of the end that was requested first: later ones follow from it. */
    private volatile ExitCode code = ExitCode.INTERNAL;

    /** Starts the thread that ends the process when necessary. */
    Halt(Time time) {
        this.time = time;
        Thread thread = new Thread(this::countDown, "halt");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Ends the process after {@code patience}, unless it has ended before. Of several calls the earliest end counts, and the
     * first code.
     */
    synchronized void within(Duration patience, ExitCode why) {
        long end = time.nanoTime() + patience.toNanos();
        if (!counting) {
            counting = true;
            code = why;
            endNanos = end;
        } else if (end - endNanos < 0) {
            endNanos = end;
        }
        notifyAll();
    }

    /** Names the threads that hang, writes what every thread is doing, and ends with {@link ExitCode#HANG}. */
    void hang(List<Hang> hangs) {
        try {
            within(DUMP_TIME, ExitCode.HANG);
            String headline = "Hang: " + hangs.stream().map(Halt::describe).collect(Collectors.joining("; "))
                    + "; ending with exit code " + code.code();
            // The log comes last: it may be what hangs.
            write((headline + ". All threads:\n" + ThreadDump.now()).getBytes(StandardCharsets.UTF_8));
            LOG.error("{}; the stacks of all threads are above", headline);
            Outputs.flush();
        } finally {
            now();
        }
    }

    private static String describe(Hang hang) {
        return "thread " + hang.thread().getName() + " has been busy for "
                + hang.lasting().toSeconds() + " s with one cycle of its work, " + place(hang.thread());
    }

    private static String place(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (stack.length == 0) {
            return "without a stack";
        }
        for (StackTraceElement frame : stack) {
            if (frame.getClassName().startsWith(BuildInfo.ROOT_PACKAGE + ".") && !frame.equals(stack[0])) {
                return "in " + ThreadDump.frame(stack[0]) + ", called by " + ThreadDump.frame(frame);
            }
        }
        return "in " + ThreadDump.frame(stack[0]);
    }

    /**
     * Writes one line and ends with {@link ExitCode#INTERNAL}. An orderly stop is not tried, because it needs memory and
     * would fail half way. Under {@code -XX:+ExitOnOutOfMemoryError} the JVM itself ends with 3 before this is reached.
     */
    void outOfMemory() {
        try {
            within(LINE_TIME, ExitCode.INTERNAL);
            write(OUT_OF_MEMORY);
            Outputs.flush(LINE_TIME);
        } finally {
            now();
        }
    }

    /** Ends at once, with the code that the JVM has for the signal. */
    static void atSecondSignal(int code) {
        try {
            write(SECOND_SIGNAL);
        } finally {
            Runtime.getRuntime().halt(code);
        }
    }

    private void countDown() {
        try {
            awaitEnd();
        } catch (InterruptedException e) {
            throw new IllegalStateException("this thread is never interrupted", e);
        }
        try {
            Thread writer = new Thread(Halt::lastWords, "last-words");
            writer.setDaemon(true);
            writer.start();
            writer.join(LINE_TIME.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            now();
        }
    }

    private static void lastWords() {
        Outputs.flush(LINE_TIME.dividedBy(4));
        write(TOO_LONG);
    }

    private synchronized void awaitEnd() throws InterruptedException {
        while (!counting) {
            wait();
        }
        for (long left = endNanos - time.nanoTime(); left > 0; left = endNanos - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private void now() {
        Runtime.getRuntime().halt(code.code());
    }

    private static void write(byte[] text) {
        try {
            ERR.write(text);
        } catch (IOException e) {
            LOG.debug("Standard error is closed: {}", e.getMessage());
        }
    }
}
