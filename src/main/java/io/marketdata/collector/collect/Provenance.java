package io.marketdata.collector.collect;

import io.marketdata.collector.config.Network;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.Backlog;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.SpoolMarker;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.spool.SpoolSearch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps trades of two exchanges, or for two buckets, out of one spool: compares the settings with the
 * {@link SpoolMarker}, before anything is recorded or uploaded.
 */
public final class Provenance {

    private static final Logger LOG = LoggerFactory.getLogger(Provenance.class);

    private Provenance() {}

    /**
     * Makes sure that the spool belongs to the exchange and the bucket of the settings, or may from now on: any bucket if
     * the spool has no backlog, any exchange if nothing was ever recorded. Changes nothing.
     *
     * @throws SpoolRefusedException if it belongs to another exchange or bucket, with the ways out
     */
    public static void require(Settings settings, FileOps disk) throws IOException {
        Path localDir = settings.spool().directory();
        SpoolMarker wanted = wanted(settings);
        SpoolMarker found = SpoolMarker.read(disk, localDir).orElse(wanted);
        if (found.equals(wanted)) {
            return;
        }
        Backlog backlog = Backlog.below(localDir);
        boolean isSameExchange = found.network().equals(wanted.network());
        if (backlog.inUse() || !backlog.isEmpty() || !(isSameExchange || backlog.checkpoints() == 0)) {
            throw refused(localDir, found, wanted, backlog);
        }
    }

    /**
     * The same, and marks the spool as theirs if it has no marker or another one. Creates the directory if it is missing.
     *
     * @throws SpoolRefusedException as above; nothing has changed then
     */
    static void claim(Settings settings, FileOps disk) throws IOException {
        require(settings, disk);
        Path localDir = settings.spool().directory();
        disk.createDirectories(localDir);
        SpoolMarker wanted = wanted(settings);
        Optional<SpoolMarker> found = SpoolMarker.read(disk, localDir);
        if (found.isEmpty()) {
            adopt(localDir, wanted, disk);
        } else if (!found.get().equals(wanted)) {
            wanted.write(disk, localDir);
            LOG.info(
                    "The spool {} belonged to {} and holds no backlog; from now on it belongs to {}",
                    localDir,
                    text(found.get()),
                    text(wanted));
        }
    }

    private static SpoolMarker wanted(Settings settings) throws SpoolRefusedException {
        try {
            return new SpoolMarker(Network.of(settings), settings.store().identity());
        } catch (IllegalArgumentException e) {
            throw new SpoolRefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** Version 0.1.0 wrote no marker. */
    private static void adopt(Path localDir, SpoolMarker wanted, FileOps disk) throws IOException {
        if (SpoolSearch.isSpool(localDir)) {
            LOG.info(
                    "The spool {} was written by a version without {}; from now on it belongs to {}",
                    localDir,
                    SpoolMarker.file(localDir).getFileName(),
                    text(wanted));
        }
        try {
            wanted.write(disk, localDir);
        } catch (NoSpaceException e) {
            // A full disk must not end a collector whose uploads free the space.
            LOG.warn(
                    "{} could not be written, the next start tries again: {}",
                    SpoolMarker.file(localDir),
                    e.getMessage());
        }
    }

    /**
     * Makes sure that what waits in a spool belongs to a bucket. A spool without a marker belongs to any.
     *
     * @throws SpoolRefusedException if it belongs to another one, with the ways out
     */
    public static void requireBucket(StoreTarget bucket, Path localDir, FileOps disk) throws IOException {
        SpoolMarker found = SpoolMarker.read(disk, localDir).orElse(null);
        if (found != null && !found.bucket().equals(bucket.identity())) {
            throw new SpoolRefusedException("The spool " + localDir + " belongs to " + found.bucket() + ", as "
                    + SpoolMarker.file(localDir) + " says, and RAW_BUCKET is " + bucket.identity()
                    + ". Name the bucket to upload to: " + command(localDir, found));
        }
    }

    private static SpoolRefusedException refused(
            Path localDir, SpoolMarker found, SpoolMarker wanted, Backlog backlog) {
        String message = "The spool " + localDir + " belongs to " + text(found) + ", as " + SpoolMarker.file(localDir)
                + " says; the settings say " + text(wanted) + ". " + holds(backlog)
                + ". Nothing was changed. Set another LOCAL_DIR for the new settings, or restore the earlier WS_URL and"
                + " RAW_BUCKET.";
        if (backlog.inUse()) {
            return new SpoolRefusedException(message + " A process uses this spool now.");
        }
        return new SpoolRefusedException(
                backlog.isEmpty()
                        ? message + " To start over with this directory, delete it: rm -r " + localDir
                        : message + " To upload the backlog to the bucket that it belongs to: "
                                + command(localDir, found));
    }

    private static String holds(Backlog backlog) {
        if (!backlog.unreadable().isEmpty()) {
            return "Its backlog is not known: " + String.join("; ", backlog.unreadable());
        }
        return backlog.isEmpty()
                ? "Its checkpoints name trades of that exchange"
                : "It holds " + LogText.count(backlog.parts(), "part") + " and "
                        + LogText.count(backlog.unparsed(), "file") + " of unparsed messages that are not uploaded";
    }

    private static String text(SpoolMarker marker) {
        return "exchange " + marker.network() + ", bucket " + marker.bucket();
    }

    private static String command(Path localDir, SpoolMarker found) {
        String[] bucket = found.bucket().split(" at ", 2);
        return (bucket.length == 2 ? "AWS_ENDPOINT_URL_S3=(its address at " + bucket[1] + ") " : "")
                + BuildInfo.command() + " spool upload --dir " + localDir + " --to " + bucket[0];
    }
}
