package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.WakeUp;
import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the frames that are not understood, one JSON object a line, in files of {@code LOCAL_DIR/unparsed/} that are
 * sealed at 2 MiB or 60 s and then uploaded. Bounded by a budget of its own, per hour and in all; what exceeds it, or
 * cannot be written, is counted as not kept, logged and reported. No fault here reaches a trade.
 *
 * <p>Any thread calls {@link #keep}, one thread {@link #tick()} about once a second: a power loss costs at most the frames
 * since the last one.
 */
public final class UnparsedFrames implements Closeable {

    /**
     * How much may be kept, bytes of lines.
     *
     * @param perHour written within an hour of this process
     * @param inAll on the disk, including what earlier runs left
     * @param minFree while the disk has less than twice this free, nothing is kept: at {@code minFree} ingestion pauses
     */
    public record Budget(long perHour, long inAll, long minFree) {}

    /** Outcome of a frame that was not understood: it was written to the disk. */
    public static final String KEPT = "kept";

    /** Outcome of such a frame: it was only counted. */
    public static final String NOT_KEPT = "not_kept";

    private static final long ROTATE_BYTES = 2 << 20;
    private static final long ROTATE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

    /** Files that wait to be flushed and sealed, each with an open descriptor. */
    private static final int MOST_RETIRED = 64;

    private static final Duration LOG_EVERY = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(UnparsedFrames.class);

    private final FileOps disk;
    private final Path localDir;
    private final InstanceId instance;
    private final Budget budget;
    private final Time time;
    private final SpoolMetrics metrics;
    private final WakeUp sealed = new WakeUp();
    private final LogThrottle keptLog = new LogThrottle(LOG_EVERY);
    private final LogThrottle lostLog = new LogThrottle(LOG_EVERY);
    private final LogThrottle faultLog = new LogThrottle(LOG_EVERY);

    private volatile @Nullable UnparsedFolder folder;
    private volatile String notKeptBecause = "";

    @GuardedBy("this")
    private final Deque<Frames> retired = new ArrayDeque<>();

    @GuardedBy("this")
    private @Nullable Frames current;

    /** Why nothing is kept until the next tick; empty if nothing prevents it. */
    @GuardedBy("this")
    private String fault = "";

    @GuardedBy("this")
    private long hourBytes;

    @GuardedBy("this")
    private long hourBeganNanos;

    /** A file being written; its fields under the lock of the owner, {@code entryDurable} of the ticking thread. */
    private static final class Frames {
        final FramesName name;
        final AppendFile file;
        final long beganNanos;
        long bytes;
        boolean entryDurable;

        Frames(FramesName name, AppendFile file, long beganNanos) {
            this.name = name;
            this.file = file;
            this.beganNanos = beganNanos;
        }
    }

    private UnparsedFrames(
            FileOps disk, Path localDir, InstanceId instance, Budget budget, Time time, SpoolMetrics metrics) {
        this.disk = disk;
        this.localDir = localDir;
        this.instance = instance;
        this.budget = budget;
        this.time = time;
        this.metrics = metrics;
        this.hourBeganNanos = time.nanoTime();
    }

    /**
     * Takes the directory's lock and seals what an earlier run left open. If the directory cannot be used, that is logged
     * and tried again by every tick.
     *
     * @throws FileOps.LockedException if another process uses the directory
     */
    public static UnparsedFrames open(
            FileOps disk, Path localDir, InstanceId instance, Budget budget, Time time, SpoolMetrics metrics)
            throws FileOps.LockedException {
        UnparsedFrames frames = new UnparsedFrames(disk, localDir, instance, budget, time, metrics);
        try {
            frames.openFolder();
        } catch (FileOps.LockedException e) {
            throw e;
        } catch (IOException e) {
            frames.failed(e);
        }
        return frames;
    }

    private UnparsedFolder openFolder() throws IOException {
        UnparsedFolder open = folder;
        if (open == null) {
            open = UnparsedFolder.open(disk, localDir, instance);
            folder = open;
        }
        return open;
    }

    /**
     * Keeps a frame, or counts it as not kept.
     *
     * @param connection what delivered it
     * @param reason why it is not understood
     * @param receivedMicros wall clock, µs since 1970 UTC
     * @return whether it was written
     */
    public boolean keep(String connection, byte[] frame, int offset, int length, String reason, long receivedMicros) {
        byte[] line = UnparsedLine.of(connection, reason, frame, offset, length, receivedMicros);
        String refusal = write(line);
        String outcome = refusal.isEmpty() ? KEPT : NOT_KEPT;
        metrics.framesUnparsed.labelValues(outcome).inc();
        metrics.unparsedBytes.labelValues(outcome).inc(length);
        long now = time.nanoTime();
        if (refusal.isEmpty()) {
            if (keptLog.admits(now)) {
                String message = "A frame of {} was not understood ({}). Kept in {}, to be uploaded: {}";
                String shown = LogText.of(frame, offset, length);
                LOG.warn(message, connection, reason, localDir.resolve(UnparsedFolder.NAME), shown);
            }
            return true;
        }
        notKeptBecause = refusal;
        if (lostLog.admits(now)) {
            String message = "A frame of {} was not understood ({}) and was NOT kept: {}. {} not kept since the start";
            long lost = metrics.framesUnparsed.labelValues(NOT_KEPT).getLongValue();
            LOG.error(message, connection, reason, refusal, LogText.count(lost, "frame"));
        }
        return false;
    }

    /** Why the last frame that was not kept was not; empty if there was none. */
    public String notKeptBecause() {
        return notKeptBecause;
    }

    /** Appends a line; returns why it could not, or an empty text. */
    private synchronized String write(byte[] line) {
        UnparsedFolder into = folder;
        if (into == null || !fault.isEmpty()) {
            return fault.isEmpty() ? "the directory is not open" : fault;
        }
        String refusal = refusal(into, line.length);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        Frames frames = current;
        try {
            if (frames == null) {
                frames = begin(into);
                current = frames;
            }
            into.grew(frames.name, line.length);
            frames.file.write(line, 0, line.length);
        } catch (IOException e) {
            fault = "it could not be written: " + e.getMessage();
            retire();
            return fault;
        }
        frames.bytes += line.length;
        hourBytes += line.length;
        if (frames.bytes >= ROTATE_BYTES) {
            retire();
        }
        return "";
    }

    @GuardedBy("this")
    private String refusal(UnparsedFolder into, int bytes) {
        if (time.nanoTime() - hourBeganNanos >= HOUR_NANOS) {
            hourBeganNanos = time.nanoTime();
            hourBytes = 0;
        }
        if (hourBytes + bytes > budget.perHour) {
            return "unparsed.max_bytes_per_hour, " + budget.perHour + " bytes, is used up";
        }
        if (into.bytes() + bytes > budget.inAll) {
            return "unparsed.max_disk_bytes, " + budget.inAll + " bytes, is used up by files that are not uploaded";
        }
        return retired.size() < MOST_RETIRED ? "" : "the disk is too slow: " + MOST_RETIRED + " files are not flushed";
    }

    @GuardedBy("this")
    private Frames begin(UnparsedFolder into) throws IOException {
        FramesName name = into.reserve(new FramesName(instance, time.epochMillis()));
        return new Frames(name, into.create(name), time.nanoTime());
    }

    @GuardedBy("this")
    private void retire() {
        if (current != null) {
            retired.add(current);
            current = null;
        }
    }

    /** Flushes what was written, and seals what is full or old enough. One thread. */
    public void tick() {
        try {
            UnparsedFolder open = openFolder();
            clearFault(open.freeBytes());
            Frames growing = growing();
            if (growing != null) {
                flush(open, growing);
            }
            sealRetired(open);
        } catch (IOException e) {
            failed(e);
        }
    }

    private synchronized void clearFault(long freeBytes) {
        fault = freeBytes >= 2 * budget.minFree
                ? ""
                : "the disk is nearly full: " + freeBytes + " bytes are free, and the trades need them";
    }

    /** The file that frames go to, unless it is old enough to be sealed. */
    private synchronized @Nullable Frames growing() {
        if (current != null && time.nanoTime() - current.beganNanos >= ROTATE_NANOS) {
            retire();
        }
        return current;
    }

    private static void flush(UnparsedFolder open, Frames frames) throws IOException {
        frames.file.sync();
        if (!frames.entryDurable) {
            open.syncDirectory();
            frames.entryDurable = true;
        }
    }

    private void sealRetired(UnparsedFolder open) throws IOException {
        for (Frames frames = firstRetired(); frames != null; frames = firstRetired()) {
            flush(open, frames);
            frames.file.close();
            open.seal(frames.name);
            synchronized (this) {
                retired.remove();
            }
            sealed.wake();
        }
    }

    private synchronized @Nullable Frames firstRetired() {
        return retired.peek();
    }

    private void failed(IOException e) {
        synchronized (this) {
            fault = "the directory cannot be used: " + e.getMessage();
        }
        if (faultLog.admits(time.nanoTime())) {
            String message = "Frames that are not understood cannot be kept in {}; trades are recorded anyway."
                    + " Check the disk and the directory's owner: {}";
            LOG.error(message, localDir.resolve(UnparsedFolder.NAME), e.toString());
        }
    }

    /** Seals the file that is open, when nothing is kept any more and no other thread ticks. */
    public void seal() {
        synchronized (this) {
            retire();
        }
        tick();
    }

    /** The directory; null while it cannot be used. */
    public @Nullable UnparsedFolder folder() {
        return folder;
    }

    /** Waits until a file is sealed, at most {@code longest}. One thread. */
    public void awaitSealed(Duration longest) throws InterruptedException {
        sealed.await(longest);
    }

    /** Ends that wait, or the next one. Any thread. */
    public void wake() {
        sealed.wake();
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        UnparsedFolder open = folder;
        if (open != null) {
            open.close();
        }
    }
}
