package io.marketdata.collector.upload;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.UploadQueue.Job;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sealed parts to the bucket: pack, put the part, put the manifest, delete the local copy. Nothing else leads to
 * the delete; whatever fails leaves the part where it is, to be tried again indefinitely, by this process or the next.
 *
 * <p>One thread calls {@link #packNext()}, several call {@link #uploadNext()}, in the order of a {@link UploadQueue}; the threads
 * belong to the caller.
 */
public final class Uploader {

    private static final Duration SILENCE = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(Uploader.class);

    private final ObjectStore store;
    private final Packer packer;
    private final UploadQueue queue;
    private final Time time;
    private final UploadMetrics metrics;
    private final LogThrottle packFaults = new LogThrottle(SILENCE);
    private final LogThrottle putFaults = new LogThrottle(SILENCE);
    private final LogThrottle deleteFaults = new LogThrottle(SILENCE);

    /** Greatest id that the bucket has confirmed. */
    private final Map<Symbol, Long> stored = new ConcurrentHashMap<>();

    /**
     * @param gzipLevel 1 (fast) to 9 (small)
     * @param software goes into every manifest
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
        this.packer = new Packer(gzipLevel, software, time, metrics);
        this.queue = new UploadQueue(backoff, time, random, metrics);
        this.time = time;
        this.metrics = metrics;
    }

    /**
     * What an earlier run has packed of a symbol, brought up to date after a crash. To be called before anything is
     * packed.
     */
    public Optional<Checkpoint> recorded(Spool spool) throws IOException {
        return packer.catchUp(spool);
    }

    /**
     * The ids of every whole trade that an earlier run recorded and had not packed, in the order of its lines. To be
     * called before anything is packed.
     */
    public void recordedSince(Spool spool, ObjLongConsumer<Origin> ids) throws IOException {
        packer.unpackedIds(spool, ids);
    }

    /** Takes a part on, unless it is known already. Never blocks for I/O. Any thread. */
    public void offer(SealedPart part) {
        queue.add(part.spool(), part.name(), part);
    }

    /** The same for a part that an earlier run has packed. */
    public void offerPacked(Spool spool, PartName name) {
        queue.add(spool, name, null);
    }

    /** How uploads go now. Any thread. */
    public UploadStatus uploads() {
        return queue.uploads();
    }

    /** Greatest id of the symbol that the bucket has confirmed to this process; -1 before the first. Any thread. */
    public long lastStored(Symbol symbol) {
        return stored.getOrDefault(symbol, -1L);
    }

    /** How many parts the bucket has not confirmed yet. Any thread. */
    public int waiting() {
        return queue.waiting();
    }

    /** Moves whenever there may be something new to do; to be asked for before looking for that. Any thread. */
    public long changes() {
        return queue.changes();
    }

    /**
     * Does work, or waits until there may be some: what changes between the two ends the wait.
     *
     * @param work whether there was some
     * @param idle run before the wait
     * @param nanos waits for no longer
     */
    public void workOrAwait(BooleanSupplier work, Runnable idle, long nanos) throws InterruptedException {
        long seen = changes();
        if (!work.getAsBoolean()) {
            idle.run();
            awaitChange(seen, nanos);
        }
    }

    /**
     * Waits until something changes or a pause is over, at most for {@code nanos}: for callers that found nothing to do.
     *
     * @param seen what {@link #changes()} was before they looked
     */
    public void awaitChange(long seen, long nanos) throws InterruptedException {
        queue.awaitChange(seen, nanos);
    }

    /** From now on nobody waits here any more: those who do are about to end. */
    public void release() {
        queue.release();
    }

    /**
     * Packs the part that has waited longest.
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
            queue.notPacked(job);
            tellNotPacked(job, e);
        }
        return true;
    }

    private void tellNotPacked(Job job, Exception e) {
        if (!packFaults.admits(time.nanoTime())) {
            LOG.debug("{} could not be packed either: {}", job, e.getMessage());
        } else if (e instanceof NoSpaceException) {
            LOG.error("{} could not be packed, and is tried again until there is room: {}", job, e.getMessage());
        } else {
            LOG.error("{} could not be packed, tried again later: {}", job, e.getMessage(), e);
        }
    }

    /**
     * Brings one packed part to the bucket, or tries to.
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
        String key = part.manifest().payload().s3Key();
        Sha256 sha256 = part.manifest().payload().sha256();
        if (put("part", key, part.gzip(), sha256, ContentType.GZIP) == PutOutcome.NAME_TAKEN) {
            rename(job, part);
            return;
        }
        byte[] manifest = part.manifestJson();
        String manifestKey = KeyLayout.manifest(spool.symbol(), name);
        // "Taken" can only be a manifest of this very part, made before a crash: the part itself is confirmed ours.
        put("manifest", manifestKey, manifest, Sha256.of(manifest), ContentType.JSON);
        confirmed(job, part);
        delete(job);
    }

    private PutOutcome put(String object, String key, byte[] body, Sha256 sha256, ContentType type)
            throws StoreException {
        long began = time.nanoTime();
        PutOutcome outcome = store.put(key, body, sha256, type);
        metrics.putTime.labelValues(object).observe((time.nanoTime() - began) / 1e9);
        return outcome;
    }

    /** Nothing to upload. A part that was found is one that has been uploaded since the directory was read. */
    private void gone(Job job) {
        if (job.found) {
            LOG.debug("{} has been uploaded meanwhile", job);
        } else {
            LOG.warn("{} has gone from the spool; nothing to upload", job);
        }
        queue.done(job);
    }

    /** Deletes what the bucket has confirmed. A disk that lets nothing be deleted is no business of the store. */
    private void delete(Job job) {
        try {
            job.spool.deleteUploaded(job.name);
        } catch (IOException | RuntimeException e) {
            queue.notDeleted(job);
            if (deleteFaults.admits(time.nanoTime())) {
                LOG.error(
                        "The bucket has {}, but it cannot be deleted from the spool; tried again every minute, see whether"
                                + " the disk is writable: {}",
                        job,
                        e.toString());
            }
            return;
        }
        queue.done(job);
    }

    private void rename(Job job, PackedPart part) throws IOException {
        PartName name = packer.rename(part);
        metrics.nameCollisions.inc();
        String key = part.manifest().payload().s3Key();
        if (name.origin() == Origin.REST) {
            LOG.warn(
                    "{} holds an earlier fetch of these trades. Nothing was overwritten; this part goes on as {}",
                    key,
                    name);
        } else {
            LOG.error(
                    "The bucket has other content under {}: another instance uses the same INSTANCE_ID, or the spool of one"
                            + " was copied. Nothing was overwritten; this part goes on as {}",
                    key,
                    name);
        }
        queue.renamed(job, name);
    }

    private void confirmed(Job job, PackedPart part) {
        int failuresBefore = queue.confirmed(job);
        Symbol symbol = part.spool().symbol();
        Payload payload = part.manifest().payload();
        stored.merge(symbol, payload.summary().idLast(), Math::max);
        metrics.partsUploaded.labelValues(symbol.value()).inc();
        metrics.tradesUploaded.labelValues(symbol.value()).inc(payload.summary().recordCount());
        if (part.name().origin() == Origin.STREAM) {
            metrics.storeDelay.observe((time.epochMillis() - payload.summary().timeMaxMs()) / 1e3);
        }
        metrics.bytesUploaded.inc(part.gzip().length);
        if (failuresBefore > 0) {
            putFaults.reset();
            // This part still counts as waiting, until it is deleted.
            LOG.info(
                    "Uploads work again after {} failed attempts; {} parts are waiting", failuresBefore, waiting() - 1);
        }
        LOG.info(
                "Uploaded: {} ({} records, {} bytes)",
                payload.s3Key(),
                payload.summary().recordCount(),
                part.gzip().length);
    }

    private void failed(Job job, StoreException.Kind kind, String message, @Nullable Exception fault) {
        metrics.putFailures
                .labelValues(kind.name().toLowerCase(java.util.Locale.ROOT))
                .inc();
        UploadQueue.Failure failure = queue.failed(job, kind, message);
        if (failure.standsOut()) {
            // It is told in any case, and is the news of this minute.
            putFaults.reset();
        }
        boolean isNews = putFaults.admits(kind, time.nanoTime());
        if (failure.standsOut()) {
            LOG.error(
                    "{} has failed {} times while nothing else did. It stays in the spool and is tried again indefinitely;"
                            + " see what is wrong with it: {}",
                    job,
                    failure.inARow(),
                    message,
                    fault);
        } else if (!isNews) {
            LOG.debug("Upload failed again: {}", message);
        } else if (fault != null || kind != StoreException.Kind.UNAVAILABLE) {
            LOG.error("Upload failed, {} parts wait in the spool and are tried again: {}", waiting(), message, fault);
        } else {
            LOG.warn("Upload failed, {} parts wait in the spool and are tried again: {}", waiting(), message);
        }
    }
}
