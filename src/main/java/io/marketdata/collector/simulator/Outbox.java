package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Queues what a connection still has to send, in order, and how the connection ends afterwards. Any thread adds, one thread
 * takes.
 */
final class Outbox {

    /** The exchange buffers for slow readers and then drops the connection; the size of its buffer is not published. */
    private static final int MAX_BYTES = 8 << 20;

    /** How the socket is closed after everything has been written. */
    enum Ending {
        ORDERLY,
        RESET
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Parcel(long dueNanos, byte[] bytes) {}

    private final Time time;

    @GuardedBy("this")
    private final Deque<Parcel> queue = new ArrayDeque<>();

    @GuardedBy("this")
    private int queuedBytes;

    @GuardedBy("this")
    private Duration lag = Duration.ZERO;

    @GuardedBy("this")
    private boolean frozen;

    @GuardedBy("this")
    private boolean over;

    @GuardedBy("this")
    private Ending ending = Ending.ORDERLY;

    Outbox(Time time) {
        this.time = time;
    }

    /** Adds bytes, unless it is over or frozen; false if the queue is full. */
    synchronized boolean add(byte[] bytes) {
        if (over || frozen) {
            return true;
        }
        if (queuedBytes + bytes.length > MAX_BYTES) {
            return false;
        }
        queue.add(new Parcel(time.nanoTime() + lag.toNanos(), bytes));
        queuedBytes += bytes.length;
        notifyAll();
        return true;
    }

    /** Accepts nothing more; what is queued is still sent. The first ending counts. */
    synchronized void end(Ending how) {
        if (!over) {
            over = true;
            ending = how;
            notifyAll();
        }
    }

    /** Sends nothing more, not even what is queued. */
    synchronized void abandon() {
        over = true;
        queue.clear();
        queuedBytes = 0;
        notifyAll();
    }

    synchronized void freeze() {
        frozen = true;
    }

    synchronized void lag(Duration by) {
        lag = by;
    }

    synchronized boolean isOver() {
        return over;
    }

    synchronized boolean isFrozen() {
        return frozen;
    }

    synchronized int queuedBytes() {
        return queuedBytes;
    }

    synchronized Ending ending() {
        return ending;
    }

    /** Waits, and takes everything that is due; an empty array when it is over. */
    synchronized byte[] take() throws InterruptedException {
        while (!over || !queue.isEmpty()) {
            Parcel head = queue.peek();
            long early = head == null ? Long.MAX_VALUE : head.dueNanos() - time.nanoTime();
            if (early <= 0) {
                return takeDue();
            } else if (head == null) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, early);
            }
        }
        return new byte[0];
    }

    @GuardedBy("this")
    private byte[] takeDue() {
        long now = time.nanoTime();
        ByteArrayOutputStream all = new ByteArrayOutputStream(queuedBytes);
        for (Parcel head = queue.peek(); head != null && head.dueNanos() - now <= 0; head = queue.peek()) {
            all.writeBytes(queue.remove().bytes());
        }
        queuedBytes -= all.size();
        return all.toByteArray();
    }
}
