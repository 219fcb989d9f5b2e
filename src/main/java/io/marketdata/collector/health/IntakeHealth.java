package io.marketdata.collector.health;

import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Condition;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.ClockCheck;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.spool.UnparsedFrames;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether trades are received, completely and in time. Each patience tolerates short faults; together with the time
 * that a fault needs to show, it stays below 60 s.
 *
 * @param openConnections how many connections to the exchange are open
 * @param expectedConnections how many should be open
 * @param wanted false while ingestion is paused
 * @param unknown whether the exchange does not know a symbol
 * @param staleAfter a shorter time without trades is never unusual
 * @param maxLag trades that arrive later than this are late
 * @param notKeptBecause why the last frame that was not understood and not kept was not
 */
public record IntakeHealth(
        IntSupplier openConnections,
        int expectedConnections,
        BooleanSupplier wanted,
        List<LineArbiter> arbiters,
        RequestBudget rest,
        ClockCheck clock,
        Predicate<Symbol> unknown,
        Duration staleAfter,
        Duration maxLag,
        FeedMetrics feed,
        SpoolMetrics spool,
        Supplier<String> notKeptBecause,
        Time time) {

    private static final Duration CONNECTIONS_PATIENCE = Duration.ofSeconds(10);
    private static final Duration GAP_PATIENCE = Duration.ofSeconds(50);
    private static final Duration REST_PATIENCE = Duration.ofSeconds(20);
    private static final Duration LAG_PATIENCE = Duration.ofSeconds(10);

    /** Beyond this, arrival times do not show the order of events, and signed requests would be refused. */
    private static final long MOST_CLOCK_OFFSET_MS = 1_000;

    /** The delay of an older trade does not describe the present. */
    private static final Duration LAG_VALID_FOR = Duration.ofSeconds(30);

    public IntakeHealth {
        arbiters = List.copyOf(arbiters);
    }

    public List<Check> checks() {
        RecentGrowth kept = new RecentGrowth(() -> unparsed(UnparsedFrames.KEPT), time);
        RecentGrowth lost = new RecentGrowth(() -> unparsed(UnparsedFrames.NOT_KEPT), time);
        List<Check> checks = new ArrayList<>(List.of(
                new Check("disconnected", Status.FAILING, CONNECTIONS_PATIENCE, this::noConnection),
                new Check("redundancy_reduced", Status.DEGRADED, CONNECTIONS_PATIENCE, this::fewConnections),
                new Check("frames_unparsed", Status.DEGRADED, Duration.ZERO, () -> unparsed(kept.now(), lost.now())),
                new Check("rest_failing", Status.DEGRADED, REST_PATIENCE, this::restFails),
                new Check("rest_weight", Status.DEGRADED, Duration.ZERO, this::restIsUsedUp),
                new Check("clock_off", Status.DEGRADED, Duration.ZERO, this::clockIsOff)));
        arbiters.forEach(arbiter -> checks.addAll(checks(arbiter)));
        return checks;
    }

    private List<Check> checks(LineArbiter arbiter) {
        Symbol symbol = arbiter.symbol();
        Condition contradicted = recently(
                feed.contradictions,
                symbol,
                "came with another payload than the recorded one of the same id; both are kept, the later one in"
                        + " unparsed/: a connection or REST is wrong");
        Condition doubted = recently(
                feed.doubted,
                symbol,
                "came with an id that does not follow the record; they are kept, the ids are not believed without"
                        + " evidence");
        Condition reset = recently(
                feed.resets,
                symbol,
                "began a new sequence of ids: the exchange started its ids again, or the earlier record was wrong;"
                        + " recording continues");
        return List.of(
                new Check("symbol_unknown", symbol, Status.DEGRADED, Duration.ZERO, () -> unknown(symbol)),
                new Check("stale", symbol, Status.FAILING, Duration.ZERO, () -> stale(arbiter)),
                new Check("lag", symbol, Status.DEGRADED, LAG_PATIENCE, () -> late(arbiter)),
                new Check("gaps_open", symbol, Status.DEGRADED, GAP_PATIENCE, () -> gaps(arbiter)),
                new Check("gaps_unrecoverable", symbol, Status.DEGRADED, Duration.ZERO, () -> unrecoverable(arbiter)),
                new Check("trades_contradict", symbol, Status.DEGRADED, Duration.ZERO, contradicted),
                new Check("trades_doubted", symbol, Status.DEGRADED, Duration.ZERO, doubted),
                new Check("sequence_reset", symbol, Status.DEGRADED, Duration.ZERO, reset));
    }

    private Condition recently(Counter counter, Symbol symbol, String what) {
        RecentGrowth growth = new RecentGrowth(counter.labelValues(symbol.value())::getLongValue, time);
        return () -> {
            long trades = growth.now();
            return Finding.when(trades != 0, LogText.count(trades, "trade") + " of " + symbol + " recently " + what);
        };
    }

    private @Nullable Finding noConnection() {
        return Finding.when(
                openConnections.getAsInt() == 0 && wanted.getAsBoolean(),
                "no connection to the exchange is open: trades are missed and must be backfilled over REST later");
    }

    private @Nullable Finding fewConnections() {
        int open = openConnections.getAsInt();
        return Finding.when(
                open > 0 && open < expectedConnections,
                open + " of " + expectedConnections + " connections open: losing another connection may open a gap");
    }

    private long unparsed(String outcome) {
        return spool.framesUnparsed.labelValues(outcome).getLongValue();
    }

    /** The two numbers never blend: what is called kept is what the disk has taken. */
    private @Nullable Finding unparsed(long kept, long lost) {
        String notKept = lost == 0 ? "" : "; " + lost + " NOT kept, lost: " + notKeptBecause.get();
        return Finding.when(
                kept + lost != 0,
                LogText.count(kept + lost, "frame") + " of the exchange not understood recently: " + kept
                        + " kept in unparsed/, to be uploaded" + notKept
                        + ". If they continue, the exchange has changed its format: install a newer version, then run"
                        + " reparse");
    }

    private @Nullable Finding restFails() {
        RequestBudget.Trouble trouble = rest.trouble();
        return trouble == null
                ? null
                : new Finding(
                        "REST does not answer (" + trouble.because()
                                + "): gaps are not filled, and a quiet market cannot be distinguished from a stale"
                                + " connection",
                        trouble.lasting());
    }

    private @Nullable Finding restIsUsedUp() {
        int used = rest.usedWeight();
        return Finding.when(
                used > RequestBudget.PAUSE_ABOVE,
                "this IP address has used " + used
                        + " of 6000 request weight in this minute, so backfilling pauses: find out what else uses it");
    }

    private @Nullable Finding clockIsOff() {
        ClockCheck.Offset offset = clock.offset();
        if (offset == null) {
            return null;
        }
        String where = Math.abs(offset.ms()) + " ms " + (offset.ms() > 0 ? "ahead of" : "behind");
        return Finding.when(
                offset.certainMs() > MOST_CLOCK_OFFSET_MS,
                "this machine's clock is " + where
                        + " the exchange's: synchronise it (timedatectl, chronyc tracking); no trade is lost");
    }

    private @Nullable Finding unknown(Symbol symbol) {
        return Finding.when(
                unknown.test(symbol),
                symbol
                        + " is unknown to the exchange: it is misspelt, delisted or renamed, correct SYMBOL; it is recorded as"
                        + " soon as the exchange trades it, the other symbols are not affected");
    }

    private @Nullable Finding late(LineArbiter arbiter) {
        LineArbiter.Progress progress = arbiter.progress();
        ClockCheck.Offset offset = clock.offset();
        long delayMs = progress.delayMs() - (offset == null ? 0 : offset.ms());
        boolean isNow = time.nanoTime() - progress.lastNanos() < LAG_VALID_FOR.toNanos();
        return Finding.when(
                progress.lastId() >= 0 && isNow && delayMs > maxLag.toMillis(),
                "trades of " + arbiter.symbol() + " arrive " + delayMs / 1_000
                        + " s late: the exchange, the network or this machine is too slow");
    }

    /** A quiet market is not stale: the exchange must have newer trades, or no connection may be open. */
    private @Nullable Finding stale(LineArbiter arbiter) {
        LineArbiter.Progress progress = arbiter.progress();
        boolean unusual =
                !arbiter.unusualSilence(staleAfter, LineArbiter.LONGEST_SILENCE).isNegative();
        Duration silence = Duration.ofNanos(time.nanoTime() - progress.lastNanos());
        boolean traded = progress.marketTrading();
        return Finding.when(
                unusual && wanted.getAsBoolean() && (traded || openConnections.getAsInt() == 0),
                "no connection has delivered a trade of " + arbiter.symbol() + " for " + silence.toSeconds() + " s"
                        + (traded ? ", although the exchange trades it" : ", and none is open"));
    }

    /** Why it is not known which trades of the symbol are missing; empty while every gap is known. */
    String unknown(LineArbiter arbiter) {
        if (!wanted.getAsBoolean()) {
            return "ingestion is paused";
        }
        if (openConnections.getAsInt() == 0) {
            return "no connection is open";
        }
        if (arbiter.progress().lastId() < 0) {
            return "no trade since the start";
        }
        return stale(arbiter) == null ? "" : "no connection delivers its trades";
    }

    private @Nullable Finding gaps(LineArbiter arbiter) {
        List<Gap> gaps = arbiter.gaps();
        if (gaps.isEmpty()) {
            return null;
        }
        long since = gaps.stream()
                .mapToLong(Gap::since)
                .reduce((a, b) -> a - b < 0 ? a : b)
                .orElseThrow();
        long ids = gaps.stream().mapToLong(gap -> gap.ids().count()).sum();
        Duration age = Duration.ofNanos(time.nanoTime() - since);
        return new Finding(
                "gaps of " + arbiter.symbol() + " are open: " + LogText.count(ids, "trade")
                        + " missing, the oldest for " + age.toSeconds() + " s",
                age);
    }

    private @Nullable Finding unrecoverable(LineArbiter arbiter) {
        long ids = feed.idsUnrecoverable.labelValues(arbiter.symbol().value()).getLongValue();
        return Finding.when(
                ids != 0,
                LogText.count(ids, "trade") + " of " + arbiter.symbol()
                        + " became unrecoverable since the start: the log names their ids");
    }
}
