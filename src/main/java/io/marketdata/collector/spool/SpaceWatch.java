package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.SpoolUsage.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether the spool may grow. While it may not, ingestion is paused and nothing is deleted: the backlog is the
 * only copy, while trades missed meanwhile can be backfilled by their ids.
 *
 * <p>One thread calls {@link #check()}, any thread the others.
 */
public final class SpaceWatch {

    /** Fill ratio from which on the operator is warned. */
    public static final double WARN_FROM = 0.8;

    private static final double RESUME_AT = 0.9;

    /** Free space that comes and goes must not open and close connections all the time. */
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long WARN_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Walking over 100,000 files takes up to a second; it may take 1/50 of the time. */
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
    private SpoolUsage used = SpoolUsage.NOTHING;
    private long measureAgainNanos;
    private long warnAgainNanos;

    @GuardedBy("this")
    private boolean full;

    @GuardedBy("this")
    private long fullSinceNanos;

    /**
     * @param directory {@code LOCAL_DIR}; the parts below it count, see {@link SpoolUsage}
     * @param maxBytes the spool is full when its parts take this much
     * @param minFreeBytes the spool is full when its disk has less free space than this
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

    /** Whether only writes that free space are allowed. */
    public synchronized boolean isFull() {
        return full;
    }

    /** Share of the allowed space that was used at the last measurement; 1 is full. */
    public double fillRatio() {
        return fillRatio;
    }

    /** Reports that a write found no space on the disk, whatever the last measurement says. */
    public void noSpace(NoSpaceException fault) {
        pause("no space on the disk: " + fault.getMessage());
    }

    /**
     * Measures, and decides. Called every few seconds.
     *
     * @throws IOException if the directory cannot be read, or is gone
     */
    public void check() throws IOException {
        long now = time.nanoTime();
        if (now - measureAgainNanos >= 0) {
            measure(now);
        }
        long freeBytes = disk.freeBytes(directory);
        double ratio = ratio(freeBytes);
        metrics.diskFreeBytes.set((double) freeBytes);
        metrics.spoolFillRatio.set(ratio);
        fillRatio = ratio;
        if (ratio >= 1) {
            pause(measured(freeBytes));
        } else if (ratio <= RESUME_AT) {
            resume(now, freeBytes);
        }
        if (ratio >= WARN_FROM && now - warnAgainNanos >= 0) {
            warnAgainNanos = now + WARN_EVERY_NANOS;
            LOG.warn(
                    "The spool {} is {} % full: {}. When full, ingestion pauses; check why uploads fail or are slow",
                    directory, (int) (Math.min(ratio, 1) * 100), measured(freeBytes));
        }
    }

    private void measure(long now) throws IOException {
        used = SpoolUsage.measure(disk, directory);
        long done = time.nanoTime();
        measureAgainNanos = done + MEASURING_SHARE * (done - now);
        metrics.spoolBytes.set((double) used.bytes(Kind.PARTS));
        metrics.spoolFiles.set((double) used.parts());
        for (Kind kind : Kind.UNCOUNTED) {
            metrics.uncountedBytes.labelValues(kind.label()).set((double) used.bytes(kind));
        }
    }

    /**
     * Share of the allowed space that is used: of {@code maxBytes} or of what the disk can hold, whichever is fuller.
     */
    private double ratio(long freeBytes) {
        long usedBytes = used.bytes(Kind.PARTS);
        long available = freeBytes - minFreeBytes;
        double ofDisk = available <= 0 ? 1 : (double) usedBytes / (double) (usedBytes + available);
        return Math.max((double) usedBytes / (double) maxBytes, ofDisk);
    }

    private String measured(long freeBytes) {
        StringBuilder text = new StringBuilder();
        text.append(used.bytes(Kind.PARTS) / MIB + " MiB of parts, spool.max_bytes " + maxBytes / MIB + " MiB; "
                + freeBytes / MIB + " MiB free on the disk of which spool.min_free_bytes keeps " + minFreeBytes / MIB
                + " MiB; not counted");
        for (Kind kind : Kind.UNCOUNTED) {
            text.append(", ")
                    .append(kind.label())
                    .append(' ')
                    .append(used.bytes(kind) / MIB)
                    .append(" MiB");
        }
        return text.toString();
    }

    private void pause(String reason) {
        synchronized (this) {
            if (full) {
                return;
            }
            full = true;
            fullSinceNanos = time.nanoTime();
        }
        metrics.ingesting.set(0);
        String message = "Ingestion paused: the spool {} is full ({}). Connections are closed on purpose, nothing is"
                + " deleted, uploads continue. Ingestion resumes when there is space, then the gap is backfilled over"
                + " REST. Free space on the disk, or check why uploads fail";
        LOG.error(message, directory, reason);
    }

    private void resume(long now, long freeBytes) {
        long paused;
        synchronized (this) {
            paused = now - fullSinceNanos;
            if (!full || paused < SHORTEST_PAUSE_NANOS) {
                return;
            }
            full = false;
        }
        metrics.ingesting.set(1);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(paused);
        String space = measured(freeBytes);
        LOG.info("Ingestion resumed: the spool {} has space again after {} s ({})", directory, seconds, space);
    }
}
