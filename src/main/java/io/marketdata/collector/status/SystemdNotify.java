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
 * Tells systemd how the collector is: once that it has started, at a third of the watchdog's time that it is alive, whenever
 * health changes and with each of these how it is in words, and at last that it stops. Alive means that our own
 * {@link Watchdog} goes on looking and finds no thread that hangs; whether trades arrive does not matter.
 *
 * <p>One thread calls {@link #round} and {@link #awaitNext} in turns. What goes wrong with a message is a warning and tried
 * again a second later; recording knows nothing of it. Source of the words: sd_notify(3).
 */
public final class SystemdNotify {

    /** The way to systemd. */
    @FunctionalInterface
    public interface Messenger {
        /**
         * Sends one message; takes a bounded time.
         *
         * @param assignments such as {@code READY=1}; each is one line
         * @throws IOException if systemd has probably not got it
         */
        void send(List<String> assignments) throws IOException, InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotify.class);

    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** Five looks of the watchdog; without one in that time it stands still itself. */
    private static final Duration FRESH = Watchdog.PERIOD.multipliedBy(5);

    /** How often the words are told again where there is no watchdog. */
    private static final Duration WORDS = Duration.ofSeconds(20);

    private final Messenger messenger;
    private final @Nullable Duration watchdogLimit;
    private final Duration every;
    private final Watchdog watchdog;
    private final Health health;
    private final SpoolMetrics spool;
    private final UploadMetrics upload;
    private final Time time;

    // These belong to the thread that calls round.
    private boolean saidReady;
    private boolean saidStopping;
    private boolean failing;
    private Status saidStatus = Status.OK;
    private long saidNanos;
    private long looks;
    private long lookedNanos;

    @GuardedBy("this")
    private @Nullable Duration stopping;

    @GuardedBy("this")
    private boolean woken;

    /** @param watchdogLimit systemd takes the process for dead when it has not heard of it for so long; null if never */
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
        this.every = watchdogLimit == null ? WORDS : watchdogLimit.dividedBy(3);
        this.watchdog = watchdog;
        this.health = health;
        this.spool = spool;
        this.upload = upload;
        this.time = time;
        this.saidNanos = time.nanoTime();
        this.looks = watchdog.cleanLooks();
        this.lookedNanos = saidNanos - FRESH.toNanos();
    }

    /** The collector begins to stop, and takes at most so long. Returns at once; any thread may call. */
    public synchronized void stopping(Duration atMost) {
        stopping = atMost;
        woken = true;
        notifyAll();
    }

    private synchronized @Nullable Duration stopping() {
        return stopping;
    }

    /** Waits until it is time for the next round: a second, or less if the collector begins to stop. */
    public synchronized void awaitNext() throws InterruptedException {
        long end = time.nanoTime() + PERIOD.toNanos();
        for (long left = PERIOD.toNanos(); left > 0 && !woken; left = end - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        woken = false;
    }

    /**
     * Sends what is to be said now, if anything.
     *
     * @param progress idle while the message is on its way: that has a limit of its own, and a hang of it is no reason to end
     */
    public void round(ThreadProgress progress) throws InterruptedException {
        Report report = health.report();
        boolean alive = isLookedAt();
        @Nullable Duration stop = stopping();
        boolean news = !saidReady || report.status() != saidStatus || (stop != null && !saidStopping);
        boolean due = time.nanoTime() - saidNanos >= every.toNanos() && (alive || watchdogLimit == null);
        List<String> message = new ArrayList<>();
        if (news || due) {
            message = message(report, alive, stop);
        }
        progress.idle();
        if (message.isEmpty() || !send(message)) {
            return;
        }
        saidReady = true;
        saidStatus = report.status();
        saidStopping = stop != null;
        if (alive || watchdogLimit == null) {
            saidNanos = time.nanoTime();
        }
    }

    /** Whether the watchdog has looked a moment ago, and found nothing. */
    private boolean isLookedAt() {
        long now = time.nanoTime();
        long seen = watchdog.cleanLooks();
        if (seen != looks) {
            looks = seen;
            lookedNanos = now;
        }
        return now - lookedNanos < FRESH.toNanos();
    }

    private List<String> message(Report report, boolean alive, @Nullable Duration stop) {
        List<String> message = new ArrayList<>();
        if (!saidReady) {
            message.add("READY=1");
        }
        if (stop != null && !saidStopping) {
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
                        "systemd was not told {}: {}. Recording goes on and it is tried again every second{}",
                        message,
                        e.toString(),
                        watchdogLimit == null
                                ? "; without READY=1 systemd ends the start after TimeoutStartSec"
                                : ", but systemd restarts the collector when it hears nothing for "
                                        + watchdogLimit.toSeconds()
                                        + " s: see that the program systemd-notify can be run, or set WatchdogSec=0 and"
                                        + " Type=exec in the unit");
            }
            failing = true;
            return false;
        }
        if (failing) {
            failing = false;
            LOG.info("systemd is told again");
        }
        return true;
    }
}
