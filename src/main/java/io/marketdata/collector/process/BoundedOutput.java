package io.marketdata.collector.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Writes lines to a stream on a thread of its own, so that no caller ever waits for the reader of that stream. Lines keep
 * their order. What does not fit while the reader pauses is dropped and counted, and a notice takes its place as soon as
 * something is written again. Any thread.
 */
final class BoundedOutput {

    private final OutputStream out;
    private final LongFunction<byte[]> notice;
    private final int maxBytes;

    @GuardedBy("this")
    private final Deque<Line> lines = new ArrayDeque<>();

    /** In {@link #lines}. */
    @GuardedBy("this")
    private int bytes;

    @GuardedBy("this")
    private boolean writing;

    @GuardedBy("this")
    private long dropped;

    /** Dropped lines that no notice has reported yet. */
    @GuardedBy("this")
    private long unreported;

    /** Completed writes, also failed ones. */
    @GuardedBy("this")
    private long writes;

    /** {@link #writes} when a flush ended without success: until it changes, a second one need not wait. */
    @GuardedBy("this")
    private long stuckAt = -1;

    /**
     * Starts the thread.
     *
     * @param notice the line that reports a number of dropped lines
     * @param maxBytes kept in memory; the line that is being written is not counted
     */
    BoundedOutput(String threadName, OutputStream out, int maxBytes, LongFunction<byte[]> notice) {
        this.out = out;
        this.maxBytes = maxBytes;
        this.notice = notice;
        Threads.daemons(threadName).newThread(this::writeAll).start();
    }

    /** Takes a line; it may be dropped. Never waits. */
    synchronized void offer(byte[] line) {
        if (bytes + line.length > maxBytes) {
            drop();
            return;
        }
        reportDropped();
        add(new Line(line, 0));
        notifyAll();
    }

    @GuardedBy("this")
    private void drop() {
        dropped++;
        unreported++;
    }

    @GuardedBy("this")
    private void add(Line line) {
        lines.addLast(line);
        bytes += line.text.length;
    }

    /** The notice stands where the lines are missing. */
    @GuardedBy("this")
    private void reportDropped() {
        if (unreported > 0) {
            add(new Line(notice.apply(unreported), unreported));
            unreported = 0;
        }
    }

    private void writeAll() {
        try {
            while (true) {
                Line line = next();
                if (write(line.text)) {
                    written();
                } else {
                    failed(line);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("this thread is never interrupted", e);
        }
    }

    private synchronized Line next() throws InterruptedException {
        while (lines.isEmpty()) {
            wait();
        }
        writing = true;
        Line line = lines.removeFirst();
        bytes -= line.text.length;
        return line;
    }

    private boolean write(byte[] line) {
        try {
            out.write(line);
            out.flush();
            return true;
        } catch (IOException e) {
            return false; // the reader is gone, or the disk is full: the next line is tried again
        }
    }

    private synchronized void written() {
        if (lines.isEmpty()) {
            reportDropped();
        }
        ended();
    }

    /** A notice that was not written leaves its lines unreported; it is not a line itself. */
    private synchronized void failed(Line line) {
        if (line.reported > 0) {
            unreported += line.reported;
        } else {
            drop();
        }
        ended();
    }

    @GuardedBy("this")
    private void ended() {
        writing = false;
        writes++;
        notifyAll();
    }

    /** Waits until everything is written, for at most {@code patience}; returns whether it is. */
    synchronized boolean flush(Duration patience) {
        long end = Time.SYSTEM.nanoTime() + patience.toNanos();
        while (writing || !lines.isEmpty()) {
            long left = end - Time.SYSTEM.nanoTime();
            if (left <= 0 || writes == stuckAt) {
                stuckAt = writes;
                return false;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** Number of lines that were not written since the start. */
    synchronized long dropped() {
        return dropped;
    }

    private static final class Line {

        private final byte[] text;

        /** Number of dropped lines that this one reports; 0: not a notice. */
        private final long reported;

        Line(byte[] text, long reported) {
            this.text = text;
            this.reported = reported;
        }
    }
}
