package io.marketdata.collector.ship;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.ship.ObjectStore.ContentType;
import io.marketdata.collector.ship.ObjectStore.PutOutcome;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.LastPart;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
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
 * <p>Memory holds names only, some 120 bytes for each waiting part; the spool directory is the queue. One thread calls
 * {@link #packNext()}, several call {@link #shipNext()}; the threads belong to the caller.
 *
 * <p>Order: the oldest and the newest waiting part take turns, so that a backlog drains and live data is not kept
 * waiting by it. A part that failed waits its own back-off while others pass. Two parts that failed with no success
 * between are an outage: one part at a time is tried, after a pause, until one succeeds. So a store that is down is not
 * stormed, and a single part that is always refused delays nothing.
 */
public final class Shipper {

    /**
     * How uploads go.
     *
     * @param waiting parts that the bucket has not confirmed
     * @param notDeleted parts that it has confirmed and that the disk does not let go
     * @param sinceProgress since the bucket confirmed a part, or since parts began to wait
     * @param oldestWaits for how long this process has known the part that was recorded first
     * @param failure kind of the last failure, null after a success
     * @param message of that failure
     * @param failingFor since the first failure after the last success
     */
    public record Uploads(
            int waiting,
            int notDeleted,
            Duration sinceProgress,
            Duration oldestWaits,
            StoreException.@Nullable Kind failure,
            String message,
            Duration failingFor) {}

    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** How often a part may fail, while others do not, before somebody is told of it by name. */
    private static final int FAILURES_TOLD = 10;

    private static final Comparator<Job> OLDEST_FIRST =
            Comparator.<Job, PartName>comparing(job -> job.name).thenComparing(job -> job.spool.symbol());
    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);

    private final ObjectStore store;
    private final Packer packer;
    private final Backoff backoff;
    private final Time time;
    private final DoubleSupplier random;
    private final Metrics metrics;

    @GuardedBy("this")
    private final Deque<Job> unpacked = new ArrayDeque<>();

    /** Packed parts that may be put now. */
    @GuardedBy("this")
    private final TreeSet<Job> due = new TreeSet<>(OLDEST_FIRST);

    @GuardedBy("this")
    private final PriorityQueue<Job> delayed = new PriorityQueue<>(Comparator.comparingLong(Job::dueNanos));

    /** Every part between {@link #offer} and its delete that is not in {@link #due}. */
    @GuardedBy("this")
    private final TreeSet<Job> elsewhere = new TreeSet<>(OLDEST_FIRST);

    /** How many of {@link #delayed} the bucket has confirmed. */
    @GuardedBy("this")
    private int confirmedNotDeleted;

    /** Moves whenever a part is added, packed or done with. */
    @GuardedBy("this")
    private long changes;

    @GuardedBy("this")
    private boolean released;

    @GuardedBy("this")
    private boolean newestNext;

    @GuardedBy("this")
    private int putsInFlight;

    /** The first part whose put failed since one succeeded. */
    @GuardedBy("this")
    private @Nullable Job suspect;

    /** Failures since a second part failed with no success between; more than zero: the store is down. */
    @GuardedBy("this")
    private int outageFailures;

    @GuardedBy("this")
    private long pauseEndsNanos;

    @GuardedBy("this")
    private StoreException.@Nullable Kind lastLoggedKind;

    @GuardedBy("this")
    private long lastLoggedNanos;

    /** Kind of the last failure; null after a success. */
    @GuardedBy("this")
    private StoreException.@Nullable Kind failure;

    @GuardedBy("this")
    private String failureMessage = "";

    @GuardedBy("this")
    private long failingSinceNanos;

    @GuardedBy("this")
    private long progressNanos;

    /** Greatest id that the bucket has confirmed. */
    private final Map<Symbol, Long> stored = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private @Nullable Long packFaultToldNanos;

    @GuardedBy("this")
    private @Nullable Long deleteFaultToldNanos;

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
        Job job = new Job(part.spool(), part.name(), part, time.nanoTime());
        if (isNew(job)) {
            begins(job);
            elsewhere.add(job);
            unpacked.add(job);
            changed();
        }
    }

    /** The same for a part that an earlier run has packed. A backlog of those keeps no new part from being packed. */
    public synchronized void offerPacked(Spool spool, PartName name) {
        Job job = new Job(spool, name, null, time.nanoTime());
        if (isNew(job)) {
            begins(job);
            due.add(job);
            changed();
        }
    }

    @GuardedBy("this")
    private boolean isNew(Job job) {
        return !due.contains(job) && !elsewhere.contains(job);
    }

    @GuardedBy("this")
    private void begins(Job job) {
        if (waiting() == 0) {
            progressNanos = job.offeredNanos;
        }
    }

    /** How uploads go now. Any thread. */
    public synchronized Uploads uploads() {
        long now = time.nanoTime();
        return new Uploads(
                waiting(),
                confirmedNotDeleted,
                waiting() == 0 ? Duration.ZERO : Duration.ofNanos(now - progressNanos),
                Duration.ofNanos(Math.max(firstWaits(due, now), firstWaits(elsewhere, now))),
                failure,
                failureMessage,
                failure == null ? Duration.ZERO : Duration.ofNanos(now - failingSinceNanos));
    }

    private static long firstWaits(SortedSet<Job> jobs, long now) {
        return jobs.isEmpty() ? 0 : now - jobs.first().offeredNanos;
    }

    /** Greatest id of the symbol that the bucket has confirmed to this process; -1 before the first. Any thread. */
    public long lastStored(Symbol symbol) {
        return stored.getOrDefault(symbol, -1L);
    }

    /** How many parts the bucket has not confirmed yet. */
    public synchronized int waiting() {
        return due.size() + elsewhere.size() - confirmedNotDeleted;
    }

    /**
     * Waits until something changes or a pause is over, at most for {@code nanos}: for callers that found nothing to do.
     */
    public synchronized void awaitChange(long nanos) throws InterruptedException {
        long seen = changes;
        long now = time.nanoTime();
        long deadline = now + Math.min(nanos, nanosUntilPauseEnds(now));
        for (long left = deadline - now; changes == seen && !released && left > 0; left = deadline - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** From now on nobody waits here any more: those who do are about to end. */
    public synchronized void release() {
        released = true;
        notifyAll();
    }

    /** Until a part that failed may be tried again, or the store; the longest if nothing waits for that. */
    @GuardedBy("this")
    private long nanosUntilPauseEnds(long now) {
        Job first = delayed.peek();
        long part = first == null ? Long.MAX_VALUE : first.dueNanos - now;
        long outage = pauseEndsNanos - now;
        return outageFailures > 0 && outage > 0 ? Math.min(part, outage) : part;
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
            long began = time.nanoTime();
            if (job.unpacked == null || packer.pack(job.unpacked)) {
                metrics.packTime.observe((time.nanoTime() - began) / 1e9);
                packed(job);
            } else {
                forget(job);
            }
        } catch (IOException | RuntimeException e) {
            cannotPack(job, e);
        }
        return true;
    }

    private void cannotPack(Job job, Exception e) {
        boolean tell;
        synchronized (this) {
            long now = time.nanoTime();
            tell = packFaultToldNanos == null || now - packFaultToldNanos >= QUIET_NANOS;
            if (tell) {
                packFaultToldNanos = now;
            }
            retryLater(job);
        }
        if (!tell) {
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
    public boolean shipNext() {
        Job job = takeDue();
        if (job == null) {
            return false;
        }
        try {
            if (job.confirmed) {
                delete(job);
            } else {
                ship(job);
            }
        } catch (StoreException e) {
            failed(job, e.kind(), e.getMessage(), null);
        } catch (IOException | RuntimeException e) {
            failed(job, StoreException.Kind.UNAVAILABLE, job + ": " + e, e);
        }
        return true;
    }

    private void ship(Job job) throws IOException, StoreException {
        Spool spool = job.spool;
        PartName name = job.name;
        if (!spool.has(PartState.PACKED, name)) {
            gone(job);
            return;
        }
        Optional<PackedPart> loaded = packer.load(spool, name);
        if (loaded.isEmpty()) {
            putEnded(job);
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

    /** Nothing to ship. A part that was found is one that has been shipped since the directory was read. */
    private void gone(Job job) {
        if (job.found) {
            LOG.debug("{} has been shipped meanwhile", job);
        } else {
            LOG.warn("{} has gone from the spool; nothing to ship", job);
        }
        putEnded(job);
    }

    /** Deletes what the bucket has confirmed. A disk that lets nothing be deleted is no business of the store. */
    private void delete(Job job) {
        try {
            job.spool.deleteShipped(job.name);
        } catch (IOException | RuntimeException e) {
            notDeleted(job, e);
            return;
        }
        putEnded(job);
    }

    private void notDeleted(Job job, Exception e) {
        boolean tell;
        synchronized (this) {
            long now = time.nanoTime();
            job.dueNanos = now + QUIET_NANOS;
            delayed.add(job);
            putsInFlight--;
            confirmedNotDeleted++;
            tell = deleteFaultToldNanos == null || now - deleteFaultToldNanos >= QUIET_NANOS;
            if (tell) {
                deleteFaultToldNanos = now;
            }
            changed();
        }
        if (tell) {
            LOG.error(
                    "The bucket has {}, but it cannot be deleted from the spool; tried again every minute, see whether"
                            + " the disk is writable: {}",
                    job,
                    e.toString());
        }
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
        synchronized (this) {
            due.add(new Job(job.spool, name, null, job.offeredNanos));
            putEnded(job);
        }
    }

    private synchronized @Nullable Job takeUnpacked() {
        moveDelayed();
        return unpacked.poll();
    }

    private synchronized @Nullable Job takeDue() {
        moveDelayed();
        if (outageFailures > 0 && (putsInFlight > 0 || time.nanoTime() - pauseEndsNanos < 0)) {
            return null;
        }
        Job job = newestNext ? due.pollLast() : due.pollFirst();
        if (job != null) {
            newestNext = !newestNext;
            putsInFlight++;
            elsewhere.add(job);
        }
        return job;
    }

    @GuardedBy("this")
    private void moveDelayed() {
        long now = time.nanoTime();
        for (Job job = delayed.peek(); job != null && job.dueNanos - now <= 0; job = delayed.peek()) {
            delayed.remove();
            if (job.unpacked != null) {
                unpacked.add(job);
                continue;
            }
            if (job.confirmed) {
                confirmedNotDeleted--;
            }
            elsewhere.remove(job);
            due.add(job);
        }
    }

    private synchronized void packed(Job job) {
        job.unpacked = null;
        job.failures = 0;
        elsewhere.remove(job);
        due.add(job);
        changed();
    }

    private synchronized void retryLater(Job job) {
        job.failures++;
        job.dueNanos = time.nanoTime() + backoff.delay(job.failures, random).toNanos();
        delayed.add(job);
    }

    private synchronized void forget(Job job) {
        elsewhere.remove(job);
        changed();
    }

    private synchronized void putEnded(Job job) {
        putsInFlight--;
        forget(job);
    }

    @GuardedBy("this")
    private void changed() {
        changes++;
        metrics.partsWaiting.set(waiting());
        metrics.partsNotDeleted.set(confirmedNotDeleted);
        notifyAll();
    }

    private void confirmed(Job job, PackedPart part) {
        int failuresBefore;
        int waiting;
        synchronized (this) {
            failuresBefore = Math.max(outageFailures, job.failures);
            outageFailures = 0;
            suspect = null;
            failure = null;
            failureMessage = "";
            progressNanos = time.nanoTime();
            if (failuresBefore > 0) {
                lastLoggedKind = null;
            }
            job.confirmed = true;
            waiting = waiting() - 1;
        }
        stored.merge(part.spool().symbol(), part.manifest().payload().summary().idLast(), Math::max);
        metrics.partsShipped.labelValues(part.spool().symbol().value()).inc();
        metrics.tradesShipped
                .labelValues(part.spool().symbol().value())
                .inc(part.manifest().payload().summary().recordCount());
        if (part.name().origin() == Origin.STREAM) {
            metrics.storeDelay.observe(
                    (time.epochMillis() - part.manifest().payload().summary().timeMaxMs()) / 1e3);
        }
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
        boolean alarm;
        int failures;
        int waiting;
        synchronized (this) {
            putsInFlight--;
            long now = time.nanoTime();
            if (failure == null) {
                failingSinceNanos = now;
            }
            failure = kind;
            failureMessage = message == null ? "" : message;
            if (outageFailures > 0 || (suspect != null && suspect != job)) {
                outageFailures++;
                pauseEndsNanos = now + backoff.delay(outageFailures, random).toNanos();
            }
            suspect = job;
            retryLater(job);
            alarm = !job.alarmed && job.failures >= FAILURES_TOLD && outageFailures == 0;
            job.alarmed |= alarm;
            failures = job.failures;
            tell = kind != lastLoggedKind || now - lastLoggedNanos >= QUIET_NANOS;
            if (tell || alarm) {
                lastLoggedKind = kind;
                lastLoggedNanos = now;
            }
            waiting = waiting();
        }
        if (alarm) {
            LOG.error(
                    "{} has failed {} times while nothing else did. It stays in the spool and is tried again for ever;"
                            + " see what is wrong with it: {}",
                    job,
                    failures,
                    message,
                    fault);
        } else if (!tell) {
            LOG.debug("Upload failed again: {}", message);
        } else if (fault != null || kind != StoreException.Kind.UNAVAILABLE) {
            LOG.error("Upload failed, {} parts wait in the spool and are tried again: {}", waiting, message, fault);
        } else {
            LOG.warn("Upload failed, {} parts wait in the spool and are tried again: {}", waiting, message);
        }
    }

    /** A part on its way. Everything but its name is guarded by the shipper, or belongs to the thread that took it. */
    private static final class Job {
        final Spool spool;
        final PartName name;

        /** Packed by an earlier run. */
        final boolean found;

        /** When this process learned of it. */
        final long offeredNanos;

        /** What its manifest will tell; null once it is packed. */
        @Nullable
        SealedPart unpacked;

        /** The bucket holds part and manifest; what is left is to delete the files. */
        boolean confirmed;

        boolean alarmed;
        int failures;
        long dueNanos;

        /** @param unpacked null: it is packed already */
        Job(Spool spool, PartName name, @Nullable SealedPart unpacked, long offeredNanos) {
            this.offeredNanos = offeredNanos;
            this.spool = spool;
            this.name = name;
            this.unpacked = unpacked;
            this.found = unpacked == null;
        }

        long dueNanos() {
            return dueNanos;
        }

        @Override
        public String toString() {
            return spool.directory().resolve(PartState.PACKED.fileName(name)).toString();
        }
    }
}
