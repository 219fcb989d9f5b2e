package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Plays the trade source to all connections, so that each sees every trade in the same order, and carries out faults between two
 * trades: those of the script at exactly their moment, others when they come. One thread plays; any may inflict.
 */
final class Player {

    /** Trades due within so short a time go out together. */
    private static final long TOGETHER_NANOS = 50_000;

    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long END = -1;

    private final TradeSource source;
    private final Map<Symbol, TradeHistory> histories;
    private final List<StreamConnection> connections;
    private final Time time;
    private final Function<Fault, String> elsewhere;
    private final CountDownLatch begun;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicLong issued = new AtomicLong();
    private volatile boolean closing;
    private volatile boolean stopped;

    @GuardedBy("this")
    private final Deque<FaultScript.Step> byTrades = new ArrayDeque<>();

    @GuardedBy("this")
    private final Deque<FaultScript.Step> byTime = new ArrayDeque<>();

    /** Subtracted from the ids of the trade source. */
    @GuardedBy("this")
    private final Map<Symbol, Long> idBases = new HashMap<>();

    @GuardedBy("this")
    private final Set<Symbol> beginAtZero = new HashSet<>();

    @GuardedBy("this")
    private @Nullable Tick next;

    @GuardedBy("this")
    private boolean playing;

    @GuardedBy("this")
    private long beganNanos;

    /** Length of all halts that are over. */
    @GuardedBy("this")
    private long haltedNanos;

    /** From the beginning of the trade source; equal if there is no halt. */
    @GuardedBy("this")
    private long haltFrom;

    @GuardedBy("this")
    private long haltTo;

    /**
     * @param connections delivered to; changes while it is read
     * @param startAfter begins when {@link #subscribed} has been called so often
     * @param elsewhere carries out what does not concern the trade source; what was done, in words
     */
    Player(
            TradeSource source,
            FaultScript script,
            Map<Symbol, TradeHistory> histories,
            List<StreamConnection> connections,
            int startAfter,
            Time time,
            Function<Fault, String> elsewhere) {
        this.source = source;
        this.histories = histories;
        this.connections = connections;
        this.begun = new CountDownLatch(startAfter);
        this.time = time;
        this.elsewhere = elsewhere;
        byTrades.addAll(script.steps().stream()
                .filter(step -> step.afterTrades() != null)
                .sorted(Comparator.comparingLong(Player::trades))
                .toList());
        byTime.addAll(script.steps().stream()
                .filter(step -> step.after() != null)
                .sorted(Comparator.comparingLong(Player::nanos))
                .toList());
    }

    private static long trades(FaultScript.Step step) {
        return step.afterTrades() == null ? Long.MAX_VALUE : step.afterTrades();
    }

    private static long nanos(FaultScript.Step step) {
        return step.after() == null ? Long.MAX_VALUE : step.after().toNanos();
    }

    /** A connection has asked for a stream. */
    void subscribed() {
        begun.countDown();
    }

    /** Trades issued so far, of all symbols. */
    long issuedCount() {
        return issued.get();
    }

    void stopTrades() {
        stopped = true;
    }

    void close() {
        closing = true;
        stopped = true;
    }

    boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        return ended.await(timeout, unit);
    }

    /** Plays until {@link #close}. */
    void play() {
        try {
            while (!begun.await(LONGEST_SLEEP_NANOS, TimeUnit.NANOSECONDS) && !stopped) {
                tickAll();
            }
            begin();
            for (long pause = 0; pause != END && !stopped; pause = advance()) {
                tickAll();
                if (pause > 0) {
                    LockSupport.parkNanos(Math.min(LONGEST_SLEEP_NANOS, pause));
                }
            }
            ended.countDown();
            while (!closing) {
                carryOutByTime();
                tickAll();
                LockSupport.parkNanos(LONGEST_SLEEP_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private void tickAll() {
        connections.forEach(StreamConnection::tick);
    }

    private synchronized void begin() {
        source.begin(time.epochMillis());
        beganNanos = time.nanoTime();
        playing = true;
        next = source.next();
    }

    /** Carries a fault out, between two trades; what was done, in words. */
    synchronized String inflict(Fault fault) {
        if (fault instanceof Fault.Halt halt) {
            long now = sinceBeginning();
            haltFrom = haltTo > now ? haltFrom : now;
            haltTo = Math.max(haltTo, now + halt.lasting().toNanos());
            return "the trade source halts for " + halt.lasting();
        }
        if (fault instanceof Fault.ResetIds reset) {
            histories.forEach((symbol, history) -> {
                if (reset.symbol() == null || reset.symbol().equals(symbol)) {
                    history.beginAgain();
                    beginAtZero.add(symbol);
                }
            });
            return "ids begin again at 0";
        }
        if (fault instanceof Fault.Heal) {
            haltTo = Math.min(haltTo, Math.max(haltFrom, sinceBeginning()));
        }
        return elsewhere.apply(fault);
    }

    @GuardedBy("this")
    private long sinceBeginning() {
        return playing ? time.nanoTime() - beganNanos : 0;
    }

    /** Does what is due; ns until something is again, or {@link #END} when the trade source has ended. */
    private synchronized long advance() {
        FaultScript.Step atTrade = byTrades.peek();
        if (atTrade != null && trades(atTrade) <= issued.get()) {
            inflict(byTrades.remove().fault());
            return 0;
        }
        long now = sinceBeginning();
        FaultScript.Step atTime = byTime.peek();
        long stepDue = atTime == null ? Long.MAX_VALUE : nanos(atTime);
        if (haltTo > now) {
            carryOutByTime();
            return Math.max(1, Math.min(haltTo, stepDue) - now);
        }
        haltedNanos += haltTo - haltFrom;
        haltFrom = haltTo;
        List<Tick> together = takeUntil(
                Math.min(now + TOGETHER_NANOS, stepDue) - haltedNanos,
                atTrade == null ? Long.MAX_VALUE : trades(atTrade) - issued.get());
        if (!together.isEmpty()) {
            issue(together);
            return 0;
        }
        if (stepDue <= now) {
            carryOutByTime();
            return 0;
        }
        return next == null ? END : Math.min(next.dueNanos() + haltedNanos, stepDue) - now;
    }

    /** The step that is due first; and those of the same moment with it. */
    private synchronized void carryOutByTime() {
        long now = sinceBeginning();
        FaultScript.Step first = byTime.peek();
        if (first == null || nanos(first) > now) {
            return;
        }
        while (!byTime.isEmpty() && nanos(byTime.getFirst()) == nanos(first)) {
            inflict(byTime.remove().fault());
        }
    }

    @GuardedBy("this")
    private List<Tick> takeUntil(long dueNanos, long most) {
        List<Tick> ticks = new ArrayList<>();
        while (next != null && next.dueNanos() <= dueNanos && ticks.size() < most) {
            ticks.add(asIssued(next));
            next = source.next();
        }
        return ticks;
    }

    /** With the ids and times that follow from resets and halts. */
    @GuardedBy("this")
    private Tick asIssued(Tick tick) {
        if (beginAtZero.remove(tick.symbol())) {
            idBases.put(tick.symbol(), tick.id());
        }
        return tick.changed(
                tick.id() - idBases.getOrDefault(tick.symbol(), 0L),
                source.runsWithTheClock() ? Duration.ofNanos(haltedNanos).toMillis() : 0);
    }

    @GuardedBy("this")
    private void issue(List<Tick> ticks) {
        long now = time.nanoTime();
        for (Tick tick : ticks) {
            TradeHistory history = histories.get(tick.symbol());
            if (history != null) {
                history.add(tick, now);
            }
        }
        issued.addAndGet(ticks.size());
        for (StreamConnection connection : connections) {
            connection.deliver(ticks);
        }
    }
}
