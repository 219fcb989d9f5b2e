package io.marketdata.collector.upload;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.WakeUp;
import io.marketdata.collector.spool.UnparsedFolder;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads sealed files of frames that were not understood, gzipped, each under the key of its name, and deletes them when
 * the bucket has confirmed them. After a failure the file stays and is retried indefinitely; the next attempt begins with
 * the file after it. Nothing here waits for trades, and no trade waits for it.
 *
 * <p>One thread calls {@link #run}, any thread the others.
 */
public final class UnparsedUpload {

    private static final Duration LOG_EVERY = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(UnparsedUpload.class);

    private final UnparsedFrames frames;
    private final ObjectStore store;
    private final int gzipLevel;
    private final Backoff backoff;
    private final Time time;
    private final DoubleSupplier random;
    private final UploadMetrics metrics;
    private final LogThrottle faults = new LogThrottle(LOG_EVERY);
    private final WakeUp finished = new WakeUp();

    /** Failures in a row, of whatever file. */
    private int failures;

    private long retryAtNanos;
    private @Nullable FramesName lastFailed;

    @GuardedBy("this")
    private @Nullable Failure failure;

    /**
     * Uploads fail.
     *
     * @param files number of files that are not uploaded
     * @param message what happened, and for a refusal what to do
     * @param sinceNanos of the first failure in a row, monotonic
     */
    public record Failure(int files, String message, long sinceNanos) {}

    /**
     * @param gzipLevel 1 (fast) to 9 (small)
     * @param random jitter, in [0, 1)
     */
    public UnparsedUpload(
            UnparsedFrames frames,
            ObjectStore store,
            int gzipLevel,
            Backoff backoff,
            Time time,
            DoubleSupplier random,
            UploadMetrics metrics) {
        this.frames = frames;
        this.store = store;
        this.gzipLevel = gzipLevel;
        this.backoff = backoff;
        this.time = time;
        this.random = random;
        this.metrics = metrics;
        this.retryAtNanos = time.nanoTime();
    }

    /**
     * Uploads every sealed file until one fails; does nothing before the pause after a failure has passed.
     *
     * @param goOn asked before each file
     */
    public void run(BooleanSupplier goOn) {
        UnparsedFolder folder = frames.folder();
        if (folder == null || time.nanoTime() - retryAtNanos < 0) {
            return;
        }
        FramesName file = null;
        try {
            for (FramesName next : inTurn(folder)) {
                if (!goOn.getAsBoolean()) {
                    break;
                }
                file = next;
                upload(folder, next);
            }
        } catch (StoreException e) {
            failed(folder, file, e.kind(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            failed(folder, file, StoreException.Kind.UNAVAILABLE, file + ": " + e);
        }
        finished.wake();
    }

    /** Oldest first, but after the file that failed last: one bad file holds up no other. */
    private List<FramesName> inTurn(UnparsedFolder folder) throws IOException {
        List<FramesName> files = folder.sealed();
        if (lastFailed != null) {
            Collections.rotate(files, -(files.indexOf(lastFailed) + 1));
        }
        return files;
    }

    private void upload(UnparsedFolder folder, FramesName name) throws IOException, StoreException {
        String key = KeyLayout.unparsed(name);
        byte[] gzip = compressed(folder.read(name));
        if (store.put(key, gzip, Sha256.of(gzip), ContentType.GZIP) == PutOutcome.NAME_TAKEN) {
            String message = "the bucket has other content under " + key + "; nothing was overwritten, next name: ";
            throw new StoreException(StoreException.Kind.UNAVAILABLE, message + folder.moveOn(name));
        }
        folder.deleteUploaded(name);
        metrics.unparsedUploaded.inc();
        succeeded(key, gzip.length);
    }

    private byte[] compressed(byte[] content) throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (OutputStream out = Gzip.compressing(gzip, gzipLevel)) {
            out.write(content);
        }
        return gzip.toByteArray();
    }

    private void succeeded(String key, int bytes) {
        if (failures > 0) {
            LOG.info("Uploads of unparsed frames work again, failed attempts: {}", failures);
            faults.reset();
        }
        failures = 0;
        lastFailed = null;
        synchronized (this) {
            failure = null;
        }
        LOG.info("Uploaded: {} ({} bytes)", key, bytes);
    }

    private void failed(UnparsedFolder folder, @Nullable FramesName file, StoreException.Kind kind, String message) {
        metrics.putFailures.labelValues(kind.name().toLowerCase(Locale.ROOT)).inc();
        failures++;
        lastFailed = file;
        long now = time.nanoTime();
        retryAtNanos = now + backoff.delay(failures, random).toNanos();
        int files = waiting(folder);
        synchronized (this) {
            failure = new Failure(files, message, failure == null ? now : failure.sinceNanos);
        }
        if (faults.admits(kind, now)) {
            String what = "Unparsed frames could not be uploaded, {} left in unparsed/, retrying: {}";
            LOG.warn(what, LogText.count(files, "file"), message);
        }
    }

    private static int waiting(UnparsedFolder folder) {
        try {
            return folder.sealed().size();
        } catch (IOException e) {
            LOG.debug("The files cannot be counted: {}", e.toString());
            return 0;
        }
    }

    /** Why uploads fail; null if the last one worked. Any thread. */
    public synchronized @Nullable Failure failure() {
        return failure;
    }

    /** Waits until every sealed file is uploaded or an upload fails, at most {@code longest}. One thread. */
    public void drain(Duration longest) throws InterruptedException {
        long deadline = time.nanoTime() + longest.toNanos();
        UnparsedFolder folder = frames.folder();
        for (long left = longest.toNanos();
                folder != null && left > 0 && failure() == null && waiting(folder) > 0;
                left = deadline - time.nanoTime()) {
            frames.wake();
            finished.await(Duration.ofNanos(left));
        }
    }
}
