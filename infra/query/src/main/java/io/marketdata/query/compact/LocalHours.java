package io.marketdata.query.compact;

import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.audit.Progress;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.query.compact.Compaction.Outcome;
import io.marketdata.query.compact.Compaction.State;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Hours for queries, as files of this machine: those that are compacted in the bucket, and the others made from their parts
 * in the same way. They stay in the work directory under a digest of what they were made from, and count only while their
 * files have the digests that their commit objects name.
 */
public final class LocalHours {

    private final ObjectStore store;
    private final WorkDirectory work;
    private final int requests;

    /**
     * An hour that can be read.
     *
     * @param isCompacted whether it is from {@code compact/}
     * @param directory with {@code trades.parquet}, {@code bars.parquet} and {@code commit.json}
     */
    public record LocalHour(Target target, boolean isCompacted, Path directory) {}

    /** @param requests to the bucket at once */
    public LocalHours(ObjectStore store, WorkDirectory work, int requests) {
        this.store = store;
        this.work = work;
        this.requests = requests;
    }

    /**
     * The hours of which the bucket holds anything.
     *
     * @param fromMs first moment, ms since 1970 UTC
     * @param toMs the moment after the last one
     */
    public List<Target> recorded(Symbol symbol, long fromMs, long toMs) throws StoreException {
        TreeSet<String> days = new TreeSet<>(store.folders(KeyLayout.symbol(symbol)));
        days.addAll(store.folders(CompactLayout.commits(symbol)));
        TreeSet<Long> hours = new TreeSet<>();
        for (String day : days) {
            @Nullable Long dayMs = dayMs(day);
            if (dayMs == null || dayMs >= toMs || dayMs + 24 * HourSource.HOUR_MS <= fromMs) {
                continue;
            }
            for (String hour : hourNames(symbol, day, dayMs)) {
                if (hour.matches("[01][0-9]|2[0-3]")) {
                    hours.add(dayMs + Integer.parseInt(hour) * HourSource.HOUR_MS);
                }
            }
        }
        return hours.stream()
                .filter(hour -> hour < toMs && hour + HourSource.HOUR_MS > fromMs)
                .map(hour -> new Target(symbol, hour))
                .toList();
    }

    private List<String> hourNames(Symbol symbol, String day, long dayMs) throws StoreException {
        List<String> names = new ArrayList<>(store.folders(KeyLayout.symbol(symbol) + day + "/"));
        Listing page = new Listing(List.of(), false);
        for (String after = ""; !page.isLast(); after = page.lastKey()) {
            page = store.list(CompactLayout.commitsOfDay(symbol, dayMs), after);
            page.objects().forEach(object -> names.add(object.key().replaceAll(".*/hour=|\\.json$", "")));
        }
        return names;
    }

    private static @Nullable Long dayMs(String folder) {
        try {
            return folder.startsWith("dt=")
                    ? LocalDate.parse(folder.substring(3))
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant()
                            .toEpochMilli()
                    : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /**
     * Fetches and makes what is not here yet.
     *
     * @param notes gets what a person should know of hours that are made from parts
     * @return those that can be read, in the order of symbols and hours
     * @throws StoreException if the bucket does not show something that is needed
     */
    public List<LocalHour> load(List<Target> targets, DuckDb duck, Progress progress, List<String> notes)
            throws InterruptedException, IOException, SQLException, StoreException {
        List<LocalHour> hours = Collections.synchronizedList(new ArrayList<>());
        List<Target> raw = Collections.synchronizedList(new ArrayList<>());
        List<String> notSeen = new ArrayList<>(new Parallel(Threads.daemons("request"), requests, progress)
                .run("compacted hours", targets.size(), number -> {
                    Target target = targets.get(number);
                    compacted(target).ifPresentOrElse(hours::add, () -> raw.add(target));
                }));
        requireSeen(notSeen);
        raw.sort(Comparator.comparing(Target::symbol).thenComparing(Target::hourMs));
        int[] done = {0};
        Cache cache = new Cache();
        new Compaction(store, work, requests).run(raw, cache, duck, outcome -> {
            progress.at("hours from parts", ++done[0], raw.size());
            note(outcome, notes, notSeen);
            Path directory = cache.made.getOrDefault(outcome.target(), work.hours());
            if (outcome.commit() != null) {
                hours.add(new LocalHour(outcome.target(), false, directory));
            }
        });
        requireSeen(notSeen);
        hours.sort(Comparator.comparing((LocalHour hour) -> hour.target().symbol())
                .thenComparing(hour -> hour.target().hourMs()));
        return List.copyOf(hours);
    }

    private static void requireSeen(List<String> notSeen) throws StoreException {
        if (!notSeen.isEmpty()) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, notSeen.get(0));
        }
    }

    private static void note(Outcome outcome, List<String> notes, List<String> notSeen) {
        String hour = outcome.target().symbol() + " "
                + Instant.ofEpochMilli(outcome.target().hourMs());
        for (String fault : outcome.faults()) {
            if (outcome.state() == State.NOT_SEEN) {
                notSeen.add(fault);
            } else {
                notes.add(hour + (outcome.state() == State.REFUSED ? " is left out: " : ": ") + fault);
            }
        }
    }

    /** From {@code compact/}; empty if it is not there, or if its files do not belong together. */
    private Optional<LocalHour> compacted(Target target) throws StoreException {
        BucketHours bucket = new BucketHours(store);
        Optional<HourCommit> commit = bucket.commit(target.symbol(), target.hourMs());
        if (commit.isEmpty()) {
            return Optional.empty();
        }
        Path directory = work.hours().resolve(Sha256.of(commit.get().bytes()).hex());
        try {
            if (!isWhole(directory, commit.get())) {
                String trades = CompactLayout.trades(target.symbol(), target.hourMs());
                String bars = CompactLayout.bars(target.symbol(), target.hourMs());
                Optional<byte[]> tradesFile = bucket.get(trades, commit.get(), "trades");
                Optional<byte[]> barsFile = bucket.get(bars, commit.get(), "bars");
                if (tradesFile.isEmpty() || barsFile.isEmpty()) {
                    return Optional.empty();
                }
                Path made = Files.createTempDirectory(work.run(), "hour");
                Files.write(made.resolve("trades.parquet"), tradesFile.get());
                Files.write(made.resolve("bars.parquet"), barsFile.get());
                Files.write(made.resolve("commit.json"), commit.get().bytes());
                publish(made, directory);
            }
            return Optional.of(new LocalHour(target, true, directory));
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE, "the work directory cannot be used: " + e + "; see --work", e);
        }
    }

    private static boolean isWhole(Path directory, HourCommit commit) throws IOException {
        try {
            for (String table : List.of("trades", "bars")) {
                Path file = directory.resolve(table + ".parquet");
                if (!Sha256.of(Files.readAllBytes(file)).hex().equals(commit.fileDigest(table))) {
                    return false;
                }
            }
            if (!Sha256.of(Files.readAllBytes(directory.resolve("commit.json"))).equals(Sha256.of(commit.bytes()))) {
                return false;
            }
        } catch (NoSuchFileException e) {
            return false;
        }
        Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
        return true;
    }

    /** Complete or not at all; a run beside this one may have been first. */
    private static void publish(Path made, Path directory) throws IOException {
        Files.createDirectories(directory.resolveSibling("."));
        WorkDirectory.delete(directory);
        try {
            Files.move(made, directory);
        } catch (IOException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    /** Hours that are made from their parts, by the digest of these. */
    private final class Cache implements KeptHours {

        private final Map<Target, Path> made = new ConcurrentHashMap<>();

        @Override
        public Optional<HourCommit> find(HourSource source) throws IOException {
            Path directory = work.hours().resolve(source.digest().hex());
            Path file = directory.resolve("commit.json");
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            HourCommit commit;
            try {
                commit = HourCommit.read(Files.readAllBytes(file));
            } catch (IOException e) {
                return Optional.empty();
            }
            if (!commit.sourceDigest().equals(source.digest().hex()) || !isWhole(directory, commit)) {
                return Optional.empty();
            }
            made.put(new Target(source.symbol(), source.hourMs()), directory);
            return Optional.of(commit);
        }

        @Override
        public void keep(Symbol symbol, long hourMs, HourCommit commit, Path trades, Path bars) throws IOException {
            Path directory = work.hours().resolve(commit.sourceDigest());
            Path temporary = Files.createTempDirectory(work.run(), "hour");
            Files.move(trades, temporary.resolve("trades.parquet"));
            Files.move(bars, temporary.resolve("bars.parquet"));
            Files.write(temporary.resolve("commit.json"), commit.bytes());
            publish(temporary, directory);
            made.put(new Target(symbol, hourMs), directory);
        }
    }
}
