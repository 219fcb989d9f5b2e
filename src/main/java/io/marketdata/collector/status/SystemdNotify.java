package io.marketdata.collector.status;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.UploadMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies systemd: once when the collector has started, at every third of the watchdog time while it is alive, at every
 * change of health, and when it stops; each message carries the status line. Alive means that our own {@link Watchdog} runs
 * and finds no hanging thread; whether trades arrive does not matter.
 *
 * <p>One thread calls {@link #round} and {@link #awaitNext} in turn. A failed message is a warning and is retried a second
 * later; recording is not affected. Source of the protocol: sd_notify(3).
 */
public final class SystemdNotify {

    /** Transport to systemd. */
    @FunctionalInterface
    public interface Messenger {
        /**
         * Sends one message; takes a bounded time.
         *
         * @param assignments such as {@code READY=1}; each is one line
         * @throws IOException if systemd has probably not received it
         */
        void send(List<String> assignments) throws IOException, InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotify.class);

    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** Five checks of the watchdog; without one in that time the watchdog itself hangs. */
    private static final Duration FRESH = Watchdog.PERIOD.multipliedBy(5);

    /** How often the status is sent without a watchdog. */
    private static final Duration STATUS_PERIOD = Duration.ofSeconds(20);

    private final Messenger messenger;
    private final @Nullable Duration watchdogLimit;
    private final Duration every;
    private final Watchdog watchdog;
    private final Health health;
    private final SpoolMetrics spool;
    private final UploadMetrics upload;
    private final Time time;

    // These belong to the thread that calls round.
    private boolean sentReady;
    private boolean sentStopping;
    private boolean failing;
    private Status sentStatus = Status.OK;
    private long sentNanos;
    private long checks;
    private long checkedNanos;

    @GuardedBy("this")
    private @Nullable Duration stopping;

    @GuardedBy("this")
    private boolean woken;

    /** @param watchdogLimit systemd considers the process dead after this time without a sign of life; null if never */
    public SystemdNotify(
            Messenger messenger,
            @Nullable Duration watchdogLimit,
            Watchdog watchdog,
            Health health,
            SpoolMetrics spool,
            UploadMetrics upload,
            Time time) {
        this.messenger = messenger;
        this.watchdogLimit = watchdogLimit;
        this.every = watchdogLimit == null ? STATUS_PERIOD : watchdogLimit.dividedBy(3);
        this.watchdog = watchdog;
        this.health = health;
        this.spool = spool;
        this.upload = upload;
        this.time = time;
        this.sentNanos = time.nanoTime();
        this.checks = watchdog.cleanChecks();
        this.checkedNanos = sentNanos - FRESH.toNanos();
    }

    /** Reports that the collector begins to stop and for how long at most. Returns at once. Any thread. */
    public synchronized void stopping(Duration atMost) {
        stopping = atMost;
        woken = true;
        notifyAll();
    }

    private synchronized @Nullable Duration stopping() {
        return stopping;
    }

    /** Waits for the next cycle: one second, or less if the collector begins to stop. */
    public synchronized void awaitNext() throws InterruptedException {
        long end = time.nanoTime() + PERIOD.toNanos();
        for (long left = PERIOD.toNanos(); left > 0 && !woken; left = end - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        woken = false;
    }

    /**
     * Sends a message if one is due.
     *
     * @param progress idle while the message is sent: that has a limit of its own, and a hang of it must not end the process
     */
    public void round(ThreadProgress progress) throws InterruptedException {
        Report report = health.report();
        boolean alive = isAlive();
        @Nullable Duration stop = stopping();
        boolean changed = !sentReady || report.status() != sentStatus || (stop != null && !sentStopping);
        boolean due = time.nanoTime() - sentNanos >= every.toNanos() && (alive || watchdogLimit == null);
        List<String> message = new ArrayList<>();
        if (changed || due) {
            message = message(report, alive, stop);
        }
        progress.idle();
        if (message.isEmpty() || !send(message)) {
            return;
        }
        sentReady = true;
        sentStatus = report.status();
        sentStopping = stop != null;
        if (alive || watchdogLimit == null) {
            sentNanos = time.nanoTime();
        }
    }

    /** Whether the watchdog has checked within the last 5 s and found no hang. */
    private boolean isAlive() {
        long now = time.nanoTime();
        long seen = watchdog.cleanChecks();
        if (seen != checks) {
            checks = seen;
            checkedNanos = now;
        }
        return now - checkedNanos < FRESH.toNanos();
    }

    private List<String> message(Report report, boolean alive, @Nullable Duration stop) {
        List<String> message = new ArrayList<>();
        if (!sentReady) {
            message.add("READY=1");
        }
        if (stop != null && !sentStopping) {
            message.add("STOPPING=1");
            message.add("EXTEND_TIMEOUT_USEC=" + stop.toNanos() / 1_000);
        }
        if (alive && watchdogLimit != null) {
            message.add("WATCHDOG=1");
        }
        message.add("STATUS=" + (stop == null ? "" : "stopping: ") + StatusLine.of(report, spool, upload));
        return message;
    }

    private boolean send(List<String> message) throws InterruptedException {
        try {
            messenger.send(message);
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOG.warn(
                        "Could not send {} to systemd: {}. Recording continues, retrying every second{}",
                        String.join(", ", message),
                        e.toString(),
                        consequence());
            }
            failing = true;
            return false;
        }
        if (failing) {
            failing = false;
            LOG.info("Sending to systemd works again");
        }
        return true;
    }

    private String consequence() {
        return watchdogLimit == null
                ? "; without READY=1 systemd ends the start after TimeoutStartSec"
                : ", but systemd restarts the collector after " + watchdogLimit.toSeconds()
                        + " s without a message: check that the program systemd-notify can be run, or set WatchdogSec=0 and"
                        + " Type=exec in the unit";
    }
}
