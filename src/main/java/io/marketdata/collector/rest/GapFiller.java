package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.Gaps.Gap;
import io.marketdata.collector.rest.RestException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
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
 * Backfills gaps over REST. Each {@link #runOnce()} makes at most one request, for the gap whose turn it is; it never
 * sleeps, and live recording never waits for it.
 *
 * <p>What happens to a gap:
 *
 * <ol>
 *   <li>For {@code grace} nothing is requested: a redundant connection may deliver its trades.
 *   <li>{@code /trades}, which answers from memory: used if the page reaches back to the gap and has no gap itself.
 *   <li>{@code /historicalTrades?fromId=}, page by page: used if a page begins exactly at the requested id and has no gap. The
 *       exchange silently omits trades that it no longer has, or does not have yet.
 *   <li>A page without the requested id: retried after 1, 2, 5, 15, 60 s, then every 5 minutes.
 *   <li>Still without it at the age {@code giveUpAfter}: unrecoverable, up to the first id that the last page did have. A gap
 *       that could not be requested at all in twice that time is unrecoverable as well, so that memory is bounded.
 * </ol>
 *
 * <p>Failures of the exchange or the network and the collector's own limit do not count as a page without the id;
 * {@link RequestBudget} holds all requests back until they may have passed. One thread.
 */
public final class GapFiller {

    private static final long[] RETRY_SECONDS = {1, 2, 5, 15, 60, 300};

    /** Weight per minute that a backfill leaves for other requests: four checks of a silent symbol. */
    private static final int SPARE_WEIGHT = 100;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration TROUBLE_LOG_INTERVAL = Duration.ofMinutes(5);

    /** Of each symbol; the metrics count all. */
    private static final int GAPS_LOGGED_A_MINUTE = 5;

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

    private final LogThrottle gapLines = new LogThrottle(Duration.ofMinutes(1), GAPS_LOGGED_A_MINUTE);
    private final LogThrottle trouble = new LogThrottle(TROUBLE_LOG_INTERVAL);
    private boolean waiting;

    /**
     * @param grace the age from which a gap is requested
     * @param giveUpAfter the age at which a gap that the exchange does not have is unrecoverable
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

    /** What is known of a gap from earlier cycles. */
    private static final class Attempt {
        private final Gap gap;
        private final GapFillLog log;
        private boolean memoryTried;
        private long dueNanos;
        private long lastTurn;
        private int misses;
        private String reason = "";
        /** Rows of a page before its own gap; the limit of the next request. */
        private int soundRows = BinanceRest.MAX_ROWS;
        /** The last id that was accepted; the gap must begin behind it at the next cycle. */
        private long acceptedTo = -1;

        private long fruitlessSinceNanos;

        Attempt(Gap gap, GapFillLog log, long dueNanos, long turn) {
            this.gap = gap;
            this.log = log;
            this.dueNanos = dueNanos;
            this.lastTurn = turn;
            this.fruitlessSinceNanos = gap.sinceNanos();
        }

        /** This attempt for a gap that has become smaller, or for a piece of it. */
        Attempt carriedOverTo(Gap now) {
            if (now.equals(gap)) {
                return this;
            }
            Attempt next = new Attempt(now, log, dueNanos, lastTurn);
            next.memoryTried = memoryTried;
            next.acceptedTo = acceptedTo;
            next.fruitlessSinceNanos = fruitlessSinceNanos;
            boolean progress = acceptedTo >= gap.ids().first() && now.ids().first() > acceptedTo;
            next.misses = progress ? 0 : misses;
            next.reason = progress ? "" : reason;
            if (now.ids().first() == gap.ids().first()) {
                next.soundRows = soundRows;
            }
            return next;
        }
    }

    /**
     * Checks the gaps and makes one request if one is due.
     *
     * @return how long to wait before the next call, at most two seconds; zero if there is more to do at once; a newly detected
     *     gap should end the wait
     * @throws IOException if a backfilled trade could not be written; the process must end
     */
    public Duration runOnce() throws IOException, InterruptedException {
        updateAttempts();
        long now = time.nanoTime();
        long wait = LONGEST_PAUSE.toNanos();
        for (Attempt attempt : attempts) {
            if (now - attempt.fruitlessSinceNanos >= 2 * giveUpNanos) {
                markUnrecoverable(attempt, attempt.gap.ids());
                return Duration.ZERO;
            }
            wait = Math.min(wait, Math.max(0, attempt.dueNanos - now));
        }
        Optional<Attempt> next = attempts.stream()
                .filter(attempt -> attempt.dueNanos - now <= 0)
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

    /** Carries the attempts over to the gaps as they are now, and ends those whose gap is gone. */
    private void updateAttempts() {
        Map<Symbol, NavigableMap<Long, Attempt>> known = new HashMap<>();
        attempts.forEach(attempt -> known.computeIfAbsent(attempt.gap.symbol(), symbol -> new TreeMap<>())
                .put(attempt.gap.ids().first(), attempt));
        List<Attempt> now = new ArrayList<>();
        gaps.open().forEach(gap -> now.add(carriedOver(gap, known.get(gap.symbol()))));
        Set<GapFillLog> ended = new LinkedHashSet<>();
        attempts.forEach(attempt -> ended.add(attempt.log));
        now.forEach(attempt -> ended.remove(attempt.log));
        ended.forEach(log -> log.end(time.nanoTime()));
        Set<Symbol> symbols = now.stream().map(attempt -> attempt.gap.symbol()).collect(Collectors.toSet());
        lastTurns.keySet().retainAll(symbols);
        attempts = now;
    }

    /** @param known attempts of the same symbol by the first id of their gaps, which do not overlap */
    private Attempt carriedOver(Gap gap, @Nullable NavigableMap<Long, Attempt> known) {
        Map.@Nullable Entry<Long, Attempt> before =
                known == null ? null : known.floorEntry(gap.ids().first());
        if (before != null && gap.ids().last() <= before.getValue().gap.ids().last()) {
            return before.getValue().carriedOverTo(gap);
        }
        return new Attempt(gap, new GapFillLog(gap.symbol(), gap.ids(), gapLines), gap.sinceNanos() + graceNanos, turn);
    }

    private void tryToFill(Attempt attempt) throws IOException, InterruptedException {
        attempt.log.start(time.nanoTime());
        IdRange ids = attempt.gap.ids();
        // The newest 1,000 trades cannot reach back over more ids.
        boolean fromMemory = !attempt.memoryTried && ids.count() <= BinanceRest.MAX_ROWS;
        attempt.memoryTried = true;
        try {
            if (fromMemory) {
                acceptNewest(attempt, rest.newest(attempt.gap.symbol(), BinanceRest.MAX_ROWS));
            } else {
                int limit = (int) Math.min(attempt.soundRows, ids.count());
                acceptPage(attempt, rest.from(attempt.gap.symbol(), ids.first(), limit));
            }
            if (waiting) {
                waiting = false;
                LOG.info("Backfill continues: the exchange answers again");
            }
        } catch (RestException e) {
            logFailure(attempt.gap, e);
            if (fromMemory) {
                attempt.memoryTried = e.kind() == Kind.INVALID;
            } else if (e.kind() == Kind.INVALID) {
                retryLater(attempt, String.valueOf(e.getMessage()), -1);
            }
        }
        attempt.log.progress(time.nanoTime(), ids.count());
    }

    private void acceptNewest(Attempt attempt, List<RestTrade> page) throws IOException {
        long first = attempt.gap.ids().first();
        if (!page.isEmpty()
                && soundRows(page) == page.size()
                && page.get(0).id() <= first
                && page.get(page.size() - 1).id() >= first
                && page.stream().noneMatch(trade -> contradicts(attempt.gap.symbol(), trade))) {
            accept(attempt, page);
        }
    }

    /** An answer that is wrong about a recorded trade is not believed about a missing one. */
    private boolean contradicts(Symbol symbol, RestTrade trade) {
        return gaps.contradicts(trade.toEvent(symbol, Origin.REST, time.epochMicros()));
    }

    private void acceptPage(Attempt attempt, List<RestTrade> page) throws IOException {
        long first = attempt.gap.ids().first();
        if (attempt.acceptedTo >= first) {
            // The page was here before and did not close the gap: requesting it again at once could repeat endlessly.
            retryLater(attempt, "trades were delivered, but the gap is still open", -1);
            attempt.acceptedTo = -1;
        } else if (page.isEmpty()) {
            retryLater(attempt, "the exchange has no trade from " + first + " on", -1);
        } else if (page.get(0).id() != first) {
            long instead = page.get(0).id();
            retryLater(attempt, "the exchange's page begins at " + instead, instead);
        } else if (soundRows(page) < page.size()) {
            // Requested again at once, up to there; the next page shows whether the row behind it is missing.
            attempt.soundRows = soundRows(page);
            attempt.dueNanos = time.nanoTime();
        } else {
            accept(attempt, page);
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

    private void accept(Attempt attempt, List<RestTrade> page) throws IOException {
        IdRange ids = attempt.gap.ids();
        long receivedMicros = time.epochMicros();
        long written = 0;
        for (RestTrade trade : page) {
            if (trade.id() >= ids.first() && trade.id() <= ids.last()) {
                attempt.acceptedTo = trade.id();
                if (gaps.accept(trade.toEvent(attempt.gap.symbol(), Origin.REST, receivedMicros))) {
                    written++;
                }
            }
        }
        metrics.idsBackfilled.labelValues(attempt.gap.symbol().value()).inc(written);
        attempt.log.addBackfilled(written);
        attempt.dueNanos = time.nanoTime();
        attempt.fruitlessSinceNanos = time.nanoTime();
    }

    /** @param jumpedTo the id at which the page begins instead; -1 if there is none */
    private void retryLater(Attempt attempt, String reason, long jumpedTo) {
        long now = time.nanoTime();
        attempt.misses++;
        attempt.reason = reason;
        LOG.debug("{} {}: {}", attempt.gap.symbol(), GapFillLog.range(attempt.gap.ids()), reason);
        if (now - attempt.fruitlessSinceNanos >= giveUpNanos) {
            IdRange ids = attempt.gap.ids();
            boolean moreBehind = jumpedTo > ids.first() && jumpedTo <= ids.last();
            markUnrecoverable(attempt, moreBehind ? new IdRange(ids.first(), jumpedTo - 1) : ids);
            attempt.dueNanos = now;
            return;
        }
        int step = Math.min(attempt.misses, RETRY_SECONDS.length) - 1;
        attempt.dueNanos = now + RETRY_SECONDS[step] * 1_000_000_000L;
    }

    private void markUnrecoverable(Attempt attempt, IdRange ids) {
        String reason = attempt.reason.isEmpty() ? "the exchange could not be queried" : attempt.reason;
        attempt.log.addUnrecoverable(ids.count());
        gaps.markUnrecoverable(attempt.gap.symbol(), ids, reason);
    }

    private void logFailure(Gap gap, RestException e) {
        if (trouble.admits(e.kind(), time.nanoTime())) {
            waiting = e.kind() != Kind.INVALID;
            String ids = GapFillLog.range(gap.ids());
            LOG.warn("Backfill of {} {} is waiting, recording continues: {}", gap.symbol(), ids, e.getMessage());
        } else {
            LOG.debug("Backfill is waiting: {}", e.getMessage());
        }
    }
}
