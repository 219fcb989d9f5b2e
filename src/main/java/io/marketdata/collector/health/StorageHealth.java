package io.marketdata.collector.health;

import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.UploadStatus;
import io.marketdata.collector.upload.Uploader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why what was recorded may not reach the bucket. */
public record StorageHealth(Uploader uploader, SpaceWatch space, UploadMetrics metrics, Time time) {

    private static final Duration UPLOAD_PATIENCE = Duration.ofSeconds(30);

    /** A store that never answers fails for the first time after the call time-out, which is longer than a minute. */
    private static final Duration STALL_PATIENCE = Duration.ofSeconds(45);

    /** Ten times the usual age of a part. */
    private static final Duration BACKLOG_PATIENCE = Duration.ofSeconds(50);

    /** The messages of others are cut to this. */
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
                new Check("not_deleted", Status.DEGRADED, Duration.ZERO, this::notDeleted),
                new Check("name_taken", Status.DEGRADED, Duration.ZERO, () -> taken(taken.now())),
                new Check("quarantined", Status.DEGRADED, Duration.ZERO, () -> quarantined(quarantined.now())));
    }

    private @Nullable Finding spoolFull() {
        return space.isFull()
                ? new Finding("reading has stopped because the spool is full: make room, or see why uploads fail", null)
                : null;
    }

    private @Nullable Finding spoolFilling() {
        double ratio = space.fillRatio();
        return ratio < SpaceWatch.WARN_FROM
                ? null
                : new Finding(
                        "the spool is " + (int) (Math.min(1, ratio) * 100) + " % full: see why uploads fail", null);
    }

    private @Nullable Finding uploads(boolean refused) {
        UploadStatus uploads = uploader.uploads();
        if (uploads.failure() == null || (uploads.failure() == StoreException.Kind.REFUSED) != refused) {
            return null;
        }
        String message = uploads.message();
        return new Finding(
                "uploads fail, " + uploads.backlog() + " parts wait in the spool: "
                        + message.substring(0, Math.min(MAX_MESSAGE, message.length())),
                uploads.failingFor());
    }

    private @Nullable Finding uploadsStalled() {
        UploadStatus uploads = uploader.uploads();
        return uploads.backlog() == 0
                ? null
                : new Finding(
                        "nothing was uploaded for " + uploads.sinceProgress().toSeconds() + " s while "
                                + uploads.backlog() + " parts wait",
                        uploads.sinceProgress());
    }

    private @Nullable Finding backlog() {
        UploadStatus uploads = uploader.uploads();
        return uploads.backlog() == 0
                ? null
                : new Finding(
                        uploads.backlog() + " parts wait, the oldest for "
                                + uploads.oldestAge().toSeconds() + " s",
                        uploads.oldestAge());
    }

    private @Nullable Finding notDeleted() {
        int parts = uploader.uploads().notDeleted();
        return parts == 0
                ? null
                : new Finding(
                        parts + " parts are in the bucket and cannot be deleted from the spool: see whether its disk is"
                                + " writable, and who owns the files",
                        null);
    }

    private static @Nullable Finding taken(long names) {
        return names == 0
                ? null
                : new Finding(
                        names
                                + " objects of our name with other content were in the bucket: see whether two collectors share"
                                + " an INSTANCE_ID, or one runs on the copy of a spool. Nothing was overwritten",
                        null);
    }

    private static @Nullable Finding quarantined(long lines) {
        return lines == 0
                ? null
                : new Finding(
                        lines
                                + " lines of the spool were no whole trades and lie in quarantine/. One after a crash or power"
                                + " loss is usual; more mean a disk that loses data",
                        null);
    }
}
