package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.SymbolWatch;
import io.marketdata.collector.rest.Transport;
import io.marketdata.collector.spool.Backlog;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.status.Board;
import io.marketdata.collector.upload.IndexUpload;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records: wires the packages together, starts their threads, and closes in reverse. A trade goes from the feed to its
 * symbol's {@link RotatingWriter}, a sealed part from there to the {@link Uploader}, and an object from there to the bucket;
 * the {@link BacklogSweep} finds what was left on the way.
 */
public final class Collector {

    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    /** Closing a connection or a file takes no longer. */
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

    /** Recording must not wait long for an exchange whose REST is down. */
    private static final Duration SYMBOL_CHECK_TIMEOUT = Duration.ofSeconds(3);

    private final Settings settings;
    private final Time time;
    private final CollectorMetrics metrics;
    private final ObjectStore store;
    private final CollectorThreads threads;
    private final Uploader uploader;
    private final Spools spools;
    private final BacklogSweep sweep;
    private final UnparsedUpload unparsed;
    private final Intake intake;
    private final Monitors monitors;
    private volatile boolean stopping;

    private Collector(
            Wiring wiring, ObjectStore store, FileOps disk, BinanceRest rest, SymbolWatch symbols, Faults faults)
            throws IOException {
        settings = wiring.settings();
        time = wiring.time();
        metrics = wiring.metrics();
        this.store = store;
        threads = new CollectorThreads(wiring, faults);
        IndexUpload index = wiring.index(store);
        uploader = wiring.uploader(store, index);
        spools = Spools.open(wiring, disk, uploader::offer);
        sweep = new BacklogSweep(disk, settings.spool().directory(), spools.all(), uploader, index);
        unparsed = wiring.unparsedUpload(spools.unparsed(), store);
        intake = Intake.resume(wiring, spools, uploader, rest, symbols, threads::startConnection, pauseOr(faults));
        uploader.onLost(intake.gaps()::lost);
        monitors = Monitors.of(wiring, store.describe(), spools, uploader, unparsed, intake, faults, () -> stopping);
    }

    /** A full disk does not end the process: ingestion pauses, and uploads, which make room, continue. */
    private Consumer<Throwable> pauseOr(Faults faults) {
        return fault -> {
            if (fault instanceof NoSpaceException noSpace) {
                spools.space().noSpace(noSpace);
            } else {
                faults.accept(fault);
            }
        };
    }

    /**
     * Checks the spool's directories and whose they are, and the symbols with the exchange; takes the spool's locks and
     * starts every thread.
     *
     * @param faults takes everything that the collector cannot continue after
     * @throws SpoolRefusedException if the spool belongs to another exchange or bucket, or another user could write to it;
     *     nothing has been opened then
     * @throws UnknownSymbolException if the exchange knows none of the symbols and none was recorded before; nothing has
     *     been opened then
     * @throws FileOps.LockedException if another process records into one of the directories
     */
    public static Collector start(Settings settings, ObjectStore store, FileOps disk, Time time, Faults faults)
            throws IOException, InterruptedException, UnknownSymbolException {
        SpoolDirectory.require(settings.spool().directory());
        Provenance.require(settings, disk);
        Transport transport =
                new HttpTransport(Threads.daemonPool("rest"), settings.routes().proxies());
        Wiring wiring = new Wiring(settings, time);
        RequestBudget budget = wiring.requestBudget();
        Map<Symbol, String> symbols = SymbolCheck.atStart(
                settings.symbols(),
                recorded(settings),
                wiring.rest(transport, budget, SYMBOL_CHECK_TIMEOUT),
                SymbolCheck.SECOND_LOOK);
        Provenance.claim(settings, disk);
        BinanceRest rest = wiring.rest(transport, budget, BinanceRest.TIMEOUT);
        SymbolWatch watch = new SymbolWatch(settings.symbols(), symbols, rest, time, Wiring::random);
        Collector collector = new Collector(wiring, store, disk, rest, watch, faults);
        collector.startThreads();
        return collector;
    }

    /** The symbols that were recorded into this spool before. */
    private static Set<Symbol> recorded(Settings settings) throws IOException {
        return SpoolFolder.below(settings.spool().directory()).stream()
                .map(SpoolFolder::symbol)
                .collect(Collectors.toSet());
    }

    private void startThreads() {
        threads.startUploading(uploader, sweep);
        threads.startUnparsed(spools.unparsed(), unparsed);
        threads.startRecording(spools);
        threads.startIntake(intake, spools.space());
        threads.startMonitors(monitors);
    }

    /** Why it is not well, if it is not. */
    public Health health() {
        return monitors.health().health();
    }

    /** What the status page shows; null in the first second. */
    @Nullable
    public Board board() {
        return monitors.board().last();
    }

    /** What it counts. */
    public CollectorMetrics metrics() {
        return metrics;
    }

    /** Finds threads that hang. */
    public Watchdog watchdog() {
        return threads.watchdog;
    }

    /** Runs more of what watches the collector, under the watchdog, until the end of {@link #stop}. */
    public void alsoRun(String name, Duration limit, Threads.Work work) {
        threads.watching.loop(name, limit, work);
    }

    /** Number of trades written to the spool by this process. */
    public long acceptedTrades() {
        return Metrics.sum(metrics.spool().tradesAccepted);
    }

    /** Number of parts sealed by this process. */
    public long sealedParts() {
        return Metrics.sum(metrics.spool().partsSealed);
    }

    /** Number of parts that the store has confirmed to this process. */
    public long uploadedParts() {
        return Metrics.sum(metrics.upload().partsUploaded);
    }

    /** Number of parts on the local disk that the store has not confirmed. */
    public int waitingParts() {
        return uploader.backlog();
    }

    /**
     * Stops ingestion, seals, uploads what can be uploaded within the shutdown budget, and logs what remains.
     *
     * @return how many parts remain in the spool, for the next start
     */
    public long stop() throws InterruptedException, IOException {
        long deadline = time.nanoTime() + settings.shutdownBudget().toNanos();
        stopping = true;
        LOG.info("Stopping: closing the connections, sealing and uploading the open parts");
        stopIntake(deadline);
        List<IOException> unsealed = new ArrayList<>();
        spools.seal(unsealed::add);
        logAwaited(deadline);
        drain(deadline);
        unparsed.drain(left(deadline));
        StopReport report = report();
        close(deadline);
        String text = report.text(store.describe(), settings.spool().directory());
        if (report.isClean()) {
            LOG.info("Stopped: {}", text);
        } else {
            LOG.warn("Stopped: {}", text);
        }
        if (!unsealed.isEmpty()) {
            throw unsealed.get(0);
        }
        return report.left();
    }

    private void logAwaited(long deadline) {
        if (uploader.backlog() > 0) {
            LOG.info(
                    "Stopping: uploading {} to {}, for at most {} s. Ctrl-C or SIGTERM again leaves them in {}, where the"
                            + " next start uploads them",
                    LogText.count(uploader.backlog(), "part"),
                    store.describe(),
                    left(deadline).toSeconds(),
                    settings.spool().directory());
        }
    }

    private StopReport report() {
        return new StopReport(
                acceptedTrades(),
                uploadedParts(),
                metrics.upload().linesQuarantined.getLongValue(),
                uploader.backlog(),
                uploader.uploads().failure() == null ? "" : uploader.uploads().message(),
                Backlog.below(settings.spool().directory()));
    }

    private void stopIntake(long deadline) throws InterruptedException {
        intake.gaps().close();
        threads.connections.stop(closeWithin(deadline), () -> {
            intake.feed().wake();
            intake.gaps().stopWaiting();
        });
        intake.feed().stop(closeWithin(deadline));
        threads.recording.stop(closeWithin(deadline), () -> {
            spools.live().wake();
            spools.backfilled().wake();
        });
    }

    /** Waits until the backlog is in the bucket, and no longer than until the deadline. */
    private void drain(long deadline) throws InterruptedException {
        long seen = uploader.changes();
        for (long left = deadline - time.nanoTime();
                left > 0 && uploader.backlog() > 0;
                left = deadline - time.nanoTime()) {
            uploader.awaitChange(seen, Math.min(left, CollectorThreads.IDLE_NANOS));
            seen = uploader.changes();
        }
    }

    private void close(long deadline) throws InterruptedException, IOException {
        if (threads.uploading.stop(left(deadline), this::releaseUploads)) {
            store.close();
        }
        monitors.events().close();
        if (threads.watching.stop(Duration.ZERO)) {
            monitors.cloudWatch().close();
        }
        sweep.close();
        spools.close();
    }

    private void releaseUploads() {
        uploader.release();
        spools.unparsed().wake();
    }

    private Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - time.nanoTime()));
    }

    private Duration closeWithin(long deadline) {
        Duration left = left(deadline);
        return left.compareTo(LONGEST_CLOSE) < 0 ? left : LONGEST_CLOSE;
    }
}
