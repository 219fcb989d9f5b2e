package io.marketdata.collector.upload;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.IndexFile;
import io.marketdata.collector.spool.ManifestLog;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads indexes: of each symbol, instance and UTC hour one object with all manifests that the bucket has confirmed, once
 * the hour has ended and the delay has passed. Manifests of that hour that are confirmed later are in further objects, at
 * most one for each hour in which that happens; each start of the collector may add one.
 *
 * <p>An index only saves requests. So nothing here delays or fails the upload of a part: what goes wrong is counted,
 * logged and retried, and what exceeds the bounds of {@link ManifestLog} is in no index.
 *
 * <p>{@link #add} on any thread, the rest on one.
 */
public final class IndexUpload {

    private static final Duration LOG_EVERY = Duration.ofHours(1);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(59);

    /** The disk may take much until then: a backfill of a month is 720 indexes at once. */
    private static final long LONGEST_LATE_NANOS = TimeUnit.HOURS.toNanos(24);

    /** Objects of one hour; more are not expected in the life of a bucket. */
    private static final int MAX_NUMBER = 9_999;

    private static final Logger LOG = LoggerFactory.getLogger(IndexUpload.class);

    private final ObjectStore store;
    private final Options options;
    private final Time time;
    private final UploadMetrics metrics;
    private final LogThrottle faults = new LogThrottle(LOG_EVERY);

    /** Of each directory, the hour in which everything that was due was uploaded; hours since 1970, see {@link #hour}. */
    private final Map<Path, Long> done = new HashMap<>();

    /** Of each directory with indexes that are due and not uploaded, when that was first seen; monotonic. */
    private final Map<Path, Long> lateSince = new HashMap<>();

    /** The directory whose index the store did not take the last time; it is left out once, for the sake of the others. */
    private @Nullable Path failed;

    private long pauseEndsNanos;

    /**
     * When indexes are made.
     *
     * @param on whether they are made
     * @param delay after the end of an hour, at least 0
     * @param gzipLevel 1 (fast) to 9 (small)
     */
    public record Options(boolean on, Duration delay, int gzipLevel) {}

    public IndexUpload(ObjectStore store, Options options, Time time, UploadMetrics metrics) {
        this.store = store;
        this.options = options;
        this.time = time;
        this.metrics = metrics;
        this.pauseEndsNanos = time.nanoTime();
    }

    /**
     * Takes a manifest that the bucket has confirmed, before its part is deleted from the spool. It survives a power loss
     * from then on. A failure is reported here and is none of the caller's.
     *
     * @param manifest as it is in the bucket
     */
    public void add(Spool spool, PartName part, byte[] manifest) {
        if (!options.on() || !isOneLine(manifest)) {
            return;
        }
        try {
            int dropped = spool.manifests().add(part, manifest);
            if (dropped > 0) {
                failed("full", spool.directory(), LogText.count(dropped, "manifest") + " will be in no index");
            }
        } catch (IOException | RuntimeException e) {
            failed("add", spool.directory(), e.toString());
        }
    }

    /** Not of a manifest that another program wrote. */
    private static boolean isOneLine(byte[] manifest) {
        for (int i = 0; i < manifest.length - 1; i++) {
            if (manifest[i] == '\n') {
                return false;
            }
        }
        return manifest.length > 0 && manifest[manifest.length - 1] == '\n';
    }

    /** Number of the UTC hour that is not due yet; every earlier one is. */
    private long hour() {
        return Math.floorDiv(time.epochMillis() - options.delay().toMillis(), IndexFile.HOUR_MS);
    }

    /** Whether {@link #run} has something to do in a directory that is not open. */
    public boolean isDue(SpoolFolder folder) throws IOException {
        if (!options.on() || isDone(folder.directory()) || isPausing()) {
            return false;
        }
        long before = hour() * IndexFile.HOUR_MS;
        boolean[] found = new boolean[1];
        folder.forEach(file -> found[0] |= file.kind() == SpoolFile.Kind.INDEX && file.sinceMs() < before);
        if (!found[0]) {
            done.put(folder.directory(), hour());
        }
        return found[0];
    }

    /** Not if the wall clock has been set back since. */
    private boolean isDone(Path directory) {
        Long last = done.get(directory);
        return last != null && last == hour();
    }

    private boolean isPausing() {
        return time.nanoTime() - pauseEndsNanos < 0;
    }

    private boolean isLeftOut(Path directory) {
        boolean leftOut = directory.equals(failed);
        failed = leftOut ? null : failed;
        return leftOut;
    }

    /**
     * Uploads every index of a symbol that is due; does nothing most of the time. After a put that failed all directories
     * wait for a minute, and that one for another. After
     * a day of failures only the newest sealed files are kept.
     *
     * @param beforePut called before each put
     */
    public void run(Spool spool, Runnable beforePut) {
        Path directory = spool.directory();
        try {
            spool.manifests().flush();
            if (!options.on() || isDone(directory)) {
                return;
            }
            long now = time.nanoTime();
            if (now - lateSince.computeIfAbsent(directory, each -> now) >= LONGEST_LATE_NANOS) {
                trim(spool);
            }
            if (isPausing() || isLeftOut(directory)) {
                return;
            }
            long hour = hour();
            for (IndexFile file : spool.manifests().seal(hour * IndexFile.HOUR_MS)) {
                upload(spool, file, beforePut);
            }
            done.put(directory, hour);
            lateSince.remove(directory);
        } catch (StoreException e) {
            failed = directory;
            pauseEndsNanos = time.nanoTime() + PAUSE_NANOS;
            failed(e.kind(), directory, e.getMessage());
        } catch (IOException | RuntimeException e) {
            failed("disk", directory, e.toString());
        }
    }

    private void upload(Spool spool, IndexFile file, Runnable beforePut) throws IOException, StoreException {
        ManifestLog log = spool.manifests();
        NavigableMap<String, byte[]> manifests = manifests(log.read(file), file);
        if (!manifests.isEmpty()) {
            byte[] object = ManifestIndex.write(manifests, options.gzipLevel());
            String key = put(spool.symbol(), file, object, beforePut);
            metrics.indexesUploaded.inc();
            faults.reset();
            LOG.info("Uploaded: {} ({}, {} bytes)", key, LogText.count(manifests.size(), "manifest"), object.length);
        }
        log.delete(file);
    }

    /** Each manifest once, by its key. A line that is none was torn by a crash, and its manifest is there again. */
    private static NavigableMap<String, byte[]> manifests(byte[] lines, IndexFile file) {
        NavigableMap<String, byte[]> manifests = new TreeMap<>();
        int others = 0;
        int from = 0;
        for (int i = 0; i < lines.length; i++) {
            if (lines[i] == '\n') {
                others += i == from || put(Arrays.copyOfRange(lines, from, i + 1), manifests) ? 0 : 1;
                from = i + 1;
            }
        }
        if (others > 0) {
            LOG.warn(
                    "Left out of {}: {} that a crash has torn or that is damaged", file, LogText.count(others, "line"));
        }
        return manifests;
    }

    private static boolean put(byte[] line, NavigableMap<String, byte[]> manifests) {
        try {
            manifests.put(KeyLayout.manifestOf(ManifestJson.read(line).payload().s3Key()), line);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Under the first number that is free, or has this very object. */
    private String put(Symbol symbol, IndexFile file, byte[] object, Runnable beforePut) throws StoreException {
        Sha256 sha256 = Sha256.of(object);
        for (int number = 0; number <= MAX_NUMBER; number++) {
            String key = KeyLayout.index(symbol, file.instance(), file.hourMs(), number);
            beforePut.run();
            if (store.put(key, object, sha256, ContentType.GZIP) != PutOutcome.NAME_TAKEN) {
                return key;
            }
        }
        String last = KeyLayout.index(symbol, file.instance(), file.hourMs(), MAX_NUMBER);
        throw new StoreException(
                StoreException.Kind.REFUSED, store.describe() + " has other content under every name up to " + last);
    }

    private void trim(Spool spool) throws IOException {
        int deleted = spool.manifests().trim();
        if (deleted > 0) {
            String hours = LogText.count(deleted, "hour");
            failed(
                    "full",
                    spool.directory(),
                    "no index will be made of " + hours + ", of which manifests are on the disk");
        }
    }

    private void failed(Object kind, Path directory, @Nullable String message) {
        metrics.indexFailures.inc();
        if (faults.admits(kind, time.nanoTime())) {
            String what =
                    "The index of the manifests in {} is late or incomplete, retrying; trades are not affected, and"
                            + " what no index holds can be read manifest by manifest. The bucket needs the permissions of raw/* on"
                            + " index/* as well, or set index.enabled: no. The fault: {}";
            LOG.warn(what, directory, message);
        }
    }
}
