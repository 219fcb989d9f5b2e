package io.marketdata.collector.daily;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.audit.Verification;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies a day of several symbols one after the other, puts what it found into the bucket and publishes the numbers. A
 * symbol that fails stops no other. Used once, by one thread, which starts others.
 */
final class DailyAudit {

    /** Requests to the bucket at once. */
    static final int REQUESTS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(DailyAudit.class);
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ObjectStore store;
    private final DayFiles files;
    private final String namespace;
    private final Time time;
    private final Consumer<String> numbers;
    private final List<String> failures = new ArrayList<>();
    private long loggedNanos;

    /** @param numbers takes a line for CloudWatch */
    DailyAudit(ObjectStore store, Settings settings, Time time, Consumer<String> numbers) {
        this.store = store;
        this.files = new DayFiles(store, settings, false, time);
        this.namespace = settings.cloudWatch().namespace();
        this.time = time;
        this.numbers = numbers;
    }

    /**
     * Verifies and publishes.
     *
     * @return the verdict of each symbol
     */
    Map<Symbol, Verdict> run(AuditRequest request) throws InterruptedException {
        Map<Symbol, Verdict> verdicts = new LinkedHashMap<>();
        for (Symbol symbol : request.symbols()) {
            verdicts.put(symbol, audit(symbol, request.day()).verdict());
        }
        return verdicts;
    }

    /** Why a symbol has no verdict, or none that is in the bucket; a sentence for each. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    private DayReport audit(Symbol symbol, Period day) throws InterruptedException {
        long began = time.nanoTime();
        loggedNanos = began;
        String what = symbol + " " + day;
        LOG.info("{}: verifying it in {}", what, store.describe());
        Verification.Options options = new Verification.Options(null, false, REQUESTS);
        DayReport report = new Verification(
                        store,
                        symbol,
                        day,
                        options,
                        Threads.daemons("verify"),
                        (step, done, total) -> progress(what, step, done, total))
                .run();
        if (report.verdict() == Verdict.UNKNOWN) {
            fail(what + " could not be verified: " + reason(report));
        }
        try {
            LOG.info("{}: its report is below {}", what, files.put(report, null));
        } catch (StoreException e) {
            fail(what + ": its report could not be put: " + e.getMessage());
        }
        String trades = LogText.count(report.ids().count(), "trade");
        LOG.info("{}: {}, {}, {} missing", what, report.verdict(), trades, report.missing());
        double seconds = (time.nanoTime() - began) / 1e9;
        numbers.accept(AuditNumbers.line(report, namespace, time.epochMillis(), seconds));
        return report;
    }

    private static String reason(DayReport report) {
        return report.notSeen().isEmpty()
                ? "a manifest cannot be read"
                : report.notSeen().get(0);
    }

    private void fail(String failure) {
        LOG.error("{}", failure);
        failures.add(failure);
    }

    private void progress(String what, String step, long done, long total) {
        if (time.nanoTime() - loggedNanos >= PROGRESS_NANOS) {
            loggedNanos = time.nanoTime();
            LOG.info("{}: {} of {} {}", what, done, total, step);
        }
    }
}
