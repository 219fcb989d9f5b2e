package io.marketdata.collector.health;

import io.marketdata.collector.collect.Gates;
import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.MissingIds.Hole;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.ClockCheck;
import io.marketdata.collector.rest.RequestBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Why trades may not be recorded, or not in time. Each patience leaves room for what passes by itself, and together with
 * the time that the fault needs to show it stays below 60 s.
 *
 * @param openLinks how many links to the exchange are open
 * @param expectedLinks how many should be
 * @param wanted whether trades are to be read at all now
 * @param stallAfter no shorter silence of a symbol is unusual
 * @param maxLag trades that come later are late
 */
public record IntakeHealth(
        IntSupplier openLinks,
        int expectedLinks,
        BooleanSupplier wanted,
        List<TradeGate> gates,
        RequestBudget rest,
        ClockCheck clock,
        Duration stallAfter,
        Duration maxLag,
        Metrics metrics,
        Time time) {

    private static final Duration LINKS_PATIENCE = Duration.ofSeconds(10);
    private static final Duration HOLE_PATIENCE = Duration.ofSeconds(50);
    private static final Duration REST_PATIENCE = Duration.ofSeconds(20);
    private static final Duration LAG_PATIENCE = Duration.ofSeconds(10);

    /** With more the order of arrival is not what the times say, and signed requests would be refused. */
    private static final long MOST_CLOCK_OFFSET_MS = 1_000;

    /** The delay of an older trade tells nothing of now. */
    private static final Duration LAG_VALID_FOR = Duration.ofSeconds(30);

    public IntakeHealth {
        gates = List.copyOf(gates);
    }

    public List<Check> checks() {
        RecentGrowth rejected = new RecentGrowth(metrics.framesRejected::getLongValue, time);
        List<Check> checks = new ArrayList<>(List.of(
                new Check("links_down", Status.FAILING, LINKS_PATIENCE, this::noLink),
                new Check("links_few", Status.DEGRADED, LINKS_PATIENCE, this::fewLinks),
                new Check("frames_rejected", Status.DEGRADED, Duration.ZERO, () -> rejected(rejected.now())),
                new Check("rest_failing", Status.DEGRADED, REST_PATIENCE, this::restFails),
                new Check("rest_weight", Status.DEGRADED, Duration.ZERO, this::restIsUsedUp),
                new Check("clock_off", Status.DEGRADED, Duration.ZERO, this::clockIsOff)));
        for (TradeGate gate : gates) {
            Symbol symbol = gate.symbol();
            checks.add(new Check("silent", symbol, Status.FAILING, Duration.ZERO, () -> silent(gate)));
            checks.add(new Check("lag", symbol, Status.DEGRADED, LAG_PATIENCE, () -> late(gate)));
            checks.add(new Check("holes_open", symbol, Status.DEGRADED, HOLE_PATIENCE, () -> holes(gate)));
            checks.add(new Check("ids_lost", symbol, Status.DEGRADED, Duration.ZERO, () -> lost(gate)));
        }
        return checks;
    }

    private @Nullable Finding noLink() {
        return openLinks.getAsInt() > 0 || !wanted.getAsBoolean()
                ? null
                : new Finding(
                        "no link to the exchange is open: trades pass, and must be fetched over REST later", null);
    }

    private @Nullable Finding fewLinks() {
        int open = openLinks.getAsInt();
        return open == 0 || open >= expectedLinks
                ? null
                : new Finding(
                        open + " of " + expectedLinks + " links are open: the next loss of a link opens a hole", null);
    }

    private static @Nullable Finding rejected(long messages) {
        return messages == 0
                ? null
                : new Finding(
                        messages
                                + " messages of the exchange were not understood lately. They are kept in rejected/; if they"
                                + " go on, the exchange has changed its format: look for a newer collector",
                        null);
    }

    private @Nullable Finding restFails() {
        RequestBudget.Trouble trouble = rest.trouble();
        return trouble == null
                ? null
                : new Finding(
                        "REST does not answer (" + trouble.because()
                                + "): holes are not filled, and a quiet market cannot be told from a silent link",
                        trouble.lasting());
    }

    private @Nullable Finding restIsUsedUp() {
        int used = rest.usedWeight();
        return used <= RequestBudget.PAUSE_ABOVE
                ? null
                : new Finding(
                        "this address has used " + used
                                + " of 6000 request weight in this minute, so recovery pauses: see"
                                + " who else uses it",
                        null);
    }

    private @Nullable Finding clockIsOff() {
        ClockCheck.Offset offset = clock.offset();
        return offset == null || offset.certainMs() <= MOST_CLOCK_OFFSET_MS
                ? null
                : new Finding(
                        "this machine's clock is " + Math.abs(offset.ms()) + " ms "
                                + (offset.ms() > 0 ? "ahead of" : "behind")
                                + " the exchange's: set it (timedatectl, chronyc tracking); no trade is lost by it",
                        null);
    }

    private @Nullable Finding late(TradeGate gate) {
        TradeGate.Progress progress = gate.progress();
        ClockCheck.Offset offset = clock.offset();
        long delayMs = progress.delayMs() - (offset == null ? 0 : offset.ms());
        boolean isNow = time.nanoTime() - progress.lastNanos() < LAG_VALID_FOR.toNanos();
        return progress.lastId() < 0 || !isNow || delayMs <= maxLag.toMillis()
                ? null
                : new Finding(
                        "trades of " + gate.symbol() + " come " + delayMs / 1_000
                                + " s after they were made: the exchange, the network or this machine is too slow",
                        null);
    }

    /** Never for a quiet market: the exchange must have traded while nobody brought it, or nobody is there to bring it. */
    private @Nullable Finding silent(TradeGate gate) {
        TradeGate.Progress progress = gate.progress();
        boolean unusual =
                !gate.unusualSilence(stallAfter, Gates.LONGEST_SILENCE).isNegative();
        return unusual && wanted.getAsBoolean() && (progress.exchangeGoesOn() || openLinks.getAsInt() == 0)
                ? new Finding(
                        "no link has brought a trade of " + gate.symbol() + " for "
                                + Duration.ofNanos(time.nanoTime() - progress.lastNanos())
                                        .toSeconds()
                                + " s"
                                + (progress.exchangeGoesOn()
                                        ? ", though the exchange trades it"
                                        : ", and none is open"),
                        null)
                : null;
    }

    private @Nullable Finding holes(TradeGate gate) {
        List<Hole> holes = gate.holes();
        if (holes.isEmpty()) {
            return null;
        }
        long since = holes.stream()
                .mapToLong(Hole::since)
                .reduce((a, b) -> a - b < 0 ? a : b)
                .orElseThrow();
        long ids = holes.stream().mapToLong(hole -> hole.ids().count()).sum();
        Duration age = Duration.ofNanos(time.nanoTime() - since);
        return new Finding(
                ids + " trades of " + gate.symbol() + " are missing and looked for, the oldest for " + age.toSeconds()
                        + " s",
                age);
    }

    private @Nullable Finding lost(TradeGate gate) {
        long lost = metrics.idsLost.labelValues(gate.symbol().value()).getLongValue();
        return lost == 0
                ? null
                : new Finding(
                        lost + " trades of " + gate.symbol()
                                + " were given up since the start: see the log, which names their ids",
                        null);
    }
}
