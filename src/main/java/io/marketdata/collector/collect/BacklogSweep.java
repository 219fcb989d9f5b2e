package io.marketdata.collector.collect;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.FileOps.LockedException;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.upload.IndexUpload;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the backlog in every directory below {@code LOCAL_DIR}, at the start and every minute: in those into which this
 * process records, and in those into which no process records, of symbols that are no longer in {@code SYMBOL} and of
 * backfills that have ended. The lock of the latter is held only while there is a backlog, so that a backfill can start.
 * A directory that cannot be swept does not stop the others.
 *
 * <p>One thread; {@link #close} when that has ended.
 */
final class BacklogSweep {

    private static final Logger LOG = LoggerFactory.getLogger(BacklogSweep.class);

    private final FileOps disk;
    private final Path localDir;
    private final Uploader uploader;
    private final IndexUpload index;
    private final SpoolSweep sweep;

    /** By directory. Their locks belong to others, and no lock file may be opened twice in a process. */
    private final Map<Path, Spool> recording = new LinkedHashMap<>();

    /** Directories without a recording process that had a backlog at the last sweep, by path. */
    private final Map<Path, Spool> drained = new HashMap<>();

    /** Why a directory was not swept the last time, as logged. */
    private final Map<Path, String> skipped = new HashMap<>();

    /** @param recording the spools that this process has opened for recording; they stay open */
    BacklogSweep(FileOps disk, Path localDir, List<Spool> recording, Uploader uploader, IndexUpload index) {
        this.disk = disk;
        this.localDir = localDir;
        this.uploader = uploader;
        this.index = index;
        this.sweep = new SpoolSweep(recording, uploader::offer, uploader::offerPacked);
        recording.forEach(spool -> this.recording.put(spool.directory(), spool));
    }

    /**
     * Sweeps every directory once, and then uploads the indexes that are due; parts that the uploader knows already are
     * ignored by it.
     */
    void run(ThreadProgress progress) {
        recording.forEach((directory, spool) -> {
            try {
                sweep.run(spool);
                skipped.remove(directory);
            } catch (IOException e) {
                skip(directory, e);
            }
        });
        SpoolFolder.eachBelow(
                localDir,
                folder -> {
                    if (!recording.containsKey(folder.directory())) {
                        drain(folder, progress);
                        skipped.remove(folder.directory());
                    }
                },
                this::skip);
        recording.values().forEach(spool -> index.run(spool, progress::busy));
    }

    private void drain(SpoolFolder folder, ThreadProgress progress) throws IOException {
        Path directory = folder.directory();
        Spool known = drained.get(directory);
        boolean hasBacklog = known == null && folder.hasBacklog();
        if (known == null && !hasBacklog && !index.isDue(folder)) {
            return;
        }
        if (hasBacklog) {
            LOG.info("Uploading the backlog in {}, into which no process records", directory);
        }
        Spool spool = known == null ? open(folder) : known;
        int left = sweep.run(spool);
        index.run(spool, progress::busy);
        if (left == 0) {
            drained.remove(directory);
            spool.close();
        }
    }

    /** Its checkpoint is updated before anything in it is packed. */
    private Spool open(SpoolFolder folder) throws IOException {
        Spool spool = folder.open(disk);
        try {
            uploader.recorded(spool);
        } catch (IOException e) {
            spool.close();
            throw e;
        }
        drained.put(folder.directory(), spool);
        return spool;
    }

    /** Once for each reason, however often it is met. */
    private void skip(Path directory, IOException e) {
        String reason = e.toString();
        if (reason.equals(skipped.put(directory, reason))) {
            LOG.debug("{} is still not swept: {}", directory, reason);
        } else if (e instanceof LockedException) {
            LOG.info("{} is used by another process, which uploads its backlog", directory);
        } else {
            LOG.warn("The backlog in {} is not uploaded, trying again every minute: {}", directory, reason);
        }
    }

    /** Releases the locks that it holds. */
    void close() throws IOException {
        for (Spool spool : drained.values()) {
            spool.close();
        }
    }
}
