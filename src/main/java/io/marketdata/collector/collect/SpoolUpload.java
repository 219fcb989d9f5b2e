package io.marketdata.collector.collect;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.model.LogText;
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
 * Uploads the backlog of a spool without recording, with the collector's own uploader. Only that uploader deletes, so
 * whatever the store has not confirmed is still in the spool at the end.
 */
public final class SpoolUpload {

    private static final Duration CHECK_PERIOD = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(2);
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Settings settings;
    private final WatchedStore store;
    private final FileOps disk;
    private final Time time;
    private final Consumer<String> out;

    /** Waits up to {@code longest} for the request to stop, and returns whether it was made. */
    public interface Stop {
        boolean await(Duration longest) throws InterruptedException;
    }

    /** @param out takes lines about the progress, for people */
    public SpoolUpload(Settings settings, ObjectStore store, FileOps disk, Time time, Consumer<String> out) {
        this.settings = settings;
        this.store = new WatchedStore(store);
        this.disk = disk;
        this.time = time;
        this.out = out;
    }

    /**
     * Uploads until the backlog is empty.
     *
     * @param patience ends after this time without a successful upload
     * @throws FileOps.LockedException if a process records into one of the directories; nothing was changed then
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
            out.accept("Quarantined " + LogText.count(damaged, "damaged part") + "; for details run spool check");
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
        Uploader uploader = new Wiring(settings, time).uploader(store);
        for (Spool spool : spools) {
            uploader.recorded(spool);
        }
        int found = new SpoolSweep(spools, uploader::offer, uploader::offerPacked).run();
        if (found == 0) {
            out.accept("Nothing to upload");
            return ExitCode.DONE;
        }
        out.accept("Uploading " + LogText.count(found, "part") + " to " + store.describe());
        CompletableFuture<Throwable> fault = new CompletableFuture<>();
        // No watchdog: the loop in watch() ends after its patience anyway.
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
        // An upload in flight may finish, unless the store has not answered for the whole patience.
        if (!threads.stop(stop.await(Duration.ZERO) ? settings.shutdownBudget() : LAST_WAIT)) {
            out.accept("An upload was interrupted; the next one repeats it");
        }
        return code;
    }

    private ExitCode watch(
            Uploader uploader, int found, Duration patience, Stop stop, CompletableFuture<Throwable> fault)
            throws InterruptedException {
        long progressNanos = time.nanoTime();
        long reportedNanos = progressNanos;
        int reportedLeft = found;
        int before = found;
        for (int left = uploader.waiting(); left > 0; left = uploader.waiting()) {
            if (fault.isDone()) {
                out.accept("Internal fault: " + fault.join());
                out.accept(remains(uploader.waiting()));
                return ExitCode.INTERNAL;
            }
            if (stop.await(CHECK_PERIOD)) {
                out.accept("Stopped early: " + remains(uploader.waiting()));
                return ExitCode.FOUND_WANTING;
            }
            long now = time.nanoTime();
            if (left < before || store.takeProgress()) {
                before = left;
                progressNanos = now;
            }
            if (now - progressNanos >= patience.toNanos()) {
                out.accept("Nothing could be uploaded for " + patience.toSeconds() + " s: " + store.failure());
                out.accept(remains(uploader.waiting()));
                return ExitCode.FOUND_WANTING;
            }
            if (now - reportedNanos >= REPORT_NANOS || (reportedLeft - left) * 10L >= found) {
                out.accept(progress(found, left));
                reportedNanos = now;
                reportedLeft = left;
            }
        }
        out.accept(
                "Done: uploaded " + LogText.count(store.stored(), "part") + " to " + store.describe() + ", none left");
        return ExitCode.DONE;
    }

    private String progress(int found, int left) {
        String failure = store.failureSinceProgress();
        return (found - left) + " of " + found + " done, " + left + " left"
                + (failure == null ? "" : "; the last attempt failed: " + failure);
    }

    private static String remains(int left) {
        return LogText.count(left, "part") + " left in the spool; run this command again or start the collector";
    }

    /** The store, with a record of its answers. Any thread. */
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
            return failure == null ? "no attempt has finished yet" : failure;
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
