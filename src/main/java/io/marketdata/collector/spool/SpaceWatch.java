package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says whether the spool may grow. When it may not, reading stops and nothing is deleted: what waits here is the only
 * copy, while what passes at the exchange meanwhile can be fetched by its ids.
 *
 * <p>One thread calls {@link #check()}, any thread the others.
 */
public final class SpaceWatch {

    /** From this fill on somebody should see why. */
    public static final double SCARCE_FROM = 0.8;

    private static final double ROOM_AGAIN_AT = 0.9;

    /** Room that comes and goes must not open and close connections all the time. */
    private static final long LEAST_STOP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long WARN_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Walking over 100,000 files takes up to a second; it may take a fiftieth of the time. */
    private static final long MEASURING_SHARE = 50;

    private static final long MIB = 1 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);

    private final FileOps disk;
    private final Path directory;
    private final long maxBytes;
    private final long minFreeBytes;
    private final Time time;
    private final SpoolMetrics metrics;

    private volatile double fillRatio;
    private long usedBytes;
    private long measureAgainNanos;
    private long warnAgainNanos;

    @GuardedBy("this")
    private boolean full;

    @GuardedBy("this")
    private long fullSinceNanos;

    /**
     * @param directory everything below it counts
     * @param maxBytes with so much below it the spool is full
     * @param minFreeBytes with less room than this on its disk it is full too
     */
    public SpaceWatch(FileOps disk, Path directory, long maxBytes, long minFreeBytes, Time time, SpoolMetrics metrics) {
        this.disk = disk;
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.minFreeBytes = minFreeBytes;
        this.time = time;
        this.metrics = metrics;
        this.measureAgainNanos = time.nanoTime();
        this.warnAgainNanos = measureAgainNanos;
        metrics.ingesting.set(1);
    }

    /** Whether nothing may be written but what makes room. */
    public synchronized boolean isFull() {
        return full;
    }

    /** How much of what the spool may take was taken when it was measured last; 1 is full. */
    public double fillRatio() {
        return fillRatio;
    }

    /** A write found no room on the disk, whatever the last measurement says. */
    public void noRoom(NoSpaceException fault) {
        stopReading("no room on the disk: " + fault.getMessage());
    }

    /**
     * Measures, and decides. To be called every few seconds.
     *
     * @throws IOException if the directory cannot be read, or is gone
     */
    public void check() throws IOException {
        long now = time.nanoTime();
        if (now - measureAgainNanos >= 0) {
            FileOps.Usage usage = disk.usage(directory);
            usedBytes = usage.bytes();
            long done = time.nanoTime();
            measureAgainNanos = done + MEASURING_SHARE * (done - now);
            metrics.spoolBytes.set((double) usedBytes);
            metrics.spoolFiles.set((double) usage.files());
        }
        long freeBytes = disk.freeBytes(directory);
        double ratio = ratio(freeBytes);
        metrics.diskFreeBytes.set((double) freeBytes);
        metrics.spoolFillRatio.set(ratio);
        fillRatio = ratio;
        if (ratio >= 1) {
            stopReading(measured(freeBytes));
        } else if (ratio <= ROOM_AGAIN_AT) {
            readAgain(now, freeBytes);
        }
        if (ratio >= SCARCE_FROM && now - warnAgainNanos >= 0) {
            warnAgainNanos = now + WARN_EVERY_NANOS;
            LOG.warn(
                    "The spool {} is {} % full: {}. When it is full reading stops; see why uploads fail or are slow",
                    directory, (int) (Math.min(ratio, 1) * 100), measured(freeBytes));
        }
    }

    /** How much of what the spool may take is taken: of {@code maxBytes}, or of what the disk leaves it. */
    private double ratio(long freeBytes) {
        long room = freeBytes - minFreeBytes;
        double ofDisk = room <= 0 ? 1 : (double) usedBytes / (double) (usedBytes + room);
        return Math.max((double) usedBytes / (double) maxBytes, ofDisk);
    }

    private String measured(long freeBytes) {
        return String.format(
                Locale.ROOT,
                "%d MiB used of spool.max_bytes %d MiB, %d MiB free on the disk of which spool.min_free_bytes keeps %d MiB",
                usedBytes / MIB,
                maxBytes / MIB,
                freeBytes / MIB,
                minFreeBytes / MIB);
    }

    private void stopReading(String reason) {
        synchronized (this) {
            if (full) {
                return;
            }
            full = true;
            fullSinceNanos = time.nanoTime();
        }
        metrics.ingesting.set(0);
        LOG.error(
                "Reading has stopped: the spool {} is full ({}). Connections are closed on purpose, nothing is deleted, uploads go"
                        + " on, and recording resumes by itself when there is room; what passes meanwhile is fetched over"
                        + " REST then. Make room on the disk, or see why uploads fail",
                directory,
                reason);
    }

    private void readAgain(long now, long freeBytes) {
        long stopped;
        synchronized (this) {
            stopped = now - fullSinceNanos;
            if (!full || stopped < LEAST_STOP_NANOS) {
                return;
            }
            full = false;
        }
        metrics.ingesting.set(1);
        LOG.info(
                "There is room again in the spool {} ({}); recording goes on after {} s",
                directory,
                measured(freeBytes),
                TimeUnit.NANOSECONDS.toSeconds(stopped));
    }
}
