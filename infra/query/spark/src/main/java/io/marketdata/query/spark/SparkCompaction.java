package io.marketdata.query.spark;

import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.audit.Progress;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.query.compact.BucketHours;
import io.marketdata.query.compact.Compaction.Outcome;
import io.marketdata.query.compact.Compaction.State;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.compact.Disagreement;
import io.marketdata.query.compact.HourCommit;
import io.marketdata.query.compact.HourCommit.Rows;
import io.marketdata.query.compact.HourCommit.Tool;
import io.marketdata.query.compact.HourSource;
import io.marketdata.query.spark.HourTables.Tables;
import io.marketdata.query.spark.HourTables.Tally;
import io.marketdata.query.spark.HourWork.Care;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Makes hours from their parts, several in one Spark job. Manifests are read and commit objects are written by the driver,
 * parts are read and tables are written by executors. One thread.
 */
final class SparkCompaction {

    private static final int REQUESTS = 64;

    private final SparkSession session;
    private final Bucket bucket;
    private final ObjectStore store;
    private final BucketHours kept;
    private final PartObjects objects;
    private final Progress progress;
    private final Consumer<Outcome> each;
    private final Tool tool;

    /** @param each gets the result of every hour, in any order */
    SparkCompaction(SparkSession session, Bucket bucket, Progress progress, Consumer<Outcome> each) {
        this.session = session;
        this.bucket = bucket;
        this.store = bucket.open();
        this.kept = new BucketHours(store);
        this.objects = new PartObjects(session, bucket);
        this.progress = progress;
        this.each = each;
        this.tool = new Tool(BuildInfo.software().version(), "Spark", session.version());
    }

    /**
     * Compacts hours into the bucket, unless they are there from the same parts.
     *
     * @param together hours in one Spark job
     */
    void run(List<Target> targets, int together) throws InterruptedException, IOException {
        List<HourWork> hours = new ArrayList<>();
        int read = 0;
        for (Target target : targets) {
            progress.at("hours looked at", ++read, targets.size());
            HourSource source = source(target);
            if (isToMake(source)) {
                hours.add(new HourWork(hours.size(), source));
            }
            if (hours.size() == together) {
                make(hours);
                hours.clear();
            }
        }
        make(hours);
    }

    private HourSource source(Target target) throws InterruptedException {
        Parallel parallel = new Parallel(Threads.daemons("request"), REQUESTS, (what, done, total) -> {});
        return HourSource.read(store, target.symbol(), target.hourMs(), parallel, Time.SYSTEM.epochMillis());
    }

    private boolean isToMake(HourSource source) {
        try {
            if (!source.notSeen().isEmpty()) {
                report(source, State.NOT_SEEN, null, source.notSeen());
                return false;
            }
            if (source.isEmpty()) {
                report(source, State.EMPTY, null, List.of());
                return false;
            }
            if (kept.fault(source) == null) {
                @Nullable
                HourCommit commit =
                        kept.commit(source.symbol(), source.hourMs()).orElse(null);
                report(source, State.UNCHANGED, commit, commit == null ? List.of() : commit.faults());
                return false;
            }
            return true;
        } catch (StoreException e) {
            report(source, State.NOT_SEEN, null, List.of(String.valueOf(e.getMessage())));
            return false;
        }
    }

    private void report(HourSource source, State state, @Nullable HourCommit commit, List<String> faults) {
        Target target = new Target(source.symbol(), source.hourMs());
        each.accept(new Outcome(target, state, commit, faults, source.notices()));
    }

    private void make(List<HourWork> hours) throws IOException {
        List<HourWork> rest = List.copyOf(hours);
        while (!rest.isEmpty()) {
            progress.at("hours of this job made", hours.size() - rest.size(), hours.size());
            List<HourWork> careful = rest.stream()
                    .filter(hour -> hour.care() != Care.LINES_COUNTED)
                    .toList();
            if (!careful.isEmpty()) {
                objects.check(careful);
            }
            rest = attempt(rest);
        }
    }

    /** Makes the hours whose lines are what their manifests say. Returns the others, for a closer check. */
    private List<HourWork> attempt(List<HourWork> hours) throws IOException {
        List<HourWork> doubtful = new ArrayList<>();
        List<HourWork> good = new ArrayList<>();
        try (HourTables tables = HourTables.of(session, objects, hours)) {
            Map<Integer, Tally> tallies = tables.tally(hours);
            for (HourWork hour : hours) {
                Tally tally = tallies.getOrDefault(hour.number(), Tally.NONE);
                @Nullable String refusal;
                if (tally.strays() > 0 || tally.lines() != hour.lines()) {
                    refusal = hour.isCheckedCloser()
                            ? null
                            : "Spark reads other lines than the manifests say, and each part alone is right";
                    if (refusal == null) {
                        doubtful.add(hour);
                    }
                } else {
                    refusal = tables.refusal(hour, tally);
                    if (refusal == null) {
                        good.add(hour);
                    }
                }
                if (refusal != null) {
                    report(hour.source(), State.REFUSED, null, List.of(refusal));
                }
            }
            write(tables, good, tallies);
        }
        return doubtful;
    }

    private void write(HourTables tables, List<HourWork> hours, Map<Integer, Tally> tallies) throws IOException {
        if (hours.isEmpty()) {
            return;
        }
        Map<Integer, List<Disagreement>> disagreements = tables.disagreements(hours.stream()
                .filter(hour -> tallies.getOrDefault(hour.number(), Tally.NONE).disputed() > 0)
                .toList());
        Tables both = tables.tables(hours, disagreements);
        try {
            Map<Integer, Written> trades = write(both.trades(), "trades", hours, HourWork::tradesKey);
            Map<Integer, Written> bars = write(both.bars(), "ohlcv1s", hours, HourWork::barsKey);
            for (HourWork hour : hours) {
                HourCommit commit = HourCommit.of(
                        hour.source(),
                        hour.used(),
                        hour.leftOut(),
                        disagreements.getOrDefault(hour.number(), List.of()),
                        tool);
                commit(hour, commit, of(hour, trades), of(hour, bars));
            }
        } catch (StoreException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private Map<Integer, Written> write(
            Dataset<Row> table, String schema, List<HourWork> hours, Function<HourWork, String> key)
            throws IOException, StoreException {
        TreeMap<Integer, HourFiles.Target> targets = new TreeMap<>();
        hours.forEach(hour -> targets.put(
                hour.number(),
                new HourFiles.Target(key.apply(hour), hour.source().digest().hex())));
        HourFiles files = new HourFiles(bucket, schema, targets, tool.toString());
        Map<Integer, Written> written = new TreeMap<>();
        for (Written one : table.mapPartitions(files, Encoders.javaSerialization(Written.class))
                .collectAsList()) {
            if (written.put(one.hour(), one) != null) {
                throw new IllegalStateException("two partitions have rows of one hour of " + schema);
            }
        }
        for (HourWork hour : hours) {
            if (!written.containsKey(hour.number())) {
                written.put(hour.number(), files.writeEmpty(hour.number()));
            }
        }
        return written;
    }

    private static Written of(HourWork hour, Map<Integer, Written> written) {
        return Objects.requireNonNull(written.get(hour.number()));
    }

    private void commit(HourWork hour, HourCommit commit, Written trades, Written bars) throws StoreException {
        commit.describe(new Rows(trades.rows(), bars.rows(), trades.idFirst(), trades.idLast(), trades.missing()));
        commit.describe("trades", hour.tradesKey(), trades.bytes(), trades.sha256());
        commit.describe("bars", hour.barsKey(), bars.bytes(), bars.sha256());
        HourSource source = hour.source();
        kept.keep(source.symbol(), source.hourMs(), commit);
        report(source, State.MADE, commit, commit.faults());
    }
}
