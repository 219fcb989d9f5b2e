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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Plays the trade source to all connections, so that each sees every trade in the same order, and inflicts faults between
 * two trades: those of the script exactly at their time, others when they arrive. One thread plays; any thread may inflict.
 */
final class Player {

    /** Trades due within this time are sent together. */
    private static final long TOGETHER_NANOS = 50_000;

    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long END = -1;

    private final TradeSource source;
    private final Map<Symbol, TradeHistory> histories;
    private final List<StreamConnection> connections;
    private final Time time;
    private final Function<Fault, String> onServers;
    private final CountDownLatch begun;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicLong issued = new AtomicLong();
    private volatile boolean closing;
    private volatile boolean stopped;

    @GuardedBy("this")
    private final Deque<FaultScript.Step> byTrades = new ArrayDeque<>();

    @GuardedBy("this")
    private final Deque<FaultScript.Step> byTime = new ArrayDeque<>();

    /** By symbol, the offset subtracted from the ids of the trade source. */
    @GuardedBy("this")
    private final Map<Symbol, Long> idBases = new HashMap<>();

    @GuardedBy("this")
    private final Set<Symbol> toReset = new HashSet<>();

    @GuardedBy("this")
    private @Nullable Tick next;

    /** Of the events that are delivered. */
    @GuardedBy("this")
    private UnaryOperator<String> format = UnaryOperator.identity();

    @GuardedBy("this")
    private boolean playing;

    @GuardedBy("this")
    private long beganNanos;

    /** Total length of all halts that are over, ns. */
    @GuardedBy("this")
    private long haltedNanos;

    /** Start and end of the current halt, ns since the start of the trade source; equal if there is none. */
    @GuardedBy("this")
    private long haltFrom;

    @GuardedBy("this")
    private long haltTo;

    /**
     * @param options the script, and the number of calls of {@link #subscribed} after which the trade source starts
     * @param connections receive the trades; the list may change at any time
     * @param onServers inflicts faults that do not affect the trade source; returns a short description
     */
    Player(
            TradeSource source,
            ExchangeOptions options,
            Map<Symbol, TradeHistory> histories,
            List<StreamConnection> connections,
            Time time,
            Function<Fault, String> onServers) {
        this.source = source;
        this.histories = histories;
        this.connections = connections;
        this.begun = new CountDownLatch(options.startAfter());
        this.time = time;
        this.onServers = onServers;
        List<FaultScript.Step> inOrder = new ArrayList<>(options.script().steps());
        inOrder.sort(Comparator.comparingLong(Player::trades).thenComparingLong(Player::nanos));
        for (FaultScript.Step step : inOrder) {
            (step.after() == null ? byTrades : byTime).add(step);
        }
    }

    private static long trades(FaultScript.Step step) {
        return step.afterTrades() == null ? Long.MAX_VALUE : step.afterTrades();
    }

    private static long nanos(FaultScript.Step step) {
        return step.after() == null ? Long.MAX_VALUE : step.after().toNanos();
    }

    /** A connection has subscribed to a stream. */
    void subscribed() {
        begun.countDown();
    }

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
                inflictDue();
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

    /** Inflicts a fault between two trades; returns a short description of what was done. */
    synchronized String inflict(Fault fault) {
        if (fault instanceof Fault.Halt halt) {
            long now = sinceStart();
            haltFrom = haltTo > now ? haltFrom : now;
            haltTo = Math.max(haltTo, now + halt.lasting().toNanos());
            return "the trade source halts for " + FaultWords.time(halt.lasting());
        }
        if (fault instanceof Fault.ResetIds reset) {
            resetIds(reset.symbol());
            return "ids start again at 0";
        }
        if (fault instanceof Fault.Reformat change) {
            format = json -> json.replace(change.replace(), change.with());
            return "trades have " + change.with() + " in place of " + change.replace();
        }
        if (fault instanceof Fault.Heal) {
            format = UnaryOperator.identity();
            haltTo = Math.min(haltTo, Math.max(haltFrom, sinceStart()));
        }
        return onServers.apply(fault);
    }

    @GuardedBy("this")
    private void resetIds(@Nullable Symbol wanted) {
        histories.forEach((symbol, history) -> {
            if (wanted == null || wanted.equals(symbol)) {
                history.reset();
                toReset.add(symbol);
            }
        });
    }

    @GuardedBy("this")
    private long sinceStart() {
        return playing ? time.nanoTime() - beganNanos : 0;
    }

    /** Does what is due; returns ns until the next event, or {@link #END} when the trade source has ended. */
    private synchronized long advance() {
        FaultScript.Step atTrade = byTrades.peek();
        if (atTrade != null && trades(atTrade) <= issued.get()) {
            inflict(byTrades.remove().fault());
            return 0;
        }
        long now = sinceStart();
        FaultScript.Step atTime = byTime.peek();
        long stepDue = atTime == null ? Long.MAX_VALUE : nanos(atTime);
        if (haltTo > now) {
            inflictDue();
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
            inflictDue();
            return 0;
        }
        return next == null ? END : Math.min(next.dueNanos() + haltedNanos, stepDue) - now;
    }

    /** Inflicts the first step by time if it is due, and all steps of the same time. */
    private synchronized void inflictDue() {
        long now = sinceStart();
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

    /** The tick with id and time adjusted for resets and halts. */
    @GuardedBy("this")
    private Tick asIssued(Tick tick) {
        if (toReset.remove(tick.symbol())) {
            idBases.put(tick.symbol(), tick.id());
        }
        return tick.changed(
                tick.id() - idBases.getOrDefault(tick.symbol(), 0L),
                source.runsWithTheClock() ? Duration.ofNanos(haltedNanos).toMillis() : 0);
    }

    @GuardedBy("this")
    private void issue(List<Tick> ticks) {
        long issuedNanos = time.nanoTime();
        for (Tick tick : ticks) {
            TradeHistory history = histories.get(tick.symbol());
            if (history != null) {
                history.add(tick, issuedNanos);
            }
        }
        issued.addAndGet(ticks.size());
        UnaryOperator<String> wire = format;
        List<Tick> sent = ticks.stream().map(tick -> tick.withJson(wire)).toList();
        connections.forEach(connection -> connection.deliver(sent));
    }
}
