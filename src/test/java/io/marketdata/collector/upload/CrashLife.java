package io.marketdata.collector.upload;

import io.marketdata.collector.collect.CollectorMetrics;
import io.marketdata.collector.collect.EarlierRun;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.DiscardingSink;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One life of the collector, from its start to its end or to a crash: the production spool, writers, sweep and
 * uploader, wired as in {@code Collector}, with one thread that does the work of all in a fixed order.
 */
final class CrashLife {

    static final Path HOME = Path.of("/spool");

    /** Ids 100 to 104 are in the first slot of 5 s, 105 to 109 in the second, and so on. */
    static final long FIRST = 100;

    /** Id that the collector records after a crash, in addition to the leftovers. */
    static final long FRESH = 120;

    private static final long SLOT = 1_736_950_335_000L;
    private static final InstanceId INSTANCE = new InstanceId("local-001");
    private static final RotationPolicy POLICY = new RotationPolicy(2 << 20, Duration.ofSeconds(5));
    private static final CollectorMetrics METRICS = new CollectorMetrics(new Metrics());

    /** The bucket holds another object under this name. */
    static final PartName TAKEN = new PartName(INSTANCE, Origin.STREAM, timeOf(110));

    /** Left in the spool by an earlier run, then damaged. */
    static final PartName DAMAGED = new PartName(INSTANCE, Origin.STREAM, SLOT - 60_000);

    private final ManualTime time = new ManualTime();
    private final CrashBucket bucket;
    private final Spool spool;
    private final Uploader uploader;
    private final IndexUpload index;
    private final LineArbiter arbiter;
    private final RotatingWriter stream;
    private final RotatingWriter backfilled;
    private final RotatingWriter archived;
    private final Set<Long> accepted = new TreeSet<>();
    private final Set<Long> durable = new TreeSet<>();

    /** Starts as the collector does. */
    CrashLife(FileOps disk, ObjectStore store, CrashBucket bucket) throws IOException {
        this.bucket = bucket;
        spool = Spool.open(disk, HOME, Trades.BTCUSDT);
        uploader = new Uploader(
                store,
                1,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                time,
                () -> 0.999,
                METRICS.upload());
        index = new IndexUpload(
                store, new IndexUpload.Options(true, Duration.ofMinutes(15), 1), time, METRICS.upload());
        uploader.onCommitted(index::add);
        stream = new RotatingWriter(spool, INSTANCE, Origin.STREAM, POLICY, time, METRICS.spool(), uploader::offer);
        backfilled = new RotatingWriter(spool, INSTANCE, Origin.REST, POLICY, time, METRICS.spool(), uploader::offer);
        archived = new RotatingWriter(spool, INSTANCE, Origin.ARCHIVE, POLICY, time, METRICS.spool(), uploader::offer);
        arbiter = arbiter(uploader);
        new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
    }

    /** Trade time. Time and payload are functions of the id, so that every line can be checked. */
    static long timeOf(long id) {
        return SLOT + 5_000 * ((id - FIRST) / 5) + 7 * ((id - FIRST) % 5);
    }

    /** Whether it is the line of a trade that was made. */
    static boolean isTrade(String line) {
        for (long id = FIRST; id <= FRESH; id++) {
            if (line.equals(Trades.line(id, timeOf(id)))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Records for 15 s: four slots, gaps between them, trades backfilled over REST and from an archive, before and after the
     * part that reveals their gap, uploads between appends, a lost response, a name that is taken, an index that
     * cannot be put before the last parts of its hour, and an open part at the end.
     */
    void record() throws IOException {
        append(stream, 100, 101);
        second();
        append(stream, 102);
        second();
        append(stream, 105);
        second();
        rotate();
        append(stream, 106);
        pack();
        append(backfilled, 103);
        append(stream, 107);
        bucket.loseNextAnswer();
        upload();
        second();
        second();
        append(stream, 110);
        append(archived, 109);
        rotate();
        second();
        pack();
        append(stream, 111);
        upload();
        pack();
        upload();
        second();
        second();
        second();
        rotate();
        pack();
        append(stream, 112);
        upload();
        second();
        append(stream, 115);
        rotate();
        while (uploader.packNext()) {}
        append(stream, 116);
        upload();
        upload();
        bucket.refuseNextPut();
        index(Duration.ofHours(2));
        while (uploader.uploadNext()) {}
        second();
        append(stream, 117);
    }

    /** Uploads indexes, with the wall clock this much ahead. */
    private void index(Duration ahead) {
        time.jumpWallClock(ahead);
        index.run(spool, () -> {});
        time.jumpWallClock(ahead.negated());
    }

    /** Records one more trade, and uploads everything, the indexes as well. */
    void finish() throws IOException {
        append(stream, FRESH);
        stream.close();
        backfilled.close();
        archived.close();
        for (int i = 0; i < 8 && uploader.backlog() > 0; i++) {
            while (uploader.packNext() || uploader.uploadNext()) {}
            time.advance(Duration.ofMinutes(2));
        }
        // A second index of an hour follows an hour after the first.
        index(Duration.ofHours(2));
        index(Duration.ofHours(3));
    }

    private void append(RotatingWriter writer, long... ids) throws IOException {
        for (long id : ids) {
            writer.append(Trades.trade(id, timeOf(id)));
            accepted.add(id);
        }
    }

    private void second() throws IOException {
        time.advance(Duration.ofSeconds(1));
        Set<Long> now = new TreeSet<>(accepted);
        stream.sync();
        backfilled.sync();
        archived.sync();
        durable.addAll(now);
    }

    private void rotate() throws IOException {
        backfilled.rotateDue();
        archived.rotateDue();
        stream.rotateDue();
    }

    private void pack() {
        uploader.packNext();
    }

    private void upload() {
        uploader.uploadNext();
    }

    /** Ids for which {@code append} has returned: promised to survive a kill. */
    Set<Long> accepted() {
        return Set.copyOf(accepted);
    }

    /** Ids for which {@code sync} has returned since: promised to survive a power loss. */
    Set<Long> durable() {
        return Set.copyOf(durable);
    }

    Path directory() {
        return spool.directory();
    }

    /** The arbiter as this life resumed it at its start. */
    LineArbiter arbiterAtStart() {
        return arbiter;
    }

    /** The arbiter as the next life would resume it. */
    LineArbiter arbiterNow() throws IOException {
        return arbiter(uploader);
    }

    private LineArbiter arbiter(Uploader from) throws IOException {
        LineArbiter.Limits limits = new LineArbiter.Limits(5_000_000, Duration.ofHours(24));
        LineArbiter resumed = new LineArbiter(Trades.BTCUSDT, new DiscardingSink(), limits, time, METRICS.feed());
        EarlierRun.resume(resumed, spool, from, limits.maxAge(), time);
        return resumed;
    }

    List<String> notIndexed() {
        return bucket.notIndexed();
    }

    int backlog() {
        return uploader.backlog();
    }
}
