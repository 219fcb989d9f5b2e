package io.marketdata.collector.collect;

import io.marketdata.collector.cloudwatch.CloudWatchOptions;
import io.marketdata.collector.cloudwatch.Publisher;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.feed.Feed;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.health.HealthWatch;
import io.marketdata.collector.health.IntakeHealth;
import io.marketdata.collector.health.StorageHealth;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.Transport;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.RejectedFrames;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.status.Board;
import io.marketdata.collector.status.EventRing;
import io.marketdata.collector.status.StatusBoard;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The collector: builds the rooms, owns every thread, and closes in reverse. A trade goes from the feed to its symbol's
 * {@link RotatingWriter}, a sealed part from there to the {@link Uploader}, and an object from there to the bucket; the
 * {@link SpoolSweep} brings back what was left on the way.
 */
public final class Collector {

    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    /** A part that found no room to be sealed is tried again after this time; one that is due is sealed at once. */
    private static final Duration SEAL_AGAIN = Duration.ofSeconds(5);

    private static final Duration FEED_PATIENCE = Duration.ofSeconds(2);

    private static final Duration SPACE_TICK = Duration.ofSeconds(2);

    /** Recording must not wait long for an exchange whose REST is down. */
    private static final Duration SYMBOL_CHECK_TIMEOUT = Duration.ofSeconds(3);

    /** Nothing is missed meanwhile: what changes wakes who waits. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Settings settings;
    private final ObjectStore store;
    private final Time time;
    private final Metrics metrics;
    private final Faults faults;
    private final Watchdog watchdog;
    private final Threads watching;
    private final Threads connections;
    private final Threads recording;
    private final Threads uploading;
    private final List<Spool> spools = new ArrayList<>();
    private final Writers writers = new Writers();
    private final Writers backfilledWriters = new Writers();
    private final List<LineArbiter> arbiters = new ArrayList<>();
    private final SpaceWatch space;
    private final RejectedFrames rejectedFrames;
    private final Uploader uploader;
    private final Arbiters openGaps;
    private final RestCycle restRounds;
    private final Feed feed;
    private final HealthWatch health;
    private final EventRing events;
    private final StatusBoard board;
    private final Publisher cloudWatch;
    private volatile boolean stopping;

    private Collector(Wiring wiring, ObjectStore store, FileOps disk, BinanceRest rest, Faults faults)
            throws IOException {
        settings = wiring.settings();
        time = wiring.time();
        metrics = wiring.metrics();
        this.store = store;
        this.faults = faults;
        watchdog = new Watchdog(faults::hang);
        watching = new Threads(time, watchdog, faults);
        connections = new Threads(time, watchdog, faults);
        recording = new Threads(time, watchdog, faults);
        uploading = new Threads(time, watchdog, faults);
        uploader = wiring.uploader(store);
        for (Symbol symbol : settings.symbols()) {
            Spool spool = Spool.open(disk, settings.spool().directory(), symbol);
            spools.add(spool);
            writers.add(symbol, wiring.writer(spool, Origin.STREAM, uploader::offer));
            backfilledWriters.add(symbol, wiring.writer(spool, Origin.REST, uploader::offer));
        }
        space = new SpaceWatch(
                disk,
                settings.spool().directory(),
                settings.spool().maxBytes(),
                settings.spool().minFreeBytes(),
                time,
                metrics);
        space.check();
        rejectedFrames = new RejectedFrames(disk, settings.spool().directory(), time.epochMicros(), metrics);
        SpoolSink sink = new SpoolSink(writers.bySymbol(), backfilledWriters.bySymbol(), rejectedFrames, time);
        LineArbiter.Limits limits =
                new LineArbiter.Limits(settings.rest().maxIds(), settings.rest().giveUpAfter());
        for (Spool spool : spools) {
            LineArbiter arbiter = new LineArbiter(spool.symbol(), sink, limits, time, metrics);
            EarlierRun.resume(arbiter, spool, uploader, limits.maxAge(), time);
            arbiters.add(arbiter);
        }
        openGaps = new Arbiters(
                arbiters, backfilledWriters.bySymbol(), settings.feed().staleAfter());
        restRounds = new RestCycle(
                rest, openGaps, settings.rest().grace(), settings.rest().giveUpAfter(), time, metrics);
        feed = new Feed(
                wiring.feedOptions(),
                arbiters,
                sink,
                (progress, task) ->
                        recording.start(progress, settings.watchdog().recordingLimit(), own -> task.run()),
                time,
                Wiring::random,
                this::faultOfConnection,
                metrics);
        IntakeHealth intake = new IntakeHealth(
                feed::openConnections,
                feed.expectedConnections(),
                () -> !space.isFull() && !stopping,
                arbiters,
                rest.budget(),
                restRounds.clock(),
                settings.feed().staleAfter(),
                settings.feed().maxLag(),
                metrics,
                time);
        health = new HealthWatch(
                intake, new StorageHealth(uploader, space, metrics, time), faults, () -> stopping, metrics, time);
        events = EventRing.listening();
        board = new StatusBoard(
                new Board.About(
                        BuildInfo.software().version(),
                        settings.instance().value(),
                        store.describe(),
                        settings.spool().rotateBytes(),
                        settings.spool().rotateAge().toSeconds(),
                        settings.spool().maxBytes()),
                feed,
                writers.bySymbol(),
                uploader,
                restRounds.clock(),
                events,
                metrics,
                time);
        cloudWatch = Publisher.toCloudWatch(
                metrics,
                settings.symbols(),
                new CloudWatchOptions(
                        settings.cloudWatch().namespace(),
                        settings.cloudWatch().region(),
                        CloudWatchOptions.CALL_TIMEOUT));
    }

    /** A full disk ends no process: reading stops, and the uploads that make room go on. */
    private void faultOfConnection(Throwable e) {
        if (e instanceof NoSpaceException noSpace) {
            space.noSpace(noSpace);
        } else {
            faults.accept(e);
        }
    }

    /** Work that is repeated, and may need room on the disk. */
    private Threads.Work whileThereIsRoom(Threads.Work work) {
        return progress -> {
            try {
                work.run(progress);
            } catch (NoSpaceException e) {
                space.noSpace(e);
            }
        };
    }

    /**
     * Asks the exchange whether it knows the symbols, takes the spool's locks and starts every thread.
     *
     * @param faults told of everything that the collector cannot live with
     * @throws UnknownSymbolException if it does not; nothing has been opened then
     * @throws FileOps.LockedException if another process records into one of the directories
     */
    public static Collector start(Settings settings, ObjectStore store, FileOps disk, Time time, Faults faults)
            throws IOException, InterruptedException, UnknownSymbolException {
        Transport transport = new HttpTransport(Threads.daemonPool("rest"));
        Wiring wiring = new Wiring(settings, time, new Metrics());
        RequestBudget budget = wiring.requestBudget();
        SymbolCheck.refuseUnknown(settings.symbols(), wiring.rest(transport, budget, SYMBOL_CHECK_TIMEOUT));
        BinanceRest rest = wiring.rest(transport, budget, BinanceRest.TIMEOUT);
        Collector collector = new Collector(wiring, store, disk, rest, faults);
        collector.startThreads();
        return collector;
    }

    private void startThreads() {
        SpoolSweep sweep = new SpoolSweep(spools, uploader::offer, uploader::offerPacked);
        Duration limit = settings.watchdog().recordingLimit();
        Duration uploadLimit = settings.watchdog().uploadLimit();
        uploading.loop(
                "pack", uploadLimit, progress -> uploader.workOrAwait(uploader::packNext, progress::idle, IDLE_NANOS));
        for (int i = 1; i <= settings.upload().workers(); i++) {
            Duration twoPuts = settings.upload().callTimeout().multipliedBy(2);
            uploading.loop(
                    "upload-" + i,
                    besides(twoPuts),
                    progress -> uploader.workOrAwait(uploader::uploadNext, progress::idle, IDLE_NANOS));
        }
        uploading.repeat("sweep", uploadLimit, settings.spool().sweepInterval(), progress -> sweep.run());
        recording.repeat("space", limit, SPACE_TICK, progress -> space.check());
        recording.repeat("rotate", limit, whileThereIsRoom(writers::rotateDue), () -> writers.awaitDue(SEAL_AGAIN));
        recording.repeat(
                "rotate-backfilled",
                limit,
                whileThereIsRoom(backfilledWriters::rotateDue),
                () -> backfilledWriters.awaitDue(SEAL_AGAIN));
        recording.repeat("fsync", limit, settings.spool().fsyncInterval(), whileThereIsRoom(progress -> {
            writers.sync(progress);
            backfilledWriters.sync(progress);
        }));
        connections.repeat(
                "connections",
                limit,
                progress -> {
                    if (space.isFull()) {
                        feed.rest();
                    } else {
                        feed.tick();
                    }
                },
                feed::awaitEvent);
        connections.repeat(
                "backfill",
                besides(BinanceRest.TIMEOUT),
                whileThereIsRoom(progress -> {
                    if (!space.isFull()) {
                        restRounds.round(progress);
                    }
                }),
                () -> openGaps.awaitGap(space.isFull() ? SPACE_TICK : restRounds.pause()));
        // Whoever asks at once must not be told of a collector that nobody has looked at.
        board.gather(health.look());
        watching.repeat("health", limit, Health.PERIOD, progress -> board.gather(health.look()));
        if (settings.cloudWatch().on()) {
            watching.repeat("cloudwatch", limit, settings.cloudWatch().interval(), cloudWatch::publish);
        }
        watching.repeat("watchdog", limit, Watchdog.PERIOD, progress -> watchdog.look());
    }

    /** The limit of work that may rightly wait for the network so long: what has a time-out of its own is no hang. */
    private Duration besides(Duration network) {
        Duration least = network.plus(settings.watchdog().recordingLimit());
        Duration limit = settings.watchdog().uploadLimit();
        return limit.compareTo(least) < 0 ? least : limit;
    }

    /** What is left until the deadline, and not more than closing a connection or a file takes. */
    private Duration patience(long deadlineNanos) {
        Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - time.nanoTime()));
        return left.compareTo(FEED_PATIENCE) < 0 ? left : FEED_PATIENCE;
    }

    /** How it is. */
    public Health health() {
        return health.health();
    }

    /** What the status page shows; null in the first second. */
    @Nullable
    public Board board() {
        return board.last();
    }

    /** What it counts. */
    public Metrics metrics() {
        return metrics;
    }

    /** Finds threads that hang. */
    public Watchdog watchdog() {
        return watchdog;
    }

    /** Runs more of what looks after the collector, under watch, until the end of {@link #stop}. */
    public void alsoRun(String name, Duration limit, Threads.Work work) {
        watching.loop(name, limit, work);
    }

    /** Names of the threads under watch, sorted. */
    public List<String> watchedThreads() {
        return watchdog.names();
    }

    /** Trades written to the spool by this process. */
    public long acceptedTrades() {
        return Metrics.sum(metrics.tradesAccepted);
    }

    /** Parts sealed by this process. */
    public long sealedParts() {
        return Metrics.sum(metrics.partsSealed);
    }

    /** Parts that the bucket has confirmed to this process. */
    public long uploadedParts() {
        return Metrics.sum(metrics.partsUploaded);
    }

    /** Parts on the local disk that the bucket has not confirmed. */
    public int waitingParts() {
        return uploader.backlog();
    }

    /**
     * Stops reading, seals, uploads what can be uploaded within the shutdown budget, and says what remains.
     *
     * @return how many parts remain in the spool, for the next start
     */
    public int stop() throws InterruptedException, IOException {
        long deadline = time.nanoTime() + settings.shutdownBudget().toNanos();
        stopping = true;
        LOG.info("Stopping: closing the connections, sealing and uploading what is open");
        openGaps.close();
        connections.stop(patience(deadline), () -> {
            feed.wake();
            openGaps.stopWaiting();
        });
        feed.stop(patience(deadline));
        recording.stop(patience(deadline), () -> {
            writers.wake();
            backfilledWriters.wake();
        });
        List<IOException> unsealed = new ArrayList<>();
        writers.close(unsealed::add);
        backfilledWriters.close(unsealed::add);
        rejectedFrames.close();
        long seen = uploader.changes();
        for (long left = deadline - time.nanoTime();
                left > 0 && uploader.backlog() > 0;
                left = deadline - time.nanoTime()) {
            uploader.awaitChange(seen, Math.min(left, IDLE_NANOS));
            seen = uploader.changes();
        }
        int remaining = uploader.backlog();
        if (uploading.stop(Duration.ofNanos(Math.max(0, deadline - time.nanoTime())), uploader::release)) {
            store.close();
        }
        events.close();
        if (watching.stop(Duration.ZERO)) {
            cloudWatch.close();
        }
        for (Spool spool : spools) {
            spool.close();
        }
        if (remaining == 0) {
            LOG.info("Stopped: everything recorded is in {}", store.describe());
        } else {
            LOG.warn(
                    "Stopped: {} parts remain in {} and are uploaded by the next start",
                    remaining,
                    settings.spool().directory());
        }
        if (!unsealed.isEmpty()) {
            throw unsealed.get(0);
        }
        return remaining;
    }
}
