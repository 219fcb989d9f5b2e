package io.marketdata.collector.doctor;

import io.marketdata.collector.doctor.Finding.Level;
import io.marketdata.collector.process.ExitCode;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Looks, before the first start, whether recording would work here: the checks run one after the other, with the settings
 * and the classes that recording uses, and each is told as soon as it is done. One thread.
 */
public final class Doctor {

    private final List<Check> checks;
    private final Consumer<String> out;
    private int warnings;
    private int failures;

    /** One thing to look at. */
    @FunctionalInterface
    public interface Check {
        /** Looks; takes at most some 10 s for each thing that it waits for. */
        List<Finding> run() throws InterruptedException;
    }

    /** @param out takes lines for people, as they come */
    public Doctor(List<Check> checks, Consumer<String> out) {
        this.checks = List.copyOf(checks);
        this.out = out;
    }

    /** Runs all checks, also after one has failed. */
    public ExitCode run() throws InterruptedException {
        for (Check check : checks) {
            check.run().forEach(this::tell);
        }
        out.accept(String.format(
                Locale.ROOT,
                "%s: %d failed, %d warnings",
                failures > 0 ? "Recording is not ready to start here" : "Recording can start here",
                failures,
                warnings));
        return failures > 0 ? ExitCode.FOUND_WANTING : ExitCode.DONE;
    }

    private void tell(Finding finding) {
        warnings += finding.level() == Level.WARN ? 1 : 0;
        failures += finding.level() == Level.FAIL ? 1 : 0;
        finding.lines().forEach(out);
    }
}
