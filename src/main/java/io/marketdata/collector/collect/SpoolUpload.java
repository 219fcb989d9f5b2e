package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.spool.UnparsedFolder;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.upload.IndexUpload;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.UploadStatus;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private static final String PARTS = "part";
    private static final String FRAMES = "unparsed file";

    private final Settings settings;
    private final ObjectStore store;
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
        this.store = store;
        this.disk = disk;
        this.time = time;
        this.out = out;
    }

    /**
     * Uploads until the backlog is empty. A directory that cannot be read is reported and left out.
     *
     * @param localDir whose frames that were not understood are uploaded as well; null to leave them
     * @param patience ends after this time without a successful upload
     * @throws FileOps.LockedException if a process records into one of the directories; nothing was changed then
     */
    public ExitCode run(List<SpoolFolder> folders, @Nullable Path localDir, Duration patience, Stop stop)
            throws IOException, InterruptedException {
        Wiring wiring = new Wiring(settings, time);
        List<Spool> spools = new ArrayList<>();
        try (UnparsedFrames frames = localDir == null ? null : wiring.unparsedFrames(disk, localDir)) {
            List<SpoolFolder> opened = open(folders, spools);
            long damagedBefore = damaged(opened);
            IndexUpload index = wiring.index(store);
            ExitCode code = upload(wiring, index, spools, holdsFrames(frames), patience, stop);
            if (code == ExitCode.DONE) {
                // Those of hours that are not over stay for the next run; a failure is logged and is none of this run.
                spools.forEach(spool -> index.run(spool, () -> {}));
            }
            if (code == ExitCode.DONE && frames != null) {
                code = upload(wiring, frames, patience, stop);
            }
            long damaged = damaged(opened) - damagedBefore;
            if (damaged > 0) {
                out.accept("Quarantined " + LogText.count(damaged, "damaged part") + "; for details run spool check");
            }
            boolean isAll = damaged == 0 && opened.size() == folders.size();
            return code == ExitCode.DONE && !isAll ? ExitCode.FOUND_WANTING : code;
        } finally {
            for (Spool spool : spools) {
                spool.close();
            }
        }
    }

    private static boolean holdsFrames(@Nullable UnparsedFrames frames) throws IOException {
        UnparsedFolder folder = frames == null ? null : frames.folder();
        return folder != null && !folder.sealed().isEmpty();
    }

    /** Opens the folders, and returns those that could be read. */
    private List<SpoolFolder> open(List<SpoolFolder> folders, List<Spool> spools) throws FileOps.LockedException {
        List<SpoolFolder> opened = new ArrayList<>();
        for (SpoolFolder folder : folders) {
            try {
                spools.add(folder.open(disk));
                opened.add(folder);
            } catch (FileOps.LockedException e) {
                throw e;
            } catch (IOException e) {
                out.accept("Left out " + folder.directory() + ", which cannot be read: " + e);
            }
        }
        return opened;
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

    private ExitCode upload(
            Wiring wiring, IndexUpload index, List<Spool> spools, boolean framesFollow, Duration patience, Stop stop)
            throws IOException, InterruptedException {
        Uploader uploader = wiring.uploader(store, index);
        for (Spool spool : spools) {
            uploader.recorded(spool);
        }
        int found = new SpoolSweep(spools, uploader::offer, uploader::offerPacked).run();
        if (found == 0) {
            out.accept("Nothing to upload" + (framesFollow ? " but unparsed files" : ""));
            return ExitCode.DONE;
        }
        out.accept("Uploading " + LogText.count(found, "part") + " to " + store.describe());
        CompletableFuture<Throwable> fault = new CompletableFuture<>();
        // No watchdog: the loop in watch() ends after its patience anyway.
        Threads threads = new Threads(time, new Watchdog(hangs -> {}), fault::complete);
        CollectorThreads.uploadLoops(threads, uploader, settings.upload().workers(), patience, patience, IDLE_NANOS);
        ExitCode code = watch(uploader, found, patience, stop, fault);
        // An upload in flight may finish, unless the store has not answered for the whole patience.
        if (!threads.stop(stop.await(Duration.ZERO) ? settings.shutdownBudget() : LAST_WAIT)) {
            out.accept("An upload was interrupted; the next one repeats it");
        }
        if (code == ExitCode.DONE) {
            long stored = Metrics.sum(wiring.metrics().upload().partsUploaded);
            out.accept("Done: uploaded " + LogText.count(stored, "part") + " to " + store.describe() + ", none left");
        }
        return code;
    }

    private ExitCode watch(
            Uploader uploader, int found, Duration patience, Stop stop, CompletableFuture<Throwable> fault)
            throws InterruptedException {
        Progress progress = new Progress(found);
        for (int left = found; left > 0; left = uploader.backlog()) {
            UploadStatus status = uploader.uploads();
            if (fault.isDone()) {
                out.accept("Internal fault: " + fault.join());
                out.accept(remains(left, PARTS));
                return ExitCode.INTERNAL;
            }
            if (stop.await(CHECK_PERIOD)) {
                out.accept("Stopped early: " + remains(left, PARTS));
                return ExitCode.FOUND_WANTING;
            }
            if (status.sinceProgress().compareTo(patience) >= 0) {
                out.accept("Nothing could be uploaded for " + patience.toSeconds() + " s: " + reason(status));
                out.accept(remains(left, PARTS));
                return ExitCode.FOUND_WANTING;
            }
            progress.report(left, status.failure() == null ? null : status.message());
        }
        return ExitCode.DONE;
    }

    /** Uploads the frames that were not understood. */
    private ExitCode upload(Wiring wiring, UnparsedFrames frames, Duration patience, Stop stop)
            throws IOException, InterruptedException {
        UnparsedFolder folder = frames.folder();
        if (folder == null) {
            out.accept("Left out " + UnparsedFolder.NAME + "/, which cannot be used: the log says why");
            return ExitCode.FOUND_WANTING;
        }
        int found = folder.sealed().size();
        if (found > 0) {
            out.accept("Uploading " + LogText.count(found, FRAMES) + " to " + store.describe());
        }
        UnparsedUpload uploads = wiring.unparsedUpload(frames, store);
        Progress progress = new Progress(found);
        long progressNanos = time.nanoTime();
        for (int left = found; left > 0; ) {
            AtomicBoolean isFirst = new AtomicBoolean(true);
            uploads.run(() -> isFirst.getAndSet(false));
            int before = left;
            left = folder.sealed().size();
            progressNanos = left < before ? time.nanoTime() : progressNanos;
            UnparsedUpload.Failure failure = uploads.failure();
            String message = failure == null ? null : failure.message();
            if (left > 0 && time.nanoTime() - progressNanos >= patience.toNanos()) {
                out.accept("Nothing could be uploaded for " + patience.toSeconds() + " s: " + message);
                out.accept(remains(left, FRAMES));
                return ExitCode.FOUND_WANTING;
            }
            if (left > 0 && stop.await(failure == null ? Duration.ZERO : CHECK_PERIOD)) {
                out.accept("Stopped early: " + remains(left, FRAMES));
                return ExitCode.FOUND_WANTING;
            }
            progress.report(left, message);
        }
        if (found > 0) {
            out.accept("Done: uploaded " + LogText.count(found, FRAMES) + ", none left");
        }
        return ExitCode.DONE;
    }

    private static String reason(UploadStatus status) {
        return status.failure() == null ? "no attempt has finished yet" : status.message();
    }

    /** Reports the progress every 5 s, and after each tenth of the parts. */
    private final class Progress {
        private final int found;
        private int reportedLeft;
        private long reportedNanos = time.nanoTime();

        Progress(int found) {
            this.found = found;
            this.reportedLeft = found;
        }

        void report(int left, @Nullable String failure) {
            long now = time.nanoTime();
            if (now - reportedNanos >= REPORT_NANOS || (reportedLeft - left) * 10L >= found) {
                reportedNanos = now;
                reportedLeft = left;
                out.accept((found - left) + " of " + found + " done, " + left + " left"
                        + (failure == null ? "" : "; the last attempt failed: " + failure));
            }
        }
    }

    private static String remains(int left, String what) {
        return LogText.count(left, what) + " left in the spool; run this command again or start the collector";
    }
}
