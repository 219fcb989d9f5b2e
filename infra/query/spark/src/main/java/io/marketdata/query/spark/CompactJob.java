package io.marketdata.query.spark;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.query.compact.Compaction.Outcome;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.compact.Outcomes;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;

/** The entry point for {@code spark-submit}: arguments to hours to exit code, as {@code compact} has them. */
public final class CompactJob {

    private final PrintStream out;
    private final PrintStream err;
    private final Outcomes outcomes = new Outcomes();

    private CompactJob(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the job, and ends the process unless it is done. */
    public static void main(String[] arguments) throws InterruptedException {
        ExitCode code;
        try {
            code = run(System.out, System.err, arguments);
        } finally {
            SparkSession.getDefaultSession().foreach(session -> {
                session.stop();
                return null;
            });
        }
        // A cluster takes every call of exit for a failure, and a return for success.
        if (code != ExitCode.DONE) {
            System.exit(code.code());
        }
    }

    static ExitCode run(PrintStream out, PrintStream err, String... arguments) throws InterruptedException {
        Arguments wanted;
        try {
            wanted = Arguments.parse(arguments);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage() + "\n" + Arguments.USAGE);
            return ExitCode.USAGE;
        }
        return new CompactJob(out, err).compact(session(), wanted);
    }

    /** Settings of SQL only, so that {@code spark-submit} decides everything else. */
    private static SparkSession session() {
        return SparkSession.builder()
                .appName("market-data compact")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.ansi.enabled", true)
                // Keys of a trade differ only in case.
                .config("spark.sql.caseSensitive", true)
                // A product of prices and quantities keeps all 16 decimals, or fails.
                .config("spark.sql.decimalOperations.allowPrecisionLoss", false)
                // Parts are small; the default reads four of them in a task.
                .config("spark.sql.files.openCostInBytes", 65_536)
                .config("spark.sql.files.ignoreCorruptFiles", false)
                .config("spark.sql.files.ignoreMissingFiles", false)
                // A partition holds whole hours, and one file is made of an hour.
                .config("spark.sql.adaptive.skewJoin.enabled", false)
                .getOrCreate();
    }

    private ExitCode compact(SparkSession session, Arguments wanted) throws InterruptedException {
        List<Target> targets = wanted.targets(Time.SYSTEM.epochMillis());
        Bucket bucket = Bucket.of(wanted.bucket(), session.sparkContext().hadoopConfiguration());
        try {
            new SparkCompaction(session, bucket, this::progress, this::take).run(targets, wanted.parallel());
        } catch (IOException e) {
            err.println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK;
        } catch (Exception e) {
            // Spark throws its checked exceptions from methods that do not declare them.
            if (!(e instanceof SparkException)) {
                throw e;
            }
            err.println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK;
        }
        if (outcomes.isNothing()) {
            out.println(
                    "There is nothing to compact: no closed hour with parts. Check --symbols, the days and --bucket.");
        }
        return outcomes.exitCode();
    }

    private void progress(String what, long done, long total) {
        err.printf(Locale.ROOT, "%s: %d of %d%n", what, done, total);
    }

    private void take(Outcome outcome) {
        outcomes.add(outcome);
        outcome.lines().forEach(out::println);
    }
}
