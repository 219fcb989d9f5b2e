package io.marketdata.collector.collect;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.GapFiller;
import io.marketdata.collector.rest.Gaps;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Fetches a range of trades over REST into the bucket, beside a collector that runs: in a spool of its own below the
 * collector's, by the same way as trades that were missed. One thread does everything, one step after the other.
 */
public final class Backfill implements Gaps {

    /** What the exchange does not have after so long, counted from the start, it does not have. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** What was fetched is sealed, made durable and put meanwhile. */
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Symbol symbol;
    private final Time time;
    private final long startNanos;
    private final RotatingWriter writer;
    private final Uploader uploader;
    private final SpoolSweep sweep;
    private final GapFiller filler;
    private final Spool spool;

    @GuardedBy("this")
    private final MissingIds missing = new MissingIds(100_000);

    private final List<IdRange> lost = new ArrayList<>();
    private long backfilled;

    /**
     * @throws FileOps.LockedException if another backfill of the symbol runs in this directory
     */
    public Backfill(Settings settings, Symbol symbol, IdRange ids, ObjectStore store, FileOps disk, Time time)
            throws IOException {
        this.symbol = symbol;
        this.time = time;
        this.startNanos = time.nanoTime();
        Metrics metrics = new Metrics();
        Wiring wiring = new Wiring(settings, time, metrics);
        spool = Spool.open(disk, settings.spool().directory().resolve(Spool.BACKFILL), symbol);
        uploader = wiring.uploader(store);
        sweep = new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked);
        writer = wiring.writer(spool, Origin.REST, uploader::offer);
        BinanceRest rest =
                wiring.rest(new HttpTransport(Threads.daemonPool("rest")), wiring.requestBudget(), BinanceRest.TIMEOUT);
        Duration configured = settings.rest().giveUpAfter();
        filler = new GapFiller(
                rest, this, time, Duration.ZERO, configured.compareTo(PATIENCE) < 0 ? configured : PATIENCE, metrics);
        missing.add(ids, startNanos);
    }

    /**
     * Fetches and uploads until everything is in the bucket, or until it is asked to stop; then what was fetched is sealed
     * and waits for the next backfill.
     */
    public void run(StopSignal signal) throws IOException, InterruptedException {
        sweep.run();
        long syncedNanos = time.nanoTime();
        Duration pause = Duration.ZERO;
        while (isMissingSome() && !signal.await(pause)) {
            Duration asked = filler.runOnce();
            pause = asked.compareTo(LONGEST_PAUSE) < 0 ? asked : LONGEST_PAUSE;
            writer.rotateDue();
            if (time.nanoTime() - syncedNanos >= SYNC_NANOS) {
                writer.sync();
                syncedNanos = time.nanoTime();
            }
            uploadOne();
        }
        writer.close();
        while (uploader.backlog() > 0 && !signal.await(Duration.ZERO)) {
            uploader.workOrAwait(this::uploadOne, () -> {}, IDLE_NANOS);
        }
        spool.close();
    }

    private boolean uploadOne() {
        boolean packed = uploader.packNext();
        return uploader.uploadNext() || packed;
    }

    @Override
    public synchronized List<Gap> open() {
        return missing.gaps().stream()
                .map(gap -> new Gap(symbol, gap.ids(), gap.since()))
                .toList();
    }

    private synchronized boolean isMissingSome() {
        return missing.size() > 0;
    }

    @Override
    public synchronized boolean accept(TradeEvent trade) throws IOException {
        if (!missing.contains(trade.id())) {
            return false;
        }
        writer.append(trade);
        writer.sealAbove(RotatingWriter.MOST_UNSEALED);
        missing.remove(new IdRange(trade.id(), trade.id()));
        backfilled++;
        return true;
    }

    @Override
    public synchronized void lost(Symbol lostSymbol, IdRange ids, String reason) {
        lost.add(ids);
        missing.remove(ids);
    }

    /** Trades fetched and written. */
    public long backfilled() {
        return backfilled;
    }

    /** What the exchange does not have. */
    public List<IdRange> lost() {
        return List.copyOf(lost);
    }

    /** What has not been asked for yet; ascending. */
    public synchronized List<IdRange> left() {
        return missing.gaps().stream().map(MissingIds.Gap::ids).toList();
    }

    /** Parts that the bucket has not confirmed. */
    public int waitingParts() {
        return uploader.backlog();
    }
}
