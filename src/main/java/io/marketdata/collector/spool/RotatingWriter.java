package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.RotationPolicy.Slot;
import io.marketdata.collector.trade.TradeLine;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends the trades of one symbol to part files and seals each part by size, by age, and when trade time enters the
 * next slot ({@link RotationPolicy}).
 *
 * <p>A trade is <em>accepted</em> when {@link #append} returns: its line has been handed to the operating system in one
 * call and survives the end of this process. It is <em>durable</em> after the next {@link #sync()}.
 *
 * <p>Three threads use a writer. The socket's thread calls {@code append} and waits for no disk flush, unless {@value
 * #MOST_UNSEALED_LIVE} parts need one: a part that is full or whose slot has ended is only retired there. The rotation thread calls {@link #rotateDue()} when a part was
 * retired or is old enough: it retires parts by age, flushes and renames retired parts, and passes them to the sink.
 * The fsync thread calls {@code sync}.
 *
 * <p>Usually one part is open. A late trade of an earlier slot opens a second part for that slot: a part never holds
 * trades of two slots.
 */
public final class RotatingWriter {

    /** Retired backfill parts of a symbol that may keep a file open until they are sealed. */
    public static final int MOST_UNSEALED = 16;

    /**
     * Retired parts at which a live trade waits for the rotation thread before it opens another one. A disk that does not
     * flush for minutes retires fewer; trade times that leap with each trade retire one for each.
     */
    private static final int MOST_UNSEALED_LIVE = 64;

    /** If late trades need more open parts than this, the oldest is closed early: file descriptors are limited. */
    private static final int MAX_OPEN_PARTS = 8;

    private static final Logger LOG = LoggerFactory.getLogger(RotatingWriter.class);

    private final Spool spool;
    private final InstanceId instance;
    private final Origin origin;
    private final RotationPolicy policy;
    private final Time time;
    private final SpoolMetrics metrics;
    private final CounterDataPoint tradesAccepted;
    private final Consumer<SealedPart> sink;
    private final TradeLine line = new TradeLine();

    /** Held by the one thread that flushes and renames; never taken inside the writer's own lock. */
    private final Object sealing = new Object();

    @GuardedBy("this")
    private final TreeMap<Long, OpenPart> openBySlot = new TreeMap<>();

    /** Parts that no longer grow, to be sealed by the rotation thread. */
    @GuardedBy("this")
    private final Deque<OpenPart> retired = new ArrayDeque<>();

    /** The part the last trade went to. */
    @GuardedBy("this")
    private @Nullable OpenPart current;

    @GuardedBy("this")
    private long duplicatesDropped;

    @GuardedBy("this")
    private long rejected;

    @GuardedBy("this")
    private Runnable changed = () -> {};

    /** @param sink receives each sealed part, on the rotation thread, in the order they were retired */
    public RotatingWriter(
            Spool spool,
            InstanceId instance,
            Origin origin,
            RotationPolicy policy,
            Time time,
            SpoolMetrics metrics,
            Consumer<SealedPart> sink) {
        this.spool = spool;
        this.instance = instance;
        this.origin = origin;
        this.policy = policy;
        this.time = time;
        this.metrics = metrics;
        this.tradesAccepted = metrics.tradesAccepted.labelValues(spool.symbol().value());
        this.sink = sink;
    }

    /**
     * Writes one trade as one line.
     *
     * @throws IOException if the line could not be written completely. The part is closed as it is and never written
     *     again; the trade is not accepted
     */
    public synchronized void append(TradeEvent trade) throws IOException {
        OpenPart part = current;
        if (part == null || !part.slot.contains(trade.tradeTimeMs())) {
            // First, because partFor may retire a part and then fail; the thread that is woken waits for the lock.
            changed.run();
            part = partFor(trade.tradeTimeMs());
            current = part;
        }
        line.set(trade);
        try {
            part.append(trade.id(), line);
        } catch (IOException e) {
            retire(part, RotatedBy.RECOVERY);
            changed.run();
            throw notWritten(trade, part, e);
        }
        tradesAccepted.inc();
        if (part.bytes() >= policy.maxBytes()) {
            retire(part, RotatedBy.SIZE);
            changed.run();
        }
    }

    private IOException notWritten(TradeEvent trade, OpenPart part, IOException e) {
        String message = "trade " + trade.id() + " of " + trade.symbol() + " could not be written to " + part.name
                + " in " + spool.directory() + ": " + e.getMessage();
        return e instanceof NoSpaceException ? new NoSpaceException(message, e) : new IOException(message, e);
    }

    /** Counts a trade that was not written because it is recorded already; the next manifest reports it. */
    public synchronized void countDuplicate() {
        duplicatesDropped++;
    }

    /** Counts a frame that was not understood; the next manifest reports it. */
    public synchronized void countRejected() {
        rejected++;
    }

    /** Seals every part that is old enough, with or without traffic. Only the rotation thread. */
    public void rotateDue() throws IOException {
        long now = time.nanoTime();
        synchronized (this) {
            for (OpenPart part : List.copyOf(openBySlot.values())) {
                if (now - part.openedNanos >= policy.period().toNanos()) {
                    retire(part, RotatedBy.TIME);
                }
            }
        }
        sealRetired();
    }

    /**
     * Registers a callback for the caller of {@link #rotateDue()}, because the time at which that is due has changed.
     *
     * @param changed run when a trade opened or retired a part, on the trade's thread, which holds this writer's lock
     */
    public synchronized void onChange(Runnable changed) {
        this.changed = changed;
    }

    /** Time until a part is old enough for {@link #rotateDue()}, in ns; {@link Long#MAX_VALUE} if none is open. */
    public synchronized long nanosUntilDue() {
        return openBySlot.isEmpty()
                ? Long.MAX_VALUE
                : policy.period().toNanos() - filling().age().toNanos();
    }

    /**
     * State of all open parts together.
     *
     * @param bytes total size, uncompressed
     * @param age of the oldest part
     */
    public record Filling(long bytes, Duration age) {}

    /** State of the open parts now. Any thread. */
    public synchronized Filling filling() {
        long now = time.nanoTime();
        long bytes = 0;
        long oldest = 0;
        for (OpenPart part : openBySlot.values()) {
            bytes += part.bytes();
            oldest = Math.max(oldest, now - part.openedNanos);
        }
        return new Filling(bytes, Duration.ofNanos(oldest));
    }

    /** Makes every accepted trade durable. Only the fsync thread. */
    public void sync() throws IOException {
        for (OpenPart part : unsealed()) {
            part.sync(spool);
        }
    }

    /** Seals everything. Called after the last append and after the rotation thread has ended. */
    public void close() throws IOException {
        synchronized (this) {
            retireAll(RotatedBy.SHUTDOWN);
        }
        sealRetired();
    }

    private synchronized Collection<OpenPart> unsealed() {
        List<OpenPart> parts = new ArrayList<>(retired);
        parts.addAll(openBySlot.values());
        return parts;
    }

    @GuardedBy("this")
    private OpenPart partFor(long tradeTimeMs) throws IOException {
        Slot slot = policy.slotOf(tradeTimeMs);
        OpenPart existing = openBySlot.get(slot.startMs());
        if (existing != null) {
            return existing;
        }
        Map.Entry<Long, OpenPart> newest = openBySlot.lastEntry();
        if (newest != null && slot.startMs() > newest.getKey()) {
            retireAll(RotatedBy.TIME);
        } else if (newest != null && openBySlot.size() >= MAX_OPEN_PARTS) {
            retire(openBySlot.firstEntry().getValue(), RotatedBy.TIME);
        }
        awaitSealed();
        PartName name = spool.reserve(instance, origin, tradeTimeMs);
        OpenPart part = new OpenPart(name, slot, time.nanoTime(), spool.create(name));
        openBySlot.put(slot.startMs(), part);
        return part;
    }

    /** Each retired part keeps a file open. Backfilled parts are sealed by the thread that appends. */
    @GuardedBy("this")
    private void awaitSealed() throws IOException {
        try {
            while (origin == Origin.STREAM && retired.size() >= MOST_UNSEALED_LIVE) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before a part was sealed");
        }
    }

    @GuardedBy("this")
    private void retireAll(RotatedBy reason) {
        List.copyOf(openBySlot.values()).forEach(part -> retire(part, reason));
    }

    @GuardedBy("this")
    private void retire(OpenPart part, RotatedBy reason) {
        openBySlot.remove(part.slot.startMs());
        if (current == part) {
            current = null;
        }
        part.retire(reason, duplicatesDropped, rejected);
        duplicatesDropped = 0;
        rejected = 0;
        retired.add(part);
    }

    /**
     * Seals all retired parts if there are more than {@code most}: for a caller that appends trades of many slots at
     * once and must not keep a file open for each.
     */
    public void sealAbove(int most) throws IOException {
        boolean tooMany;
        synchronized (this) {
            tooMany = retired.size() > most;
        }
        if (tooMany) {
            sealRetired();
        }
    }

    private void sealRetired() throws IOException {
        synchronized (sealing) {
            for (OpenPart part = firstRetired(); part != null; part = firstRetired()) {
                seal(part);
                synchronized (this) {
                    retired.remove();
                    notifyAll();
                }
            }
        }
    }

    private synchronized @Nullable OpenPart firstRetired() {
        return retired.peek();
    }

    private void seal(OpenPart part) throws IOException {
        PartName name = part.name;
        if (part.records() == 0) {
            // The first line failed, so there may be a torn line but no trade; the sweep seals the file.
            part.close();
            spool.abandon(name);
            return;
        }
        long began = time.nanoTime();
        part.sync(spool);
        part.close();
        spool.seal(name);
        metrics.sealTime.observe((time.nanoTime() - began) / 1e9);
        SealedPart sealed = part.sealed(spool);
        metrics.partsSealed.labelValues(sealed.rotatedBy().label()).inc();
        LOG.info("Rotating file: {} ({} records)", PartState.SEALED.fileName(name), part.records());
        sink.accept(sealed);
    }
}
