package io.marketdata.query.compact;

import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes hours from their parts, one after the other. While DuckDB works on an hour, a second thread fetches the parts of
 * the next one.
 */
public final class Compaction {

    private final ObjectStore store;
    private final WorkDirectory work;
    private final int requests;

    /** An hour of a symbol; {@code hourMs} is its first moment, ms since 1970 UTC. */
    public record Target(Symbol symbol, long hourMs) {}

    /** What became of an hour. */
    public enum State {
        /** No part is recorded. */
        EMPTY("no parts"),
        /** It was there already, from the same parts. */
        UNCHANGED("unchanged"),
        /** It was made. */
        MADE("compacted"),
        /** A check has found that it has to be made. */
        STALE("must be compacted"),
        /** It cannot be made from its parts. */
        REFUSED("refused"),
        /** The bucket did not show everything. */
        NOT_SEEN("could not be read or written");

        private final String words;

        State(String words) {
            this.words = words;
        }
    }

    /**
     * The result for an hour.
     *
     * @param commit of an hour that is there
     * @param faults what is wrong with it or with its parts
     * @param notices what else a person should know
     */
    public record Outcome(
            Target target, State state, @Nullable HourCommit commit, List<String> faults, List<String> notices) {

        public Outcome {
            faults = List.copyOf(faults);
            notices = List.copyOf(notices);
        }

        /** For a person: the hour and what it holds, then a line for each fault and each notice. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            String hour = Instant.ofEpochMilli(target.hourMs()).toString().substring(0, "2026-11-20T10".length());
            String facts = commit == null
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            ", %,d trades, %,d bars, %,d missing",
                            commit.trades(),
                            commit.bars(),
                            commit.missing());
            lines.add(target.symbol() + " " + hour + ": " + state.words + facts);
            faults.forEach(fault -> lines.add("  " + fault));
            notices.forEach(notice -> lines.add("  note: " + notice));
            return lines;
        }
    }

    /** @param joined null if nothing has to be made; then {@code outcome} is the result */
    private record Fetched(
            HourSource source,
            @Nullable JoinedParts joined,
            @Nullable Outcome outcome,
            Path directory) {}

    /** @param requests to the bucket at once */
    public Compaction(ObjectStore store, WorkDirectory work, int requests) {
        this.store = store;
        this.work = work;
        this.requests = requests;
    }

    /** Compacts hours into the bucket, unless they are there from the same parts. */
    public void compact(List<Target> targets, DuckDb duck, Consumer<Outcome> each)
            throws InterruptedException, SQLException, IOException {
        run(targets, new BucketHours(store), duck, each);
    }

    /** Says what {@link #compact} would find, and writes nothing. */
    public void check(List<Target> targets, Consumer<Outcome> each) throws InterruptedException {
        BucketHours hours = new BucketHours(store);
        for (Target target : targets) {
            HourSource source = source(target);
            try {
                @Nullable String fault = source.notSeen().isEmpty() && !source.isEmpty() ? hours.fault(source) : null;
                each.accept(
                        fault == null
                                ? unchanged(
                                        source,
                                        hours.commit(target.symbol(), target.hourMs())
                                                .orElse(null))
                                : outcome(source, State.STALE, List.of(fault)));
            } catch (StoreException e) {
                each.accept(outcome(source, State.NOT_SEEN, List.of(String.valueOf(e.getMessage()))));
            }
        }
    }

    void run(List<Target> targets, KeptHours kept, DuckDb duck, Consumer<Outcome> each)
            throws InterruptedException, SQLException, IOException {
        ExecutorService fetcher = Executors.newSingleThreadExecutor(Threads.daemons("fetch"));
        try {
            Iterator<Target> rest = targets.iterator();
            @Nullable Future<Fetched> next = submit(fetcher, rest, kept);
            while (next != null) {
                Fetched hour = next.get();
                next = submit(fetcher, rest, kept);
                each.accept(hour.outcome() == null ? make(hour, kept, duck) : hour.outcome());
                WorkDirectory.delete(hour.directory());
            }
        } catch (ExecutionException e) {
            throw new IOException("an hour cannot be fetched: " + e.getCause(), e.getCause());
        } finally {
            fetcher.shutdownNow();
        }
    }

    private @Nullable Future<Fetched> submit(ExecutorService fetcher, Iterator<Target> rest, KeptHours kept) {
        if (!rest.hasNext()) {
            return null;
        }
        Target target = rest.next();
        return fetcher.submit(() -> fetch(target, kept));
    }

    private HourSource source(Target target) throws InterruptedException {
        return HourSource.read(store, target.symbol(), target.hourMs(), parallel(), Time.SYSTEM.epochMillis());
    }

    private Parallel parallel() {
        return new Parallel(Threads.daemons("request"), requests, (what, done, total) -> {});
    }

    private Fetched fetch(Target target, KeptHours kept) throws InterruptedException, IOException {
        HourSource source = source(target);
        Path directory = work.run().resolve("hour-" + target.symbol().encoded() + "-" + target.hourMs());
        try {
            Optional<HourCommit> there =
                    source.notSeen().isEmpty() && !source.isEmpty() ? kept.find(source) : Optional.empty();
            if (there.isPresent() || source.isEmpty() || !source.notSeen().isEmpty()) {
                return new Fetched(source, null, unchanged(source, there.orElse(null)), directory);
            }
        } catch (StoreException e) {
            Outcome outcome = outcome(source, State.NOT_SEEN, List.of(String.valueOf(e.getMessage())));
            return new Fetched(source, null, outcome, directory);
        }
        List<String> notSeen = new ArrayList<>();
        JoinedParts joined = JoinedParts.fetch(store, source, directory, parallel(), notSeen);
        if (notSeen.isEmpty()) {
            return new Fetched(source, joined, null, directory);
        }
        joined.close();
        return new Fetched(source, null, outcome(source, State.NOT_SEEN, notSeen), directory);
    }

    private static Outcome unchanged(HourSource source, @Nullable HourCommit commit) {
        if (!source.notSeen().isEmpty()) {
            return outcome(source, State.NOT_SEEN, source.notSeen());
        }
        return new Outcome(
                new Target(source.symbol(), source.hourMs()),
                commit == null ? State.EMPTY : State.UNCHANGED,
                commit,
                commit == null ? List.of() : commit.faults(),
                source.notices());
    }

    private static Outcome outcome(HourSource source, State state, List<String> faults) {
        return new Outcome(new Target(source.symbol(), source.hourMs()), state, null, faults, source.notices());
    }

    private static Outcome make(Fetched hour, KeptHours kept, DuckDb duck) throws SQLException, IOException {
        HourSource source = hour.source();
        try (JoinedParts joined = Objects.requireNonNull(hour.joined())) {
            HourTables tables = new HourTables(duck, source, joined);
            List<Disagreement> disagreements = tables.make();
            HourCommit.Tool tool = new HourCommit.Tool(BuildInfo.software().version(), "DuckDB", duck.version());
            HourCommit commit = HourCommit.of(source, joined.used(), joined.leftOut(), disagreements, tool);
            commit.describe(tables.rows());
            Path trades = hour.directory().resolve("trades.parquet");
            Path bars = hour.directory().resolve("bars.parquet");
            tables.write(trades, bars, source.digest().hex(), tool.toString());
            describe(commit, "trades", CompactLayout.trades(source.symbol(), source.hourMs()), trades);
            describe(commit, "bars", CompactLayout.bars(source.symbol(), source.hourMs()), bars);
            kept.keep(source.symbol(), source.hourMs(), commit, trades, bars);
            Target target = new Target(source.symbol(), source.hourMs());
            return new Outcome(target, State.MADE, commit, commit.faults(), source.notices());
        } catch (HourRefusedException e) {
            return outcome(source, State.REFUSED, List.of(String.valueOf(e.getMessage())));
        } catch (StoreException e) {
            return outcome(source, State.NOT_SEEN, List.of(String.valueOf(e.getMessage())));
        }
    }

    private static void describe(HourCommit commit, String table, String key, Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        commit.describe(table, key, bytes.length, Sha256.of(bytes).hex());
    }
}
