package io.marketdata.collector.health;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with the collector now, and since when. Each check is looked at once a second; what it finds becomes a
 * reason when it has lasted for the patience of the check, and goes by itself when the check finds nothing any more.
 *
 * <p>One thread calls {@link #look()} and may have to wait for the collector's locks; any thread reads
 * {@link #report()}, which waits for nobody and says so when the looks have stopped.
 */
public final class Health {

    /** Between two looks. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    /** A report that is older proves that nobody looks any more. */
    private static final Duration STALE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    /** How bad it is; the worst comes last. */
    public enum Status {
        OK(0),
        /** Nothing is lost yet, and something is not as it should be. */
        DEGRADED(1),
        /** Trades are not recorded or do not reach the bucket. */
        FAILING(2);

        private final int level;

        Status(int level) {
            this.level = level;
        }

        /** The number for it in metrics; greater is worse. */
        public int level() {
            return level;
        }

        /** The word for it in reports. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Something that is wrong.
     *
     * @param text for the operator: what, how much, and what to do
     * @param lasting for how long already; null if only the looks can tell
     */
    public record Finding(String text, @Nullable Duration lasting) {}

    /** One look; null if all is well. */
    @FunctionalInterface
    public interface Look {
        @Nullable
        Finding now();
    }

    /**
     * One thing that may go wrong.
     *
     * @param code a name for programs, the same indefinitely
     * @param symbol null if it concerns all
     * @param patience how long it must last before it is a reason
     * @param isNews whether the log is told when it becomes one
     */
    public record Check(
            String code, @Nullable Symbol symbol, Status severity, Duration patience, Look look, boolean isNews) {

        /** One that concerns one symbol. */
        public Check(String code, @Nullable Symbol symbol, Status severity, Duration patience, Look look) {
            this(code, symbol, severity, patience, look, true);
        }

        /** One that concerns all symbols. */
        public Check(String code, Status severity, Duration patience, Look look) {
            this(code, null, severity, patience, look);
        }

        /** The same, where whoever causes it tells the log. */
        public Check toldElsewhere() {
            return new Check(code, symbol, severity, patience, look, false);
        }
    }

    /**
     * What is wrong, for whoever asks.
     *
     * @param symbol null if it concerns all
     * @param sinceMs ms since 1970 UTC, by the wall clock at the time when it became a reason
     */
    public record Reason(
            Status severity, String code, @Nullable Symbol symbol, String text, long sinceMs) {}

    /**
     * How far a symbol is recorded.
     *
     * @param lastTradeId the last new trade that a connection brought to this process; -1 before the first
     * @param tradedNanos when that was, monotonic
     * @param lastStoredId the greatest id that the store confirmed to this process; -1 before the first
     */
    public record SymbolState(Symbol symbol, long lastTradeId, long tradedNanos, long lastStoredId) {}

    /** The result of one look, at a moment of the monotonic clock. */
    public record Report(List<Reason> reasons, List<SymbolState> symbols, long atNanos) {

        public Report {
            reasons = List.copyOf(reasons);
            symbols = List.copyOf(symbols);
        }

        /** The worst of the reasons. */
        public Status status() {
            return reasons.stream().map(Reason::severity).reduce(Status.OK, (a, b) -> a.compareTo(b) < 0 ? b : a);
        }
    }

    private final List<Watched> checks;
    private final Supplier<List<SymbolState>> symbols;
    private final Time time;
    private volatile Report last;

    /** @param symbols asked at each look */
    public Health(List<Check> checks, Supplier<List<SymbolState>> symbols, Time time) {
        this.checks = checks.stream().map(Watched::new).toList();
        this.symbols = symbols;
        this.time = time;
        this.last = new Report(List.of(), List.of(), time.nanoTime());
    }

    /** A check and what is known of it; everything belongs to the thread that looks. */
    private static final class Watched {
        private final Check check;
        private boolean found;
        private long foundNanos;
        private @Nullable Reason reason;

        Watched(Check check) {
            this.check = check;
        }
    }

    /** Looks at everything. To be called once a second. */
    public Report look() {
        List<Reason> reasons = new ArrayList<>();
        for (Watched each : checks) {
            Reason reason = look(each);
            if (reason != null) {
                reasons.add(reason);
            }
        }
        Report report = new Report(reasons, symbols.get(), time.nanoTime());
        last = report;
        return report;
    }

    private @Nullable Reason look(Watched each) {
        Finding finding = each.check.look().now();
        long now = time.nanoTime();
        Reason before = each.reason;
        if (finding == null) {
            each.found = false;
        } else if (!each.found) {
            each.found = true;
            each.foundNanos = now;
        }
        long lasting = finding == null
                ? -1
                : finding.lasting() == null
                        ? now - each.foundNanos
                        : finding.lasting().toNanos();
        if (finding == null || lasting < each.check.patience().toNanos()) {
            each.reason = null;
            if (before != null) {
                LOG.info("Health: over is {}: {}", before.code(), before.text());
            }
            return null;
        }
        Reason reason = new Reason(
                each.check.severity(),
                each.check.code(),
                each.check.symbol(),
                finding.text(),
                before != null ? before.sinceMs() : time.epochMillis() - lasting / 1_000_000);
        each.reason = reason;
        if (before == null && each.check.isNews()) {
            LOG.warn("Health: {}, {}: {}", reason.severity().label(), reason.code(), reason.text());
        }
        return reason;
    }

    /** What the last look has found. */
    public Report report() {
        Report report = last;
        Duration age = Duration.ofNanos(time.nanoTime() - report.atNanos());
        if (age.compareTo(STALE) < 0) {
            return report;
        }
        List<Reason> reasons = new ArrayList<>(report.reasons());
        reasons.add(new Reason(
                Status.FAILING,
                "unjudged",
                null,
                "nobody has looked for " + age.toSeconds() + " s: a thread that looks, or one that it waits for, hangs",
                time.epochMillis() - age.toMillis()));
        return new Report(reasons, report.symbols(), report.atNanos());
    }
}
