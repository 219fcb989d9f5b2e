package io.marketdata.collector.upload;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which part of the backlog is uploaded next. The oldest and the newest part take turns, so that the backlog
 * drains without delaying live data. A part that failed waits for its own back-off while others continue. Two parts
 * that fail without a success between them are an outage: one part at a time is tried, after a pause, until one
 * succeeds. So a store that is down is not flooded with requests, and a single part that is always refused delays
 * nothing. A part whose name is taken again and again counts as failed.
 *
 * <p>Memory holds names only, about 120 bytes per part; the spool directory is the queue. No I/O. Any thread.
 */
final class UploadQueue {

    /** Result of a failure: how often in a row this part has failed, and whether it stands out from now on. */
    record Failure(int inARow, boolean standsOut) {}

    /** How often a part may fail, while others do not, before it stands out. */
    private static final int FAILURES_TO_STAND_OUT = 10;

    private static final long DELETE_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Comparator<Job> OLDEST_FIRST =
            Comparator.<Job, PartName>comparing(job -> job.name).thenComparing(job -> job.spool.directory());

    private final Backoff backoff;
    private final Time time;
    private final DoubleSupplier random;
    private final UploadMetrics metrics;

    @GuardedBy("this")
    private final Deque<Job> unpacked = new ArrayDeque<>();

    /** Packed parts that may be uploaded now. */
    @GuardedBy("this")
    private final TreeSet<Job> due = new TreeSet<>(OLDEST_FIRST);

    @GuardedBy("this")
    private final PriorityQueue<Job> delayed = new PriorityQueue<>(Comparator.comparingLong(job -> job.dueNanos));

    /** All parts that are not in {@link #due}. */
    @GuardedBy("this")
    private final TreeSet<Job> elsewhere = new TreeSet<>(OLDEST_FIRST);

    /** Number of parts in {@link #delayed} that the bucket has confirmed. */
    @GuardedBy("this")
    private int confirmedNotDeleted;

    /** Changes whenever a part is added, packed, finished, or failed. */
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

    /** Failures since a second part failed without a success in between; above 0 the store is down. */
    @GuardedBy("this")
    private int outageFailures;

    @GuardedBy("this")
    private long pauseEndsNanos;

    /** Kind of the last failure; null after a success. */
    @GuardedBy("this")
    private StoreException.@Nullable Kind failure;

    @GuardedBy("this")
    private String failureMessage = "";

    @GuardedBy("this")
    private long failingSinceNanos;

    @GuardedBy("this")
    private long progressNanos;

    /** @param random jitter, in [0, 1) */
    UploadQueue(Backoff backoff, Time time, DoubleSupplier random, UploadMetrics metrics) {
        this.backoff = backoff;
        this.time = time;
        this.random = random;
        this.metrics = metrics;
    }

    /**
     * Adds a part, unless it is known already.
     *
     * @param sealed what its manifest will report; null if it is packed already, so that a backlog of packed parts does
     *     not delay packing
     */
    synchronized void add(Spool spool, PartName name, @Nullable SealedPart sealed) {
        Job job = new Job(spool, name, sealed, time.nanoTime());
        if (due.contains(job) || elsewhere.contains(job)) {
            return;
        }
        if (backlog() == 0) {
            progressNanos = job.addedNanos;
        }
        if (sealed == null) {
            due.add(job);
        } else {
            elsewhere.add(job);
            unpacked.add(job);
        }
        changed();
    }

    synchronized UploadStatus uploads() {
        long now = time.nanoTime();
        return new UploadStatus(
                backlog(),
                confirmedNotDeleted,
                backlog() == 0 ? Duration.ZERO : Duration.ofNanos(now - progressNanos),
                Duration.ofNanos(Math.max(ageOfFirst(due, now), ageOfFirst(elsewhere, now))),
                failure,
                failureMessage,
                failure == null ? Duration.ZERO : Duration.ofNanos(now - failingSinceNanos));
    }

    private static long ageOfFirst(SortedSet<Job> jobs, long now) {
        return jobs.isEmpty() ? 0 : now - jobs.first().addedNanos;
    }

    /** Number of parts that the bucket has not confirmed yet. */
    synchronized int backlog() {
        return due.size() + elsewhere.size() - confirmedNotDeleted;
    }

    /** Changes whenever there may be new work. */
    synchronized long changes() {
        return changes;
    }

    /** Waits until {@link #changes()} differs from {@code seen} or a pause ends, at most for {@code nanos}. */
    synchronized void awaitChange(long seen, long nanos) throws InterruptedException {
        long now = time.nanoTime();
        long deadline = now + Math.min(nanos, nanosUntilPauseEnds(now));
        for (long left = deadline - now; changes == seen && !released && left > 0; left = deadline - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Ends all waits, now and later. */
    synchronized void release() {
        released = true;
        notifyAll();
    }

    /** Time until a failed part, or the store, may be tried again; {@link Long#MAX_VALUE} if none is delayed. */
    @GuardedBy("this")
    private long nanosUntilPauseEnds(long now) {
        Job first = delayed.peek();
        long part = first == null ? Long.MAX_VALUE : first.dueNanos - now;
        // A pause may have ended since the caller's last check; nothing else would wake it then.
        boolean isPausing = outageFailures > 0 && putsInFlight == 0 && !due.isEmpty();
        return isPausing ? Math.min(part, Math.max(0, pauseEndsNanos - now)) : part;
    }

    /** The next part to pack, in the order in which they were added; null if there is none. */
    synchronized @Nullable Job takeUnpacked() {
        moveDelayed();
        return unpacked.poll();
    }

    /** A part that may be uploaded now, or deleted if the bucket has confirmed it; null if there is none. */
    synchronized @Nullable Job takeDue() {
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
            if (job.sealed != null) {
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

    /** A part that was taken for packing may be uploaded. */
    synchronized void packed(Job job) {
        job.sealed = null;
        job.failures = 0;
        elsewhere.remove(job);
        due.add(job);
        changed();
    }

    /** A part that was taken for packing is retried later. */
    synchronized void retryLater(Job job) {
        job.failures++;
        job.dueNanos = time.nanoTime() + backoff.delay(job.failures, random).toNanos();
        delayed.add(job);
        changed();
    }

    /** A part that was taken for packing has nothing to upload. */
    synchronized void discarded(Job job) {
        elsewhere.remove(job);
        changed();
    }

    /**
     * The bucket has confirmed a part that was taken for upload.
     *
     * @return number of attempts that failed before
     */
    synchronized int confirmed(Job job) {
        int failuresBefore = Math.max(outageFailures, job.failures);
        outageFailures = 0;
        suspect = null;
        failure = null;
        failureMessage = "";
        progressNanos = time.nanoTime();
        job.confirmed = true;
        return failuresBefore;
    }

    /** A part that was taken for upload is finished. */
    synchronized void done(Job job) {
        putsInFlight--;
        discarded(job);
    }

    /**
     * A part that was taken for upload is uploaded under another name: at once the first time, and from the second time
     * on later, like a part that failed. Otherwise a store for which every name is taken would be flooded.
     *
     * @param message what a part that is renamed again reports
     * @return the failure, from the second name on
     */
    synchronized Optional<Failure> renamed(Job job, PartName name, String message) {
        Job next = new Job(job, name);
        elsewhere.remove(job);
        due.remove(next); // if the sweep has found the new name first
        suspect = suspect == job ? next : suspect;
        if (next.renames > 1) {
            elsewhere.add(next);
            return Optional.of(failed(next, StoreException.Kind.REFUSED, message));
        }
        putsInFlight--;
        due.add(next);
        changed();
        return Optional.empty();
    }

    /** A part that the bucket has confirmed could not be deleted; retried in 1 minute. */
    synchronized void notDeleted(Job job) {
        job.dueNanos = time.nanoTime() + DELETE_AGAIN_NANOS;
        delayed.add(job);
        putsInFlight--;
        confirmedNotDeleted++;
        changed();
    }

    /** A part could not be uploaded and is retried later. */
    synchronized Failure failed(Job job, StoreException.Kind kind, String message) {
        putsInFlight--;
        long now = time.nanoTime();
        if (failure == null) {
            failingSinceNanos = now;
        }
        failure = kind;
        failureMessage = message;
        if (outageFailures > 0 || (suspect != null && suspect != job)) {
            outageFailures++;
            pauseEndsNanos = now + backoff.delay(outageFailures, random).toNanos();
        }
        suspect = job;
        retryLater(job);
        boolean standsOut = !job.stoodOut && job.failures >= FAILURES_TO_STAND_OUT && outageFailures == 0;
        job.stoodOut |= standsOut;
        return new Failure(job.failures, standsOut);
    }

    @GuardedBy("this")
    private void changed() {
        changes++;
        metrics.backlogParts.set(backlog());
        metrics.partsNotDeleted.set(confirmedNotDeleted);
        notifyAll();
    }

    /** A part in the queue. All but its name is guarded by the queue, or belongs to the thread that took it. */
    static final class Job {
        final Spool spool;
        final PartName name;

        /** Packed by an earlier run. */
        final boolean found;

        /** When it was added to the queue. */
        private final long addedNanos;

        /** What its manifest will report; null once it is packed. */
        @Nullable
        SealedPart sealed;

        /** The bucket holds part and manifest; the files are still to be deleted. */
        boolean confirmed;

        /** How often the part got another name because the bucket has other content under the old one. */
        int renames;

        private boolean stoodOut;
        private int failures;
        private long dueNanos;

        private Job(Spool spool, PartName name, @Nullable SealedPart sealed, long addedNanos) {
            this.spool = spool;
            this.name = name;
            this.sealed = sealed;
            this.found = sealed == null;
            this.addedNanos = addedNanos;
        }

        /** The same part under another name. */
        private Job(Job before, PartName name) {
            this(before.spool, name, null, before.addedNanos);
            this.renames = before.renames + 1;
            this.failures = before.failures;
            this.stoodOut = before.stoodOut;
        }

        @Override
        public String toString() {
            return spool.directory().resolve(PartState.PACKED.fileName(name)).toString();
        }
    }
}
