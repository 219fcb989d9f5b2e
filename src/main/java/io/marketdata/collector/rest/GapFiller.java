package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.Gaps.Gap;
import io.marketdata.collector.rest.RestException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills gaps over REST. Each {@link #runOnce()} makes at most one request, for the gap whose turn it is; it never
 * sleeps, and live recording never waits for it.
 *
 * <p>What happens to a gap:
 *
 * <ol>
 *   <li>For {@code grace} it is left alone: the twin connection may bring its trades.
 *   <li>{@code /trades}, which answers from memory: taken if the page reaches back to the gap and has no gap itself.
 *   <li>{@code /historicalTrades?fromId=}, page by page: taken if a page begins exactly at the id that was asked for and
 *       has no gap. The exchange leaves out silently what it no longer has, or not yet.
 *   <li>A page that is not there: again after 1, 2, 5, 15, 60 s, then every 5 minutes.
 *   <li>Not there at the age {@code giveUpAfter}: lost, up to the first id that the last page did have. What could not be
 *       asked for at all in twice that time is lost too, so that memory is bounded.
 * </ol>
 *
 * <p>Faults of the exchange, the network and our own limit do not count as "not there"; {@link RequestBudget} holds
 * everything back until they may have passed. One thread.
 */
public final class GapFiller {

    private static final long[] RETRY_SECONDS = {1, 2, 5, 15, 60, 300};

    /** A request that finds the budget emptied leaves this for others: four looks at a silent symbol. */
    private static final int SPARE_WEIGHT = 100;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration TROUBLE_SILENCE = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(GapFiller.class);

    private final BinanceRest rest;
    private final Gaps gaps;
    private final Time time;
    private final long graceNanos;
    private final long giveUpNanos;
    private final RestMetrics metrics;

    private List<Attempt> attempts = new ArrayList<>();
    private final Map<Symbol, Long> lastTurns = new HashMap<>();
    private long turn;

    private final LogThrottle trouble = new LogThrottle(TROUBLE_SILENCE);
    private boolean toldToWait;

    /**
     * @param grace a younger gap is left alone
     * @param giveUpAfter the age at which a gap that the exchange does not have is lost
     */
    public GapFiller(
            BinanceRest rest, Gaps gaps, Time time, Duration grace, Duration giveUpAfter, RestMetrics metrics) {
        this.rest = rest;
        this.gaps = gaps;
        this.time = time;
        this.graceNanos = grace.toNanos();
        this.giveUpNanos = giveUpAfter.toNanos();
        this.metrics = metrics;
    }

    /** What is known of a gap between two looks at it. */
    private static final class Attempt {
        private final Gap gap;
        private final GapFillLog recovery;
        private boolean memoryAsked;
        private long dueNanos;
        private long lastTurn;
        private int notThere;
        private String reason = "";
        /** Rows of a page before its own gap; the next page asks for no more. */
        private int soundRows = BinanceRest.MAX_ROWS;
        /** The last id that was handed over; the gap must begin behind it by now. */
        private long takenTo = -1;

        private long fruitlessSinceNanos;

        Attempt(Gap gap, GapFillLog recovery, long dueNanos, long turn) {
            this.gap = gap;
            this.recovery = recovery;
            this.dueNanos = dueNanos;
            this.lastTurn = turn;
            this.fruitlessSinceNanos = gap.sinceNanos();
        }

        /** The same for a gap that has become smaller, or for a piece of it. */
        Attempt onTo(Gap now) {
            if (now.equals(gap)) {
                return this;
            }
            Attempt next = new Attempt(now, recovery, dueNanos, lastTurn);
            next.memoryAsked = memoryAsked;
            next.takenTo = takenTo;
            next.fruitlessSinceNanos = fruitlessSinceNanos;
            boolean progress = takenTo >= gap.ids().first() && now.ids().first() > takenTo;
            next.notThere = progress ? 0 : notThere;
            next.reason = progress ? "" : reason;
            if (now.ids().first() == gap.ids().first()) {
                next.soundRows = soundRows;
            }
            return next;
        }
    }

    /**
     * Looks at the gaps and makes one request if one is due.
     *
     * @return how long to wait before the next call; zero if there is more to do at once, two seconds at
     *     most; a gap that is found meanwhile should end it
     * @throws IOException if a recovered trade could not be written; the process must end
     */
    public Duration runOnce() throws IOException, InterruptedException {
        lookAtGaps();
        long now = time.nanoTime();
        long wait = LONGEST_PAUSE.toNanos();
        List<Attempt> due = new ArrayList<>();
        for (Attempt attempt : attempts) {
            if (now - attempt.fruitlessSinceNanos >= 2 * giveUpNanos) {
                giveUp(attempt, attempt.gap.ids());
                return Duration.ZERO;
            }
            wait = Math.min(wait, Math.max(0, attempt.dueNanos - now));
            if (attempt.dueNanos - now <= 0) {
                due.add(attempt);
            }
        }
        Optional<Attempt> next = due.stream()
                .min(Comparator.comparingLong((Attempt attempt) -> lastTurns.getOrDefault(attempt.gap.symbol(), -1L))
                        .thenComparingLong(attempt -> attempt.lastTurn));
        if (next.isEmpty()) {
            return Duration.ofNanos(wait);
        }
        long held = rest.budget().waitNanos(Weights.MOST, SPARE_WEIGHT);
        if (held > 0) {
            return Duration.ofNanos(Math.min(held, LONGEST_PAUSE.toNanos()));
        }
        turn++;
        next.get().lastTurn = turn;
        lastTurns.put(next.get().gap.symbol(), turn);
        tryToFill(next.get());
        return Duration.ZERO;
    }

    /** Carries what is known over to the gaps as they are now, and forgets what is gone. */
    private void lookAtGaps() {
        Map<Symbol, NavigableMap<Long, Attempt>> known = new HashMap<>();
        attempts.forEach(attempt -> known.computeIfAbsent(attempt.gap.symbol(), symbol -> new TreeMap<>())
                .put(attempt.gap.ids().first(), attempt));
        List<Attempt> now = new ArrayList<>();
        Set<GapFillLog> going = new HashSet<>();
        for (Gap gap : gaps.open()) {
            Attempt attempt = carriedOver(gap, known.get(gap.symbol()));
            now.add(attempt);
            going.add(attempt.recovery);
        }
        attempts.stream()
                .map(attempt -> attempt.recovery)
                .distinct()
                .filter(recovery -> !going.contains(recovery))
                .forEach(recovery -> recovery.end(time.nanoTime()));
        lastTurns
                .keySet()
                .retainAll(now.stream().map(attempt -> attempt.gap.symbol()).collect(Collectors.toSet()));
        attempts = now;
    }

    /** @param known attempts of the same symbol by the first id of their gaps, which do not overlap */
    private Attempt carriedOver(Gap gap, @Nullable NavigableMap<Long, Attempt> known) {
        Map.@Nullable Entry<Long, Attempt> before =
                known == null ? null : known.floorEntry(gap.ids().first());
        if (before != null && gap.ids().last() <= before.getValue().gap.ids().last()) {
            return before.getValue().onTo(gap);
        }
        return new Attempt(gap, new GapFillLog(gap.symbol(), gap.ids()), gap.sinceNanos() + graceNanos, turn);
    }

    private void tryToFill(Attempt attempt) throws IOException, InterruptedException {
        attempt.recovery.begin(time.nanoTime());
        IdRange ids = attempt.gap.ids();
        // A thousand newest trades cannot reach back over more.
        attempt.memoryAsked |= ids.count() > BinanceRest.MAX_ROWS;
        boolean fromMemory = !attempt.memoryAsked;
        try {
            if (fromMemory) {
                takeNewest(attempt, rest.newest(attempt.gap.symbol(), BinanceRest.MAX_ROWS));
            } else {
                int limit = (int) Math.min(attempt.soundRows, ids.count());
                takePage(attempt, rest.from(attempt.gap.symbol(), ids.first(), limit));
            }
            answered();
        } catch (RestException e) {
            tell(attempt.gap, e);
            if (e.kind() == Kind.INVALID && fromMemory) {
                attempt.memoryAsked = true;
            } else if (e.kind() == Kind.INVALID) {
                notThere(attempt, String.valueOf(e.getMessage()), -1);
            }
        }
        attempt.recovery.news(time.nanoTime(), ids.count());
    }

    private void takeNewest(Attempt attempt, List<RestTrade> page) throws IOException {
        attempt.memoryAsked = true;
        long first = attempt.gap.ids().first();
        if (!page.isEmpty()
                && soundRows(page) == page.size()
                && page.get(0).id() <= first
                && page.get(page.size() - 1).id() >= first) {
            take(attempt, page);
        }
    }

    private void takePage(Attempt attempt, List<RestTrade> page) throws IOException {
        long first = attempt.gap.ids().first();
        if (attempt.takenTo >= first) {
            // It was here already, and whoever keeps the gaps did not take it: never in a tight circle.
            notThere(attempt, "trades were handed over, but the gap is still there", -1);
            attempt.takenTo = -1;
        } else if (page.isEmpty()) {
            notThere(attempt, "the exchange has no trade from " + first + " on", -1);
        } else if (page.get(0).id() != first) {
            long instead = page.get(0).id();
            notThere(attempt, "the exchange's page begins at " + instead, instead);
        } else if (soundRows(page) < page.size()) {
            // Asked for again at once, up to there; the row behind shows by itself whether it is missing.
            attempt.soundRows = soundRows(page);
            attempt.dueNanos = time.nanoTime();
        } else {
            take(attempt, page);
        }
    }

    /** How many rows from the first on have consecutive ids. */
    private static int soundRows(List<RestTrade> page) {
        int rows = 1;
        while (rows < page.size() && page.get(rows).id() == page.get(rows - 1).id() + 1) {
            rows++;
        }
        return rows;
    }

    private void take(Attempt attempt, List<RestTrade> page) throws IOException {
        IdRange ids = attempt.gap.ids();
        long receivedMicros = time.epochMicros();
        long written = 0;
        for (RestTrade trade : page) {
            if (trade.id() >= ids.first() && trade.id() <= ids.last()) {
                attempt.takenTo = trade.id();
                if (gaps.accept(trade.toEvent(attempt.gap.symbol(), receivedMicros))) {
                    written++;
                }
            }
        }
        metrics.idsBackfilled.labelValues(attempt.gap.symbol().value()).inc(written);
        attempt.recovery.backfilled(written);
        attempt.dueNanos = time.nanoTime();
        attempt.fruitlessSinceNanos = time.nanoTime();
    }

    private void notThere(Attempt attempt, String reason, long jumpedTo) {
        long now = time.nanoTime();
        attempt.notThere++;
        attempt.reason = reason;
        LOG.debug("{} {}: {}", attempt.gap.symbol(), GapFillLog.range(attempt.gap.ids()), reason);
        if (now - attempt.fruitlessSinceNanos >= giveUpNanos) {
            IdRange ids = attempt.gap.ids();
            boolean moreBehind = jumpedTo > ids.first() && jumpedTo <= ids.last();
            giveUp(attempt, moreBehind ? new IdRange(ids.first(), jumpedTo - 1) : ids);
            attempt.dueNanos = now;
            return;
        }
        int step = Math.min(attempt.notThere, RETRY_SECONDS.length) - 1;
        attempt.dueNanos = now + RETRY_SECONDS[step] * 1_000_000_000L;
    }

    private void giveUp(Attempt attempt, IdRange ids) {
        String reason = attempt.reason.isEmpty() ? "the exchange could not be asked" : attempt.reason;
        attempt.recovery.lost(ids.count());
        gaps.lost(attempt.gap.symbol(), ids, reason);
    }

    private void tell(Gap gap, RestException e) {
        if (trouble.admits(e.kind(), time.nanoTime())) {
            toldToWait = e.kind() != Kind.INVALID;
            LOG.warn(
                    "Recovery of {} {} waits, recording goes on: {}",
                    gap.symbol(),
                    GapFillLog.range(gap.ids()),
                    e.getMessage());
        } else {
            LOG.debug("Recovery waits: {}", e.getMessage());
        }
    }

    private void answered() {
        if (toldToWait) {
            toldToWait = false;
            LOG.info("Recovery goes on: the exchange answers");
        }
    }
}
