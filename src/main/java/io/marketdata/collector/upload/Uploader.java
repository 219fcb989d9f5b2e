package io.marketdata.collector.upload;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.upload.UploadQueue.Job;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads sealed parts to the bucket: pack, put the part, put the manifest, delete the local copy. Nothing else leads
 * to the delete; after any failure the part stays where it is and is retried indefinitely, by this process or the next.
 *
 * <p>One thread calls {@link #packNext()}, several call {@link #uploadNext()}, in the order of an {@link UploadQueue};
 * the threads belong to the caller.
 */
public final class Uploader {

    private static final Duration LOG_EVERY = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(Uploader.class);

    /** What happens when a name is taken. */
    private static final String RENAMED = "Nothing was overwritten; uploading this part as";

    private final ObjectStore store;
    private final PartUpload partUpload;
    private final Packer packer;
    private final UploadQueue queue;
    private final Time time;
    private final UploadMetrics metrics;
    private final LogThrottle packFaults = new LogThrottle(LOG_EVERY);
    private final LogThrottle putFaults = new LogThrottle(LOG_EVERY);
    private final LogThrottle renames = new LogThrottle(LOG_EVERY);
    private final LogThrottle deleteFaults = new LogThrottle(LOG_EVERY);

    private Committed committed = (spool, part, manifest) -> {};

    /** High-water mark: greatest id that the bucket has confirmed to this process. */
    private final Map<Symbol, Long> stored = new ConcurrentHashMap<>();

    /** Takes a committed manifest; must not fail. */
    public interface Committed {
        /**
         * Takes the manifest of a part, on a thread that uploads.
         *
         * @param manifest as it is in the bucket
         */
        void add(Spool spool, PartName part, byte[] manifest);
    }

    /**
     * @param gzipLevel 1 (fast) to 9 (small)
     * @param software named in every manifest
     * @param random jitter, in [0, 1)
     */
    public Uploader(
            ObjectStore store,
            int gzipLevel,
            Software software,
            Backoff backoff,
            Time time,
            DoubleSupplier random,
            UploadMetrics metrics) {
        this.store = store;
        this.partUpload = new PartUpload(store, time, metrics);
        this.packer = new Packer(gzipLevel, software, time, metrics);
        this.queue = new UploadQueue(backoff, time, random, metrics);
        this.time = time;
        this.metrics = metrics;
    }

    /** The checkpoint of an earlier run, updated after a crash. Called before anything is packed. */
    public Optional<Checkpoint> recorded(Spool spool) throws IOException {
        return packer.catchUp(spool);
    }

    /**
     * Passes on all complete trades that an earlier run recorded and did not pack, in the order of its lines. Called
     * before anything is packed.
     */
    public void recordedSince(Spool spool, RecordedTrades trades) throws IOException {
        packer.unpacked(spool, trades);
    }

    /**
     * Sets what happens with recorded trades whose lines turn out to be damaged. Called before anything is packed.
     *
     * @param lost takes their ids, on the thread that packs or uploads
     */
    public void onLost(BiConsumer<Symbol, IdRange> lost) {
        packer.onLost(lost);
    }

    /**
     * Sets what happens with each committed manifest before its part is deleted from the spool. Called before anything is
     * uploaded.
     */
    public void onCommitted(Committed taker) {
        committed = taker;
    }

    /** Adds a part to the backlog, unless it is known already. Never blocks for I/O. Any thread. */
    public void offer(SealedPart part) {
        queue.add(part.spool(), part.name(), part);
    }

    /** Adds a part that an earlier run has packed. */
    public void offerPacked(Spool spool, PartName name) {
        queue.add(spool, name, null);
    }

    /** Current state of uploads. Any thread. */
    public UploadStatus uploads() {
        return queue.uploads();
    }

    /** Greatest id of the symbol that the bucket has confirmed to this process; -1 before the first. Any thread. */
    public long lastStored(Symbol symbol) {
        return stored.getOrDefault(symbol, -1L);
    }

    /** Number of parts that the bucket has not confirmed yet. Any thread. */
    public int backlog() {
        return queue.backlog();
    }

    /** Changes whenever there may be new work; callers read it before they check for work. Any thread. */
    public long changes() {
        return queue.changes();
    }

    /**
     * Does work, or waits until there may be some. A change between the two ends the wait.
     *
     * @param work returns whether there was some
     * @param idle run before the wait
     * @param nanos longest wait
     */
    public void workOrAwait(BooleanSupplier work, Runnable idle, long nanos) throws InterruptedException {
        long seen = changes();
        if (!work.getAsBoolean()) {
            idle.run();
            awaitChange(seen, nanos);
        }
    }

    /**
     * Waits until there may be new work or a pause ends, at most for {@code nanos}.
     *
     * @param seen value of {@link #changes()} before the caller checked for work
     */
    public void awaitChange(long seen, long nanos) throws InterruptedException {
        queue.awaitChange(seen, nanos);
    }

    /** Ends all waits, now and later, because the waiting threads are about to end. */
    public void release() {
        queue.release();
    }

    /**
     * Packs the next part.
     *
     * @return whether there was one
     */
    public boolean packNext() {
        Job job = queue.takeUnpacked();
        if (job == null) {
            return false;
        }
        try {
            long began = time.nanoTime();
            if (job.sealed == null || packer.pack(job.sealed)) {
                metrics.packTime.observe((time.nanoTime() - began) / 1e9);
                queue.packed(job);
            } else {
                queue.discarded(job);
            }
        } catch (IOException | RuntimeException e) {
            queue.retryLater(job);
            logNotPacked(job, e);
        }
        return true;
    }

    private void logNotPacked(Job job, Exception e) {
        if (!packFaults.admits(time.nanoTime())) {
            LOG.debug("{} could not be packed either: {}", job, e.getMessage());
        } else if (e instanceof NoSpaceException) {
            LOG.error("{} could not be packed, retrying until there is space: {}", job, e.getMessage());
        } else {
            LOG.error("{} could not be packed, retrying later: {}", job, e.getMessage(), e);
        }
    }

    /**
     * Tries to upload one packed part.
     *
     * @return whether there was one to try
     */
    public boolean uploadNext() {
        Job job = queue.takeDue();
        if (job == null) {
            return false;
        }
        try {
            if (job.confirmed) {
                delete(job);
            } else {
                upload(job);
            }
        } catch (StoreException e) {
            failed(job, e.kind(), String.valueOf(e.getMessage()), null);
        } catch (IOException | RuntimeException e) {
            failed(job, StoreException.Kind.UNAVAILABLE, job + ": " + e, e);
        }
        return true;
    }

    private void upload(Job job) throws IOException, StoreException {
        Spool spool = job.spool;
        PartName name = job.name;
        if (!spool.has(PartState.PACKED, name)) {
            gone(job);
            return;
        }
        Optional<PackedPart> loaded = packer.load(spool, name);
        if (loaded.isEmpty()) {
            queue.done(job);
            return;
        }
        PackedPart part = loaded.get();
        PartUpload.Answer answer = partUpload.commit(part);
        if (answer.taken != null) {
            rename(job, part, answer.taken);
            return;
        }
        confirmed(job, part);
        committed.add(spool, name, answer.manifest);
        delete(job);
    }

    /** The file no longer exists. A part found in the spool has been uploaded since the directory was read. */
    private void gone(Job job) {
        if (job.found) {
            LOG.debug("{} has been uploaded meanwhile", job);
        } else {
            LOG.warn("{} is no longer in the spool, nothing to upload", job);
        }
        queue.done(job);
    }

    /** Deletes a part that the bucket has confirmed. A failed delete does not count as a failure of the store. */
    private void delete(Job job) {
        try {
            job.spool.deleteUploaded(job.name);
        } catch (IOException | RuntimeException e) {
            queue.notDeleted(job);
            if (deleteFaults.admits(time.nanoTime())) {
                String message = "The bucket has {}, but it cannot be deleted from the spool. Retrying every minute;"
                        + " check whether the disk is writable: {}";
                LOG.error(message, job, e.toString());
            }
            return;
        }
        queue.done(job);
    }

    /** Both names of a part change together, so that a manifest is beside its part. Nothing in the bucket changes. */
    private void rename(Job job, PackedPart part, String taken) throws IOException {
        PartName name = packer.rename(part);
        metrics.nameCollisions.inc();
        String several = store.describe() + " has other content under " + LogText.count(job.renames + 1, "name")
                + " of one part in a row: other collectors use the same INSTANCE_ID, or the store answers 412 to each new"
                + " object. Check both. Nothing was overwritten; the last was " + taken;
        Optional<UploadQueue.Failure> failure = queue.renamed(job, name, several);
        if (failure.isPresent()) {
            metrics.putFailures.labelValues("refused").inc();
            logFailure(job, StoreException.Kind.REFUSED, several, failure.get(), null);
        }
        if (!renames.admits(time.nanoTime())) {
            LOG.debug("{} has other content; uploading this part as {}", taken, name);
        } else if (name.origin().isBackfilled()) {
            LOG.warn("{} holds an earlier backfill of these trades. {} {}", taken, RENAMED, name);
        } else {
            String message = "The bucket has other content under {}: another instance uses the same INSTANCE_ID, or its"
                    + " spool was copied. {} {}";
            LOG.error(message, taken, RENAMED, name);
        }
    }

    private void confirmed(Job job, PackedPart part) {
        int failuresBefore = queue.confirmed(job);
        Symbol symbol = part.spool.symbol();
        Payload payload = part.manifest.payload();
        long records = payload.summary().recordCount();
        stored.merge(symbol, payload.summary().idLast(), Math::max);
        metrics.partsUploaded.labelValues(symbol.value()).inc();
        metrics.tradesUploaded.labelValues(symbol.value()).inc(records);
        if (part.name.origin() == Origin.STREAM) {
            metrics.storeDelay.observe((time.epochMillis() - payload.summary().timeMaxMs()) / 1e3);
        }
        metrics.bytesUploaded.inc(part.gzip.length);
        if (failuresBefore > 0) {
            putFaults.reset();
            // This part still belongs to the backlog until it is deleted.
            String left = LogText.count(backlog() - 1, "part");
            LOG.info("Uploads work again, failed attempts: {}, backlog: {}", failuresBefore, left);
        }
        LOG.info("Uploaded: {} ({} records, {} bytes)", payload.s3Key(), records, part.gzip.length);
    }

    private void failed(Job job, StoreException.Kind kind, String message, @Nullable Exception fault) {
        String label = kind.name().toLowerCase(Locale.ROOT);
        metrics.putFailures.labelValues(label).inc();
        logFailure(job, kind, message, queue.failed(job, kind, message), fault);
    }

    private void logFailure(
            Job job, StoreException.Kind kind, String message, UploadQueue.Failure failure, @Nullable Exception fault) {
        if (failure.standsOut()) {
            // Logged in any case, and then the one line of this minute.
            putFaults.reset();
        }
        boolean isLogged = putFaults.admits(kind, time.nanoTime());
        if (failure.standsOut()) {
            String standsOut = "{} has failed {} times while no other part failed. It stays in the spool and is retried"
                    + " indefinitely; check what is wrong with it: {}";
            LOG.error(standsOut, job, failure.inARow(), message, fault);
        } else if (!isLogged) {
            LOG.debug("Upload failed again: {}", message);
        } else if (fault != null || kind != StoreException.Kind.UNAVAILABLE) {
            LOG.error("Upload failed, retrying; backlog: {}: {}", LogText.count(backlog(), "part"), message, fault);
        } else {
            LOG.warn("Upload failed, retrying; backlog: {}: {}", LogText.count(backlog(), "part"), message);
        }
    }
}
