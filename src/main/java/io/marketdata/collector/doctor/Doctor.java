package io.marketdata.collector.doctor;

import io.marketdata.collector.doctor.Finding.Level;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.process.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Checks, before the first start, whether the collector would work here. The checks run one after the other, with the
 * collector's settings and classes, and each is printed as soon as it is done. One thread.
 */
public final class Doctor {

    private final List<Check> checks;
    private final Consumer<String> out;
    private final List<Finding> findings = new ArrayList<>();
    private int warnings;
    private int failures;

    /** One check. */
    @FunctionalInterface
    public interface Check {
        /** Waits at most about 10 s for each answer. */
        List<Finding> run() throws InterruptedException;
    }

    /** @param out prints a line */
    public Doctor(List<Check> checks, Consumer<String> out) {
        this.checks = List.copyOf(checks);
        this.out = out;
    }

    /** Runs all checks, even after one has failed. */
    public ExitCode run() throws InterruptedException {
        for (Check check : checks) {
            check.run().forEach(this::report);
        }
        out.accept((failures > 0 ? "The collector would not work here: " : "The collector can start here: ") + failures
                + " failed, " + LogText.count(warnings, "warning"));
        return failures > 0 ? ExitCode.FOUND_WANTING : ExitCode.DONE;
    }

    /** What the checks have found so far. */
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    private void report(Finding finding) {
        warnings += finding.level() == Level.WARN ? 1 : 0;
        failures += finding.level() == Level.FAIL ? 1 : 0;
        findings.add(finding);
        finding.lines().forEach(out);
    }
}
