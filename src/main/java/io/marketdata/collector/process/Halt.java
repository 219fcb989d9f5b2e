package io.marketdata.collector.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
 * The last resort: ends the process without shutdown hooks, where an orderly stop cannot be relied on. What has been
 * accepted is in the spool, and the next start uploads it.
 *
 * <p>Nothing holds the end up, be it a log that blocks or a heap that is full: a thread that was made beforehand counts
 * down, whatever becomes of the last words.
 */
final class Halt {

    private static final Logger LOG = LoggerFactory.getLogger(Halt.class);

    /** For a thread dump to be written. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private static final Duration ONE_LINE = Duration.ofSeconds(1);

    /** Not {@code System.err}: whoever hangs may hold its lock. */
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    /** Made beforehand, because there may be no memory left for it. */
    private static final byte[] OUT_OF_MEMORY =
            ("Out of memory: the process ends. What waits in the spool is uploaded by the"
                            + " next start. Give it a larger heap (-Xmx), or seal smaller parts (ROT_BYTES).\n")
                    .getBytes(StandardCharsets.UTF_8);

    private static final byte[] BROKEN_OFF =
            "Stopping took too long and is broken off; what waits in the spool is uploaded by the next start.\n"
                    .getBytes(StandardCharsets.UTF_8);

    private final Time time;

    @GuardedBy("this")
    private boolean counting;

    @GuardedBy("this")
    private long endNanos;

    /** Of the end that was announced first: the others follow from it. */
    private volatile ExitCode code = ExitCode.INTERNAL;

    /** Makes the thread that ends the process, should it ever have to. */
    Halt(Time time) {
        this.time = time;
        Thread thread = new Thread(this::countDown, "halt");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Ends the process after so long, unless it has ended before; of several times the shortest counts, of several codes
     * the first.
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
            within(LAST_WORDS, ExitCode.HANG);
            String headline = "Hang: " + hangs.stream().map(Halt::said).collect(Collectors.joining("; "))
                    + "; ending with exit code " + code.code();
            // The log comes last: it may be what hangs.
            write((headline + ". All threads:\n" + ThreadDump.now()).getBytes(StandardCharsets.UTF_8));
            LOG.error("{}; the stacks of all threads are above", headline);
        } finally {
            now();
        }
    }

    private static String said(Hang hang) {
        return "thread " + hang.thread().getName() + " has been busy for "
                + hang.lasting().toSeconds() + " s with one round of its work, " + place(hang.thread());
    }

    /** Classes of this program, whatever their package. */
    private static final String OURS = "io.marketdata.collector.";

    private static String place(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (stack.length == 0) {
            return "and has no stack";
        }
        for (StackTraceElement frame : stack) {
            if (frame.getClassName().startsWith(OURS) && !frame.equals(stack[0])) {
                return "in " + ThreadDump.frame(stack[0]) + ", called by " + ThreadDump.frame(frame);
            }
        }
        return "in " + ThreadDump.frame(stack[0]);
    }

    /**
     * Says so in one line and ends with {@link ExitCode#INTERNAL}. No orderly stop is tried: it needs memory too, and would fail half
     * way. Under {@code -XX:+ExitOnOutOfMemoryError} the JVM itself ends with 3 before this is reached.
     */
    void outOfMemory() {
        try {
            within(ONE_LINE, ExitCode.INTERNAL);
            write(OUT_OF_MEMORY);
        } finally {
            now();
        }
    }

    private void countDown() {
        try {
            awaitEnd();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
        try {
            Thread words = new Thread(() -> write(BROKEN_OFF), "last-words");
            words.setDaemon(true);
            words.start();
            words.join(ONE_LINE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            now();
        }
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

    private static void write(byte[] words) {
        try {
            ERR.write(words);
        } catch (IOException e) {
            LOG.debug("Nobody reads standard error: {}", e.getMessage());
        }
    }
}
