package io.marketdata.collector.collect;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.config.Settings;
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
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Fetches a range of trades over REST into the bucket, also while a collector runs: with a spool of its own below the
 * collector's, and with the classes that backfill missed trades. One thread.
 */
public final class Backfill implements Gaps {

    /** Ids that the exchange has not delivered this long after the start are unrecoverable. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Between two requests, fetched trades are sealed, flushed and uploaded. */
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

    private final List<IdRange> unrecoverable = new ArrayList<>();
    private long backfilled;

    /**
     * @throws SpoolRefusedException if the spool belongs to another exchange or bucket, or another user could write to it
     * @throws FileOps.LockedException if another backfill of the symbol runs in this directory
     */
    public Backfill(Settings settings, Symbol symbol, IdRange ids, ObjectStore store, FileOps disk, Time time)
            throws IOException {
        this.symbol = symbol;
        this.time = time;
        this.startNanos = time.nanoTime();
        SpoolDirectory.require(settings.spool().directory());
        Provenance.claim(settings, disk);
        Wiring wiring = new Wiring(settings, time);
        spool = Spool.open(disk, settings.spool().directory().resolve(Spool.BACKFILL), symbol);
        uploader = wiring.uploader(store);
        sweep = new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked);
        writer = wiring.writer(spool, Origin.REST, uploader::offer);
        BinanceRest rest = wiring.rest(
                new HttpTransport(Threads.daemonPool("rest"), settings.routes().proxies()),
                wiring.requestBudget(),
                BinanceRest.TIMEOUT);
        Duration configured = settings.rest().giveUpAfter();
        filler = new GapFiller(
                rest,
                this,
                time,
                Duration.ZERO,
                configured.compareTo(PATIENCE) < 0 ? configured : PATIENCE,
                wiring.metrics().rest());
        missing.add(ids, startNanos);
    }

    /**
     * Fetches and uploads until everything is in the bucket, or until the signal; fetched trades that are not uploaded by
     * then stay in the spool for the next backfill.
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
    public boolean contradicts(TradeEvent trade) {
        return false;
    }

    @Override
    public synchronized void markUnrecoverable(Symbol ofSymbol, IdRange ids, String reason) {
        unrecoverable.add(ids);
        missing.remove(ids);
    }

    /** Number of trades fetched and written. */
    public long backfilled() {
        return backfilled;
    }

    /** Ids that the exchange does not have, ascending. */
    public List<IdRange> unrecoverable() {
        return List.copyOf(unrecoverable);
    }

    /** Ids that have not been requested yet, ascending. */
    public synchronized List<IdRange> left() {
        return missing.gaps().stream().map(MissingIds.Gap::ids).toList();
    }

    /** Number of parts that the store has not confirmed. */
    public int waitingParts() {
        return uploader.backlog();
    }
}
