package io.marketdata.collector.collect;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.audit.ArchiveFile;
import io.marketdata.collector.audit.ArchiveFile.Row;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.GapFiller;
import io.marketdata.collector.rest.Gaps;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.rest.RestTrade;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Fetches a range of trades into the bucket, over REST or from the exchange's own files of a day, also while a collector runs: with a spool of its own below the
 * collector's, and with the classes that backfill missed trades. Ids that its own spool or the bucket's manifests hold are
 * skipped, so a second run over the same range continues the first. One thread.
 */
public final class Backfill implements Gaps {

    /** Ids that the exchange has not delivered this long after the start are unrecoverable. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Between two requests, fetched trades are sealed, flushed and uploaded. */
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    /** Parts not uploaded yet at which an archive is not read further: it is read faster than any store takes it. */
    private static final int MOST_BACKLOG = 16;

    private static final int ROWS_AT_ONCE = 1_000;
    private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Settings settings;
    private final Symbol symbol;
    private final ObjectStore store;
    private final Time time;
    private final Consumer<String> out;
    private final RotatingWriter writer;
    private final RotatingWriter archived;
    private final Uploader uploader;
    private final SpoolSweep sweep;
    private final GapFiller filler;
    private final BinanceRest rest;
    private final Spool spool;

    @GuardedBy("this")
    private final MissingIds missing = new MissingIds(100_000);

    /**
     * What is requested after {@link #missing}, one range at a time, because a gap that waits long is unrecoverable; what is
     * still to be copied from an archive.
     */
    private final Deque<IdRange> ahead = new ArrayDeque<>();

    private final List<IdRange> unrecoverable = new ArrayList<>();
    private long wanted;
    private long skipped;
    private long backfilled;

    /**
     * @param out takes lines about the progress, for people
     * @throws SpoolRefusedException if the spool belongs to another exchange or bucket, or another user could write to it
     * @throws FileOps.LockedException if another backfill of the symbol runs in this directory
     */
    public Backfill(Settings settings, Symbol symbol, ObjectStore store, FileOps disk, Time time, Consumer<String> out)
            throws IOException {
        this.settings = settings;
        this.symbol = symbol;
        this.store = store;
        this.time = time;
        this.out = out;
        SpoolDirectory.require(settings.spool().directory());
        Provenance.claim(settings, disk);
        Wiring wiring = new Wiring(settings, time);
        spool = Spool.open(disk, directory(), symbol);
        uploader = wiring.uploader(store);
        sweep = new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked);
        writer = wiring.writer(spool, Origin.REST, uploader::offer);
        archived = wiring.writer(spool, Origin.ARCHIVE, uploader::offer);
        rest = wiring.rest(
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
    }

    private Path directory() {
        return settings.spool().directory().resolve(Spool.BACKFILL);
    }

    /**
     * Fetches and uploads until everything is in the bucket, or until the stop; fetched trades that are not uploaded by
     * then stay in the spool for the next backfill.
     *
     * @throws NothingToFetchException if the exchange has issued no trade of the range, or cannot be asked
     * @throws ArchiveFile.UnusableException if a file of the exchange cannot be used
     */
    public void run(BackfillPlan.Order order, SpoolUpload.Stop stop)
            throws IOException, InterruptedException, NothingToFetchException {
        try {
            sweep.run();
            while (uploader.packNext()) {
                // so that every part of an earlier run has its manifest
            }
            BackfillPlan plan = order.plan(new BackfillPlan.Planning(settings, symbol, store, time, out, stop, rest));
            if (plan != null) {
                wanted = plan.wanted();
                skipped = plan.skipped();
                ahead.addAll(plan.ids());
                unrecoverable.addAll(plan.lacking());
                if (plan.archive().isEmpty()) {
                    fetch(stop);
                } else {
                    copy(plan, stop);
                }
            }
            writer.close();
            archived.close();
            while (uploader.backlog() > 0 && !stop.await(Duration.ZERO)) {
                uploader.workOrAwait(this::uploadOne, () -> {}, IDLE_NANOS);
            }
        } finally {
            spool.close();
        }
    }

    private void fetch(SpoolUpload.Stop stop) throws IOException, InterruptedException {
        BackfillProgress progress = new BackfillProgress(wanted - skipped, time, out);
        long syncedNanos = time.nanoTime();
        Duration pause = Duration.ZERO;
        while (isMissingSome() && !stop.await(pause)) {
            Duration asked = filler.runOnce();
            pause = asked.compareTo(LONGEST_PAUSE) < 0 ? asked : LONGEST_PAUSE;
            writer.rotateDue();
            if (time.nanoTime() - syncedNanos >= SYNC_NANOS) {
                writer.sync();
                syncedNanos = time.nanoTime();
            }
            uploadOne();
            progress.report(backfilled, uploader.uploads());
        }
    }

    /** The rows have been read before, and are right. */
    private void copy(BackfillPlan plan, SpoolUpload.Stop stop) throws IOException, InterruptedException {
        BackfillProgress progress = new BackfillProgress(plan.toFetch(), time, out);
        for (ArchiveFile file : plan.archive()) {
            try (ArchiveFile.Rows rows = file.open()) {
                for (Row row = rows.next(); row != null && !ahead.isEmpty(); row = rows.next()) {
                    copy(file, row);
                    if (rows.number() % ROWS_AT_ONCE == 0 && !catchUp(progress, stop)) {
                        return;
                    }
                }
            }
        }
    }

    private void copy(ArchiveFile file, Row row) throws IOException {
        IdRange next = ahead.peek();
        if (next == null || row.id() < next.first()) {
            return;
        }
        if (row.id() > next.first()) {
            throw new ArchiveFile.UnusableException(file + " has changed while it was read: id " + next.first()
                    + " was there; run the same command again");
        }
        RestTrade trade =
                new RestTrade(row.id(), row.price(), row.quantity(), row.timeMs(), row.buyerIsMaker(), row.bestMatch());
        archived.append(trade.toEvent(symbol, Origin.ARCHIVE, time.epochMicros()));
        archived.sealAbove(RotatingWriter.MOST_UNSEALED);
        backfilled++;
        ahead.remove();
        if (row.id() < next.last()) {
            ahead.addFirst(new IdRange(row.id() + 1, next.last()));
        } else {
            archived.close(); // as between two ranges over REST
        }
    }

    /** Returns false at the stop. */
    private boolean catchUp(BackfillProgress progress, SpoolUpload.Stop stop) throws IOException, InterruptedException {
        archived.rotateDue();
        archived.sync();
        uploadOne();
        boolean isStopped = stop.await(Duration.ZERO);
        while (!isStopped && uploader.backlog() > MOST_BACKLOG) {
            uploader.workOrAwait(this::uploadOne, () -> {}, IDLE_NANOS);
            progress.report(backfilled, uploader.uploads());
            isStopped = stop.await(Duration.ZERO);
        }
        progress.report(backfilled, uploader.uploads());
        return !isStopped;
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

    private synchronized boolean isMissingSome() throws IOException {
        if (missing.size() == 0 && !ahead.isEmpty()) {
            // A part with a gap for ids that were skipped would not account for its own.
            writer.close(); // the next trade opens a new part
            missing.add(ahead.remove(), time.nanoTime());
        }
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

    /** Number of trades in the range; 0 if it was stopped before that was known. */
    public long wanted() {
        return wanted;
    }

    /** Number of trades that were there already. */
    public long skipped() {
        return skipped;
    }

    /** Number of trades written. */
    public long backfilled() {
        return backfilled;
    }

    /** Ids that the exchange, or its own files, do not have, ascending. */
    public List<IdRange> unrecoverable() {
        return List.copyOf(unrecoverable);
    }

    /** Ids that have not been requested yet, ascending. */
    public synchronized List<IdRange> left() {
        return Stream.concat(missing.gaps().stream().map(MissingIds.Gap::ids), ahead.stream())
                .toList();
    }

    /** Number of parts that the store has not confirmed. */
    public int waitingParts() {
        return uploader.backlog();
    }
}
