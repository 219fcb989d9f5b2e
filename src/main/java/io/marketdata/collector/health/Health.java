package io.marketdata.collector.health;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what is wrong with the collector and since when. Every check runs once a second; a finding becomes a reason when
 * it has lasted for the check's patience, and is cleared when the check finds nothing any more.
 *
 * <p>One thread calls {@link #check()} and may have to wait for the collector's locks. Any thread reads
 * {@link #report()}, which takes no lock and reports it when the checks have stopped.
 */
public final class Health {

    /** Between two checks. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    /** An older report proves that the checks have stopped. */
    private static final Duration STALE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    /** Severity; the worst comes last. */
    public enum Status {
        OK(0),
        /** Something is wrong, but nothing is lost yet. */
        DEGRADED(1),
        /** Trades are not recorded, or do not reach the bucket. */
        FAILING(2);

        private final int level;

        Status(int level) {
            this.level = level;
        }

        /** Its number in metrics; greater is worse. */
        public int level() {
            return level;
        }

        /** Its word in reports. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Something that is wrong.
     *
     * @param text for the operator: what, how much, and what to do
     * @param lasting for how long already; null if known only from the checks
     */
    public record Finding(String text, @Nullable Duration lasting) {

        /** Known only from the checks; null if nothing is wrong. */
        static @Nullable Finding when(boolean wrong, String text) {
            return wrong ? new Finding(text, null) : null;
        }
    }

    /** The condition of a check; null if it finds nothing wrong. */
    @FunctionalInterface
    public interface Condition {
        @Nullable
        Finding now();
    }

    /**
     * Something that may go wrong.
     *
     * @param code name for programs; never changes
     * @param symbol null if it concerns all symbols
     * @param patience how long a finding must last before it is a reason
     * @param isLogged whether a new reason is logged here
     */
    public record Check(
            String code,
            @Nullable Symbol symbol,
            Status severity,
            Duration patience,
            Condition condition,
            boolean isLogged) {

        /** A check of one symbol. */
        public Check(String code, @Nullable Symbol symbol, Status severity, Duration patience, Condition condition) {
            this(code, symbol, severity, patience, condition, true);
        }

        /** A check that concerns all symbols. */
        public Check(String code, Status severity, Duration patience, Condition condition) {
            this(code, null, severity, patience, condition);
        }

        /** The same check, for a reason whose cause logs it. */
        public Check loggedElsewhere() {
            return new Check(code, symbol, severity, patience, condition, false);
        }
    }

    /**
     * A finding that has lasted.
     *
     * @param symbol null if it concerns all symbols
     * @param sinceMs ms since 1970 UTC, by the wall clock when it became a reason
     * @param cause code of the reason of the same report that explains this one; null if none does
     */
    public record Reason(
            Status severity,
            String code,
            @Nullable Symbol symbol,
            String text,
            long sinceMs,
            @Nullable String cause) {

        /** A reason that nothing explains. */
        public Reason(Status severity, String code, @Nullable Symbol symbol, String text, long sinceMs) {
            this(severity, code, symbol, text, sinceMs, null);
        }

        Reason withCause(@Nullable String newCause) {
            return new Reason(severity, code, symbol, text, sinceMs, newCause);
        }

        /** Where the runbook treats it: file and heading. */
        public String runbook() {
            return Explanations.runbook(code);
        }
    }

    /**
     * The progress of a symbol since this process started.
     *
     * @param lastTradeId the last new trade from a connection; -1 before the first
     * @param tradedNanos when it arrived, monotonic
     * @param lastStoredId the greatest id that the store has confirmed; -1 before the first
     * @param missing trades in open gaps; at least so many while {@code unknown} is not empty
     * @param unknown why nothing is known of newer trades; empty while it is known
     */
    public record SymbolState(
            Symbol symbol, long lastTradeId, long tradedNanos, long lastStoredId, long missing, String unknown) {}

    /** The result of one check of everything, with its time on the monotonic clock. */
    public record Report(List<Reason> reasons, List<SymbolState> symbols, long atNanos) {

        public Report {
            reasons = List.copyOf(reasons);
            symbols = List.copyOf(symbols);
        }

        /** The reasons that no other one explains. */
        public List<Reason> causes() {
            return reasons.stream().filter(reason -> reason.cause() == null).toList();
        }

        /** The reasons that this one explains. */
        public List<Reason> explainedBy(Reason cause) {
            return reasons.stream()
                    .filter(reason -> cause.code().equals(reason.cause()))
                    .filter(reason -> cause.symbol() == null || cause.symbol().equals(reason.symbol()))
                    .toList();
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

    /** @param symbols queried at each check */
    public Health(List<Check> checks, Supplier<List<SymbolState>> symbols, Time time) {
        this.checks = checks.stream().map(Watched::new).toList();
        this.symbols = symbols;
        this.time = time;
        this.last = new Report(List.of(), List.of(), time.nanoTime());
    }

    /** A check and its state, which belongs to the checking thread. */
    private static final class Watched {
        private final Check check;
        private boolean found;
        private long foundNanos;
        private @Nullable Reason reason;
        private boolean isNew;

        Watched(Check check) {
            this.check = check;
        }
    }

    /** Runs every check. Called once a second. */
    public Report check() {
        List<Reason> reasons = Explanations.explained(
                checks.stream().map(this::check).filter(Objects::nonNull).toList());
        logNew(reasons);
        Report report = new Report(reasons, symbols.get(), time.nanoTime());
        last = report;
        return report;
    }

    private @Nullable Reason check(Watched each) {
        Check check = each.check;
        Finding finding = check.condition().now();
        Reason before = each.reason;
        Duration lasting = lasting(each, finding);
        if (finding == null || lasting.compareTo(check.patience()) < 0) {
            each.reason = null;
            if (before != null) {
                LOG.info("Health cleared: {} ({})", before.code(), before.text());
            }
            return null;
        }
        long sinceMs = before != null ? before.sinceMs() : time.epochMillis() - lasting.toMillis();
        Reason reason = new Reason(check.severity(), check.code(), check.symbol(), finding.text(), sinceMs);
        each.isNew = before == null;
        each.reason = reason;
        return reason;
    }

    /** One problem is one warning; what it explains is information. The reasons are in the order of the checks. */
    private void logNew(List<Reason> reasons) {
        Iterator<Reason> each = reasons.iterator();
        checks.stream().filter(check -> check.reason != null).forEach(check -> {
            Reason reason = each.next();
            if (check.isNew && check.check.isLogged()) {
                log(reason);
            }
        });
    }

    private static void log(Reason reason) {
        String severity = reason.severity().label();
        if (reason.cause() == null) {
            LOG.warn("Health: {}, {}: {} ({})", severity, reason.code(), reason.text(), reason.runbook());
        } else {
            LOG.info("Health: {}, {} because of {}: {}", severity, reason.code(), reason.cause(), reason.text());
        }
    }

    private Duration lasting(Watched each, @Nullable Finding finding) {
        long now = time.nanoTime();
        if (!each.found) {
            each.foundNanos = now;
        }
        each.found = finding != null;
        return finding != null && finding.lasting() != null
                ? finding.lasting()
                : Duration.ofNanos(now - each.foundNanos);
    }

    /** The last report; with reason {@code unjudged} if it is older than 10 s. */
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
                "no health check for " + age.toSeconds() + " s: the thread health, or one that it waits for, hangs",
                time.epochMillis() - age.toMillis()));
        return new Report(reasons, report.symbols(), report.atNanos());
    }
}
