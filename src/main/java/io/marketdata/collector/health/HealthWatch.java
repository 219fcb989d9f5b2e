package io.marketdata.collector.health;

import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Faults;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Runs the health checks once a second and publishes the results as metrics. */
public final class HealthWatch {

    private final IntakeHealth intake;
    private final StorageHealth storage;
    private final Faults faults;
    private final BooleanSupplier stopping;
    private final HealthMetrics metrics;
    private final Health health;

    /** The reasons in the metrics; belongs to the checking thread. */
    private List<Reason> published = List.of();

    /** @param stopping whether the process was asked to stop */
    public HealthWatch(
            IntakeHealth intake,
            StorageHealth storage,
            Faults faults,
            BooleanSupplier stopping,
            HealthMetrics metrics,
            Time time) {
        this.intake = intake;
        this.storage = storage;
        this.faults = faults;
        this.stopping = stopping;
        this.metrics = metrics;
        List<Check> checks = new ArrayList<>();
        checks.add(new Check("fault", Status.FAILING, Duration.ZERO, this::fault));
        checks.add(new Check("stopping", Status.FAILING, Duration.ZERO, this::isStopping).loggedElsewhere());
        checks.addAll(intake.checks());
        checks.addAll(storage.checks());
        for (Check check : checks) {
            publish(check.code(), check.symbol(), 0);
        }
        health = new Health(checks, this::symbols, time);
    }

    public Health health() {
        return health;
    }

    private @Nullable Finding fault() {
        return Finding.when(faults.first().isDone(), "this process ends because of a fault; see the log");
    }

    private @Nullable Finding isStopping() {
        return Finding.when(
                stopping.getAsBoolean(),
                "this process was asked to stop: ingestion has ended, the backlog is uploaded");
    }

    /** Called once a second. */
    public Health.Report look() {
        published.forEach(reason -> publish(reason.code(), reason.symbol(), 0));
        Health.Report report = health.check();
        published = report.reasons();
        published.forEach(reason -> publish(reason.code(), reason.symbol(), 1));
        metrics.health.set(report.status().level());
        metrics.oldestPartAge.set(storage.uploader().uploads().oldestAge().toMillis() / 1e3);
        for (SymbolState symbol : report.symbols()) {
            metrics.lastTradeAge
                    .labelValues(symbol.symbol().value())
                    .set((report.atNanos() - symbol.tradedNanos()) / 1e9);
            publishUnknown(symbol);
        }
        return report;
    }

    /** Zero would be an assertion; a known gap stays a lower bound. The arbiter sets only what changes. */
    private void publishUnknown(SymbolState symbol) {
        GaugeDataPoint open = intake.feed().idsOpen.labelValues(symbol.symbol().value());
        if (symbol.missing() == 0 && !symbol.unknown().isEmpty()) {
            open.set(Double.NaN);
        } else if (Double.isNaN(open.get())) {
            open.set((double) symbol.missing());
        }
    }

    private void publish(String code, @Nullable Symbol symbol, int holds) {
        metrics.healthReason
                .labelValues(code, symbol == null ? "" : symbol.value())
                .set(holds);
    }

    private List<SymbolState> symbols() {
        return intake.arbiters().stream()
                .map(arbiter -> {
                    LineArbiter.Progress progress = arbiter.progress();
                    return new SymbolState(
                            arbiter.symbol(),
                            progress.lastId(),
                            progress.lastNanos(),
                            storage.uploader().lastStored(arbiter.symbol()),
                            arbiter.gaps().stream()
                                    .mapToLong(gap -> gap.ids().count())
                                    .sum(),
                            intake.unknown(arbiter));
                })
                .toList();
    }
}
