package io.marketdata.collector.ship;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.ship.ObjectStore.ContentType;
import io.marketdata.collector.ship.ObjectStore.PutOutcome;
import io.marketdata.collector.spool.LastPart;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sealed parts to the bucket: pack, put the part, put the manifest, delete the local copy. Nothing else leads to
 * the delete; whatever fails leaves the part where it is, to be tried again for ever, by this process or the next.
 *
 * <p>Memory holds names only; the spool directory is the queue. One thread calls {@link #packNext()}, several call
 * {@link #shipNext()}; the threads belong to the caller.
 *
 * <p>Order: the oldest and the newest waiting part take turns, so that a backlog drains and live data is not kept
 * waiting by it. A part that failed waits its own back-off while others pass. While the last attempt of all failed, one
 * part at a time is tried, after a pause: a store that is down is not stormed.
 */
public final class Shipper {

    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);

    private final ObjectStore store;
    private final Packer packer;
    private final Backoff backoff;
    private final Time time;
    private final DoubleSupplier random;
    private final Metrics metrics;

    /** Every part between {@link #offer} and its delete. */
    @GuardedBy("this")
    private final Set<PartId> known = new HashSet<>();

    @GuardedBy("this")
    private final Deque<Job> unpacked = new ArrayDeque<>();

    @GuardedBy("this")
    private final TreeSet<Job> due = new TreeSet<>(Comparator.comparing(Job::id));

    @GuardedBy("this")
    private final PriorityQueue<Job> delayed = new PriorityQueue<>(Comparator.comparingLong(Job::dueNanos));

    /** Moves whenever a part is added, packed or done with. */
    @GuardedBy("this")
    private long changes;

    @GuardedBy("this")
    private boolean newestNext;

    @GuardedBy("this")
    private int putsInFlight;

    @GuardedBy("this")
    private int failuresInARow;

    @GuardedBy("this")
    private long pauseEndsNanos;

    @GuardedBy("this")
    private StoreException.@Nullable Kind lastLoggedKind;

    @GuardedBy("this")
    private long lastLoggedNanos;

    /**
     * @param gzipLevel 1 (fast) to 9 (small)
     * @param software goes into every manifest
     * @param random jitter, in [0, 1)
     */
    public Shipper(
            ObjectStore store,
            int gzipLevel,
            Software software,
            Backoff backoff,
            Time time,
            DoubleSupplier random,
            Metrics metrics) {
        this.store = store;
        this.packer = new Packer(gzipLevel, software, time, metrics);
        this.backoff = backoff;
        this.time = time;
        this.random = random;
        this.metrics = metrics;
    }

    /**
     * What an earlier run has packed of a symbol, brought up to date after a crash. To be called before anything is
     * packed.
     */
    public Optional<LastPart> recorded(Spool spool) throws IOException {
        return packer.catchUp(spool);
    }

    /**
     * The ids of every whole trade that an earlier run recorded and had not packed, in the order of its lines. To be
     * called before anything is packed.
     */
    public void recordedSince(Spool spool, ObjLongConsumer<Origin> ids) throws IOException {
        packer.unpackedIds(spool, ids);
    }

    /** Takes a part on, unless it is known already. Never blocks for I/O. */
    public synchronized void offer(SealedPart part) {
        if (known.add(new PartId(part.spool(), part.name()))) {
            unpacked.add(new Job(part));
            changed();
        }
    }

    /** How many parts the bucket has not confirmed yet. */
    public synchronized int waiting() {
        return known.size();
    }

    /** Waits until something changes, at most for {@code nanos}: for callers that found nothing to do. */
    public synchronized void awaitChange(long nanos) throws InterruptedException {
        long seen = changes;
        long deadline = time.nanoTime() + nanos;
        for (long left = nanos; changes == seen && left > 0; left = deadline - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /**
     * Packs the part that has waited longest.
     *
     * @return whether there was one
     */
    public boolean packNext() {
        Job job = takeUnpacked();
        if (job == null) {
            return false;
        }
        try {
            if (packer.pack(job.part)) {
                packed(job);
            } else {
                forget(job);
            }
        } catch (IOException | RuntimeException e) {
            LOG.error(
                    "{} in {} could not be packed, tried again later: {}",
                    job.part.name(),
                    job.part.spool().directory(),
                    e.getMessage(),
                    e);
            retryLater(job);
        }
        return true;
    }

    /**
     * Brings one packed part to the bucket, or tries to.
     *
     * @return whether there was one to try
     */
    public boolean shipNext() {
        Job job = takeDue();
        if (job == null) {
            return false;
        }
        try {
            ship(job);
        } catch (StoreException e) {
            failed(job, e.kind(), e.getMessage(), null);
        } catch (IOException | RuntimeException e) {
            failed(
                    job,
                    StoreException.Kind.UNAVAILABLE,
                    job.part.name() + " in " + job.part.spool().directory() + ": " + e,
                    e);
        }
        return true;
    }

    private void ship(Job job) throws IOException, StoreException {
        Spool spool = job.part.spool();
        PartName name = job.part.name();
        if (!spool.has(PartState.PACKED, name)) {
            LOG.warn("{} has gone from {}; nothing to ship", PartState.PACKED.fileName(name), spool.directory());
            forget(job);
            return;
        }
        Optional<PackedPart> loaded = packer.load(spool, name);
        if (loaded.isEmpty()) {
            forget(job);
            return;
        }
        PackedPart part = loaded.get();
        String key = part.manifest().payload().s3Key();
        Sha256 sha256 = part.manifest().payload().sha256();
        if (store.put(key, part.gzip(), sha256, ContentType.GZIP) == PutOutcome.NAME_TAKEN) {
            rename(job, part);
            return;
        }
        byte[] manifest = part.manifestJson();
        String manifestKey = KeyLayout.manifest(spool.symbol(), name);
        // "Taken" can only be a manifest of this very part, made before a crash: the part itself is confirmed ours.
        store.put(manifestKey, manifest, Sha256.of(manifest), ContentType.JSON);
        spool.deleteShipped(name);
        shipped(job, part);
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
        SealedPart was = job.part;
        Job renamed =
                new Job(new SealedPart(was.spool(), name, was.rotatedBy(), was.duplicatesDropped(), was.rejected()));
        synchronized (this) {
            known.remove(job.id());
            known.add(renamed.id());
            putsInFlight--;
            due.add(renamed);
            changed();
        }
    }

    private synchronized @Nullable Job takeUnpacked() {
        moveDelayed();
        return unpacked.poll();
    }

    private synchronized @Nullable Job takeDue() {
        moveDelayed();
        if (failuresInARow > 0 && (putsInFlight > 0 || time.nanoTime() - pauseEndsNanos < 0)) {
            return null;
        }
        Job job = newestNext ? due.pollLast() : due.pollFirst();
        if (job != null) {
            newestNext = !newestNext;
            putsInFlight++;
        }
        return job;
    }

    @GuardedBy("this")
    private void moveDelayed() {
        long now = time.nanoTime();
        for (Job job = delayed.peek(); job != null && job.dueNanos - now <= 0; job = delayed.peek()) {
            delayed.remove();
            if (job.packed) {
                due.add(job);
            } else {
                unpacked.add(job);
            }
        }
    }

    private synchronized void packed(Job job) {
        job.packed = true;
        job.failures = 0;
        due.add(job);
        changed();
    }

    private synchronized void retryLater(Job job) {
        job.failures++;
        job.dueNanos = time.nanoTime() + backoff.delay(job.failures, random).toNanos();
        delayed.add(job);
    }

    private synchronized void forget(Job job) {
        known.remove(job.id());
        if (job.packed) {
            putsInFlight--;
        }
        changed();
    }

    @GuardedBy("this")
    private void changed() {
        changes++;
        metrics.partsWaiting.set(known.size());
        notifyAll();
    }

    private void shipped(Job job, PackedPart part) {
        int failuresBefore;
        int waiting;
        synchronized (this) {
            failuresBefore = failuresInARow;
            failuresInARow = 0;
            lastLoggedKind = null;
            forget(job);
            waiting = known.size();
        }
        metrics.partsShipped.labelValues(part.spool().symbol().value()).inc();
        metrics.bytesShipped.inc(part.gzip().length);
        if (failuresBefore > 0) {
            LOG.info("Uploads work again after {} failed attempts; {} parts are waiting", failuresBefore, waiting);
        }
        LOG.info(
                "Uploaded: {} ({} records, {} bytes)",
                part.manifest().payload().s3Key(),
                part.manifest().payload().summary().recordCount(),
                part.gzip().length);
    }

    private void failed(Job job, StoreException.Kind kind, @Nullable String message, @Nullable Exception fault) {
        metrics.putFailures
                .labelValues(kind.name().toLowerCase(java.util.Locale.ROOT))
                .inc();
        boolean tell;
        int waiting;
        synchronized (this) {
            putsInFlight--;
            failuresInARow++;
            long now = time.nanoTime();
            pauseEndsNanos = now + backoff.delay(failuresInARow, random).toNanos();
            retryLater(job);
            tell = kind != lastLoggedKind || now - lastLoggedNanos >= QUIET_NANOS;
            if (tell) {
                lastLoggedKind = kind;
                lastLoggedNanos = now;
            }
            waiting = known.size();
        }
        if (!tell) {
            LOG.debug("Upload failed again: {}", message);
        } else if (fault != null || kind != StoreException.Kind.UNAVAILABLE) {
            LOG.error("Upload failed, {} parts wait in the spool and are tried again: {}", waiting, message, fault);
        } else {
            LOG.warn("Upload failed, {} parts wait in the spool and are tried again: {}", waiting, message);
        }
    }

    /** Which part of which directory. Oldest first. */
    private record PartId(Spool spool, PartName name) implements Comparable<PartId> {
        @Override
        public int compareTo(PartId other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : spool.symbol().compareTo(other.spool.symbol());
        }
    }

    /** A part on its way. Everything but {@code part} is guarded by the shipper. */
    private static final class Job {
        final SealedPart part;
        boolean packed;
        int failures;
        long dueNanos;

        Job(SealedPart part) {
            this.part = part;
        }

        PartId id() {
            return new PartId(part.spool(), part.name());
        }

        long dueNanos() {
            return dueNanos;
        }
    }
}
