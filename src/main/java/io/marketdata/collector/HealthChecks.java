package io.marketdata.collector;

import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.MissingIds.Hole;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.ops.Health;
import io.marketdata.collector.ops.Health.Check;
import io.marketdata.collector.ops.Health.Finding;
import io.marketdata.collector.ops.Health.Status;
import io.marketdata.collector.ops.Health.SymbolState;
import io.marketdata.collector.ship.Shipper;
import io.marketdata.collector.ship.StoreException;
import io.marketdata.collector.spool.SpaceWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Every reason for which the recorder is not well. Each patience leaves room for what passes by itself, and together with
 * the time that the fault needs to show it stays below 60 s.
 *
 * @param openLinks how many links to the exchange are open
 * @param expectedLinks how many should be
 * @param stallAfter no shorter silence of a symbol is unusual
 */
record HealthChecks(
        IntSupplier openLinks,
        int expectedLinks,
        List<TradeGate> gates,
        Shipper shipper,
        SpaceWatch space,
        Faults faults,
        Duration stallAfter,
        Metrics metrics,
        Time time) {

    private static final Duration LINKS_PATIENCE = Duration.ofSeconds(10);
    private static final Duration HOLE_PATIENCE = Duration.ofSeconds(60);
    private static final Duration UPLOAD_PATIENCE = Duration.ofSeconds(30);

    /** A store that never answers fails for the first time after the call time-out, which is longer than a minute. */
    private static final Duration STALL_PATIENCE = Duration.ofSeconds(45);

    private static final Duration BACKLOG_PATIENCE = Duration.ofMinutes(5);

    /** The messages of others are cut to this. */
    private static final int MAX_MESSAGE = 500;

    HealthChecks {
        gates = List.copyOf(gates);
    }

    /** Health of a recorder, to be looked at once a second. */
    Health health() {
        List<Check> checks = new ArrayList<>(List.of(
                new Check("fault", Status.FAILING, Duration.ZERO, this::fault),
                new Check("links_down", Status.FAILING, LINKS_PATIENCE, this::noLink),
                new Check("links_few", Status.DEGRADED, LINKS_PATIENCE, this::fewLinks),
                new Check("spool_full", Status.FAILING, Duration.ZERO, this::spoolFull),
                new Check("spool_filling", Status.DEGRADED, Duration.ZERO, this::spoolFilling),
                new Check("uploads_refused", Status.FAILING, UPLOAD_PATIENCE, () -> uploads(true)),
                new Check("uploads_failing", Status.DEGRADED, UPLOAD_PATIENCE, () -> uploads(false)),
                new Check("uploads_stalled", Status.DEGRADED, STALL_PATIENCE, this::uploadsStalled),
                new Check("backlog", Status.DEGRADED, BACKLOG_PATIENCE, this::backlog)));
        for (TradeGate gate : gates) {
            checks.add(new Check("silent", Status.FAILING, Duration.ZERO, () -> silent(gate)));
            checks.add(new Check("holes_open", Status.DEGRADED, HOLE_PATIENCE, () -> holes(gate)));
            checks.add(new Check("ids_lost", Status.DEGRADED, Duration.ZERO, () -> lost(gate)));
        }
        return new Health(checks, this::symbols, time);
    }

    private @Nullable Finding fault() {
        return faults.first().isDone() ? new Finding("a fault ends this process; see the log", null) : null;
    }

    private @Nullable Finding noLink() {
        return openLinks.getAsInt() > 0 || space.isFull()
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

    private @Nullable Finding spoolFull() {
        return space.isFull()
                ? new Finding("reading has stopped because the spool is full: make room, or see why uploads fail", null)
                : null;
    }

    private @Nullable Finding spoolFilling() {
        double ratio = space.fillRatio();
        return ratio < SpaceWatch.SCARCE_FROM
                ? null
                : new Finding(
                        "the spool is " + (int) (Math.min(1, ratio) * 100) + " % full: see why uploads fail", null);
    }

    private @Nullable Finding uploads(boolean refused) {
        Shipper.Uploads uploads = shipper.uploads();
        if (uploads.failure() == null || (uploads.failure() == StoreException.Kind.REFUSED) != refused) {
            return null;
        }
        String message = uploads.message();
        return new Finding(
                "uploads fail, " + uploads.waiting() + " parts wait in the spool: "
                        + message.substring(0, Math.min(MAX_MESSAGE, message.length())),
                uploads.failingFor());
    }

    private @Nullable Finding uploadsStalled() {
        Shipper.Uploads uploads = shipper.uploads();
        return uploads.waiting() == 0
                ? null
                : new Finding(
                        "nothing was uploaded for " + uploads.sinceProgress().toSeconds() + " s while "
                                + uploads.waiting() + " parts wait",
                        uploads.sinceProgress());
    }

    private @Nullable Finding backlog() {
        Shipper.Uploads uploads = shipper.uploads();
        return uploads.waiting() == 0
                ? null
                : new Finding(
                        uploads.waiting() + " parts wait, the oldest for "
                                + uploads.oldestWaits().toSeconds() + " s",
                        uploads.oldestWaits());
    }

    /** Never for a quiet market: the exchange must have traded while nobody brought it, or nobody is there to bring it. */
    private @Nullable Finding silent(TradeGate gate) {
        TradeGate.Progress progress = gate.progress();
        boolean unusual =
                !gate.unusualSilence(stallAfter, Gates.LONGEST_SILENCE).isNegative();
        return unusual && !space.isFull() && (progress.exchangeGoesOn() || openLinks.getAsInt() == 0)
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

    private List<SymbolState> symbols() {
        return gates.stream()
                .map(gate -> {
                    TradeGate.Progress progress = gate.progress();
                    return new SymbolState(
                            gate.symbol(), progress.lastId(), progress.lastNanos(), shipper.lastStored(gate.symbol()));
                })
                .toList();
    }
}
