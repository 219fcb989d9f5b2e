package io.marketdata.collector.health;

import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.UploadStatus;
import io.marketdata.collector.upload.Uploader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks whether recorded trades reach the bucket. */
public record StorageHealth(
        Uploader uploader, UnparsedUpload unparsed, SpaceWatch space, UploadMetrics metrics, Time time) {

    private static final Duration UPLOAD_PATIENCE = Duration.ofSeconds(30);

    /** Needed because a store that never answers fails first after the call timeout, which is longer than a minute. */
    private static final Duration STALL_PATIENCE = Duration.ofSeconds(45);

    /** Ten times the usual age of a part. */
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(50);

    /** Characters kept of an error message of the store. */
    private static final int MAX_MESSAGE = 500;

    public List<Check> checks() {
        RecentGrowth taken = new RecentGrowth(metrics.nameCollisions::getLongValue, time);
        RecentGrowth quarantined = new RecentGrowth(metrics.linesQuarantined::getLongValue, time);
        return List.of(
                new Check("spool_full", Status.FAILING, Duration.ZERO, this::spoolFull),
                new Check("spool_filling", Status.DEGRADED, Duration.ZERO, this::spoolFilling),
                new Check("uploads_refused", Status.FAILING, UPLOAD_PATIENCE, () -> uploads(true)),
                new Check("uploads_failing", Status.DEGRADED, UPLOAD_PATIENCE, () -> uploads(false)),
                new Check("uploads_stalled", Status.DEGRADED, STALL_PATIENCE, this::uploadsStalled),
                new Check("backlog", Status.DEGRADED, BACKLOG_PATIENCE, this::backlog),
                new Check("unparsed_not_uploaded", Status.DEGRADED, UPLOAD_PATIENCE, this::unparsedNotUploaded),
                new Check("not_deleted", Status.DEGRADED, Duration.ZERO, this::notDeleted),
                new Check("name_taken", Status.DEGRADED, Duration.ZERO, () -> taken(taken.now())),
                new Check("quarantined", Status.DEGRADED, Duration.ZERO, () -> quarantined(quarantined.now())));
    }

    private @Nullable Finding spoolFull() {
        return Finding.when(
                space.isFull(),
                "ingestion is paused because the spool is full: free disk space, or find out why uploads fail");
    }

    private @Nullable Finding spoolFilling() {
        double ratio = space.fillRatio();
        int percent = (int) (Math.min(1, ratio) * 100);
        return Finding.when(
                ratio >= SpaceWatch.WARN_FROM, "the spool is " + percent + " % full: find out why uploads fail");
    }

    private @Nullable Finding uploads(boolean refused) {
        UploadStatus uploads = uploader.uploads();
        if (uploads.failure() == null || (uploads.failure() == StoreException.Kind.REFUSED) != refused) {
            return null;
        }
        return new Finding(
                "uploads fail, backlog " + parts(uploads) + ": " + shortened(uploads.message()), uploads.failingFor());
    }

    private @Nullable Finding uploadsStalled() {
        UploadStatus uploads = uploader.uploads();
        Duration lasting = uploads.sinceProgress();
        String text = "no upload for " + lasting.toSeconds() + " s, backlog " + parts(uploads);
        return uploads.backlog() == 0 ? null : new Finding(text, lasting);
    }

    private @Nullable Finding backlog() {
        UploadStatus uploads = uploader.uploads();
        Duration age = uploads.oldestAge();
        String text = "backlog " + parts(uploads) + ", the oldest for " + age.toSeconds() + " s";
        return uploads.backlog() == 0 ? null : new Finding(text, age);
    }

    private static String parts(UploadStatus uploads) {
        return LogText.count(uploads.backlog(), "part");
    }

    private @Nullable Finding unparsedNotUploaded() {
        UnparsedUpload.Failure failure = unparsed.failure();
        if (failure == null) {
            return null;
        }
        String text = LogText.count(failure.files(), "file") + " of frames that were not understood left in unparsed/,"
                + " the upload fails (it needs the permission to put objects below unparsed/): "
                + shortened(failure.message());
        return new Finding(text, Duration.ofNanos(time.nanoTime() - failure.sinceNanos()));
    }

    private static String shortened(String message) {
        return message.substring(0, Math.min(MAX_MESSAGE, message.length()));
    }

    private @Nullable Finding notDeleted() {
        int parts = uploader.uploads().notDeleted();
        return Finding.when(
                parts != 0,
                LogText.count(parts, "uploaded part")
                        + " cannot be deleted from the spool: check that its disk is writable, and the files' owner");
    }

    private static @Nullable Finding taken(long names) {
        return Finding.when(
                names != 0,
                LogText.count(names, "object name")
                        + " already taken in the bucket by other content; nothing was overwritten. Check whether two"
                        + " collectors share an INSTANCE_ID, or one runs on a copy of a spool");
    }

    private static @Nullable Finding quarantined(long lines) {
        return Finding.when(
                lines != 0,
                LogText.count(lines, "line")
                        + " of the spool in quarantine/: not complete trade records. One after a crash or power loss is"
                        + " normal; more mean that the disk loses data");
    }
}
