package io.marketdata.collector.collect;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings everything that waits in a spool to the bucket, by the collector's own way, and ends. Nothing else deletes, so
 * whenever it ends, what has not been confirmed is still there.
 */
public final class SpoolUpload {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(2);
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Settings settings;
    private final WatchedStore store;
    private final FileOps disk;
    private final Time time;
    private final Consumer<String> words;

    /** Waits for at most so long; whether it is time to stop. */
    public interface Stop {
        boolean await(Duration longest) throws InterruptedException;
    }

    /** @param words told how it goes on, a line at a time */
    public SpoolUpload(Settings settings, ObjectStore store, FileOps disk, Time time, Consumer<String> words) {
        this.settings = settings;
        this.store = new WatchedStore(store);
        this.disk = disk;
        this.time = time;
        this.words = words;
    }

    /**
     * Ships until nothing is left.
     *
     * @param patience gives up when nothing could be uploaded for so long
     * @throws FileOps.LockedException if somebody records into one of the directories; nothing was touched then
     */
    public ExitCode run(List<SpoolFolder> folders, Duration patience, Stop stop)
            throws IOException, InterruptedException {
        List<Spool> spools = new ArrayList<>();
        try {
            for (SpoolFolder folder : folders) {
                spools.add(folder.open(disk));
            }
            long damagedBefore = damaged(folders);
            ExitCode code = upload(spools, patience, stop);
            long damaged = damaged(folders) - damagedBefore;
            if (damaged == 0) {
                return code;
            }
            words.accept(damaged + " parts were damaged and lie in quarantine instead; spool check says more");
            return code == ExitCode.DONE ? ExitCode.FOUND_WANTING : code;
        } finally {
            for (Spool spool : spools) {
                spool.close();
            }
        }
    }

    private static long damaged(List<SpoolFolder> folders) throws IOException {
        AtomicLong count = new AtomicLong();
        for (SpoolFolder folder : folders) {
            folder.forEach(file -> {
                if (file.isDamagedPart()) {
                    count.incrementAndGet();
                }
            });
        }
        return count.get();
    }

    private ExitCode upload(List<Spool> spools, Duration patience, Stop stop) throws IOException, InterruptedException {
        Uploader uploader = new Wiring(settings, time, new Metrics()).uploader(store);
        for (Spool spool : spools) {
            uploader.recorded(spool);
        }
        int found = new SpoolSweep(spools, uploader::offer, uploader::offerPacked).run();
        if (found == 0) {
            words.accept("Nothing waits");
            return ExitCode.DONE;
        }
        words.accept(found + " parts wait, and go to " + store.describe());
        CompletableFuture<Throwable> fault = new CompletableFuture<>();
        // Nobody looks whether they hang: whoever waits for them has patience for so long only.
        Threads threads = new Threads(time, new Watchdog(hangs -> {}), fault::complete);
        threads.loop(
                "pack", patience, progress -> uploader.workOrAwait(uploader::packNext, progress::idle, IDLE_NANOS));
        for (int i = 1; i <= settings.upload().workers(); i++) {
            threads.loop(
                    "upload-" + i,
                    patience,
                    progress -> uploader.workOrAwait(uploader::uploadNext, progress::idle, IDLE_NANOS));
        }
        ExitCode code = watch(uploader, found, patience, stop, fault);
        // An upload that is under way may end, unless the bucket has answered nothing for so long that we give up.
        if (!threads.stop(stop.await(Duration.ZERO) ? settings.shutdownBudget() : LAST_WAIT)) {
            words.accept("An upload was broken off; it is repeated by the next one");
        }
        return code;
    }

    private ExitCode watch(
            Uploader uploader, int found, Duration patience, Stop stop, CompletableFuture<Throwable> fault)
            throws InterruptedException {
        long progressNanos = time.nanoTime();
        long toldNanos = progressNanos;
        int toldLeft = found;
        int before = found;
        for (int left = uploader.backlog(); left > 0; left = uploader.backlog()) {
            if (fault.isDone()) {
                words.accept("A fault of the program itself: " + fault.join());
                words.accept(remains(uploader.backlog()));
                return ExitCode.INTERNAL;
            }
            if (stop.await(LOOK_AGAIN)) {
                words.accept("Stopped early: " + remains(uploader.backlog()));
                return ExitCode.FOUND_WANTING;
            }
            long now = time.nanoTime();
            if (left < before || store.takeProgress()) {
                before = left;
                progressNanos = now;
            }
            if (now - progressNanos >= patience.toNanos()) {
                words.accept("Nothing could be uploaded for " + patience.toSeconds() + " s: " + store.failure());
                words.accept(remains(uploader.backlog()));
                return ExitCode.FOUND_WANTING;
            }
            if (now - toldNanos >= TELL_NANOS || (toldLeft - left) * 10L >= found) {
                words.accept(progress(found, left));
                toldNanos = now;
                toldLeft = left;
            }
        }
        words.accept("Done: nothing waits any more, " + store.stored() + " parts are in " + store.describe());
        return ExitCode.DONE;
    }

    private String progress(int found, int left) {
        String failure = store.failureSinceProgress();
        return (found - left) + " of " + found + " done, " + left + " left"
                + (failure == null ? "" : "; the last attempt failed: " + failure);
    }

    private static String remains(int left) {
        return left + " parts remain where they are; upload them by the same command, or by starting the collector";
    }

    /** The bucket, and how it answers. Any thread. */
    private static final class WatchedStore implements ObjectStore {
        private final ObjectStore store;

        @GuardedBy("this")
        private @Nullable String failure;

        @GuardedBy("this")
        private boolean failedLast;

        @GuardedBy("this")
        private boolean progress;

        @GuardedBy("this")
        private long stored;

        WatchedStore(ObjectStore store) {
            this.store = store;
        }

        @Override
        public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
            PutOutcome outcome;
            try {
                outcome = store.put(key, body, sha256, type);
            } catch (StoreException e) {
                failed(e.getMessage());
                throw e;
            }
            succeeded(type == ContentType.GZIP && outcome != PutOutcome.NAME_TAKEN);
            return outcome;
        }

        private synchronized void failed(@Nullable String message) {
            failure = message;
            failedLast = true;
        }

        private synchronized void succeeded(boolean part) {
            failedLast = false;
            progress = true;
            stored += part ? 1 : 0;
        }

        synchronized boolean takeProgress() {
            boolean was = progress;
            progress = false;
            return was;
        }

        synchronized String failure() {
            return failure == null ? "no attempt has ended yet" : failure;
        }

        synchronized @Nullable String failureSinceProgress() {
            return failedLast ? failure : null;
        }

        synchronized long stored() {
            return stored;
        }

        @Override
        public String describe() {
            return store.describe();
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
