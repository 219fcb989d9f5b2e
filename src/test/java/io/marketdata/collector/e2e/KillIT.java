package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.StubS3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * SIGKILL under load, at random moments of everything a collector does: start, recovery after the last kill, append,
 * seal, pack, put, delete. Three hundred trades a second, parts of a third of a second, fifty kills; then one run that
 * stops cleanly, and every trade must be in the bucket, with its own bytes.
 *
 * <p>{@code -Dkill.seed=N} repeats the moments of a run, {@code -Dkill.count=N} makes it longer.
 */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
@Order(5)
class KillIT {

    /** On a busy machine the replay runs far ahead of the collector, and every second of it is a part. */
    private static final int DRAIN_SECONDS = 300;

    private static final int KILLS = Integer.getInteger("kill.count", 50);

    /** Long enough for a machine that is ten times slower. */
    private static final int TRADES = 200_000;

    private static final int TRADES_PER_SECOND = 300;

    /** The log line that starts the countdown to the kill, and how long the countdown is at most. */
    private enum Moment {
        STARTED("", 1_200),
        READING_THE_SPOOL("Setting: shutdown", 400),
        CONNECTED("Connected", 600),
        SEALED("Rotating file", 200),
        STORED("Uploaded", 500);

        private final String line;
        private final int mostMillis;

        Moment(String line, int mostMillis) {
            this.line = line;
            this.mostMillis = mostMillis;
        }
    }

    /** Everything in the bucket. */
    @FunctionalInterface
    private interface Bucket {
        Map<String, byte[]> objects() throws IOException;
    }

    private final long seed = Long.getLong("kill.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** Ids in the bucket by the key of their part; objects never change. */
    private final Map<String, List<Long>> stored = new TreeMap<>();

    private final Set<Long> everAccepted = new HashSet<>();

    @TempDir
    private Path folder;

    @Test
    void killsAtRandomMomentsUnderLoadLoseNothingInS3() throws Exception {
        try (StubS3 stub = new StubS3()) {
            killAgainAndAgain(
                    KILLS * 3 / 5, exchange -> Exchange.environment(exchange, folder, stub.uri()), stub::objects);
        }
    }

    @Test
    void killsAtRandomMomentsUnderLoadLoseNothingInADirectory() throws Exception {
        killAgainAndAgain(
                KILLS * 2 / 5,
                exchange -> Exchange.environment(exchange, folder, "file:./bucket"),
                () -> Oracle.read(folder.resolve("bucket")));
    }

    private void killAgainAndAgain(int kills, Function<ExchangeSimulator, Map<String, String>> settings, Bucket bucket)
            throws Exception {
        Path source = Samples.madeUp(folder, TRADES, TRADES_PER_SECOND);
        try (ExchangeSimulator exchange =
                Exchange.replaying(source, 1, ExchangeOptions.defaults().startingAfter(2))) {
            Map<String, String> environment = settings.apply(exchange);
            environment.put("ROT_SECS", "1");
            environment.put("ROT_BYTES", "16384");
            for (int i = 1; i <= kills; i++) {
                Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
                Duration delay = Duration.ofMillis(random.nextInt(moment.mostMillis));
                String kill = "kill " + i + ", " + delay.toMillis() + " ms after " + moment + ", seed " + seed;
                killOnce(environment, bucket, moment, delay, kill);
            }
            long last = drain(exchange, environment);
            judge(bucket, Samples.events(source), last, kills);
        }
    }

    private void killOnce(
            Map<String, String> environment, Bucket bucket, Moment moment, Duration delay, String description)
            throws Exception {
        Set<Long> accepted;
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            if (!moment.line.isEmpty()) {
                collector.awaitLine(moment.line);
            }
            assertThat(collector.endsWithin(delay))
                    .as("%s: it ended on its own%n%s", description, collector.text())
                    .isFalse();
            accepted = accepted(bucket);
            collector.kill();
            assertThat(collector.text()).as(description).doesNotContain("ERROR", "Exception");
        }
        assertThat(accepted(bucket))
                .as("%s: trades accepted before the kill", description)
                .containsAll(accepted);
        everAccepted.addAll(accepted);
    }

    /** One run that backfills the missed trades and stops cleanly; returns the last id that was issued. */
    private long drain(ExchangeSimulator exchange, Map<String, String> environment) throws Exception {
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            collector.awaitLine("Uploaded");
            long last = Exchange.endTrades(exchange).last();
            SpoolCheckpoints.awaitAllUploaded(last, folder, DRAIN_SECONDS);
            assertThat(collector.terminate().awaitExit())
                    .as("seed %d%n%s", seed, collector.text())
                    .isEqualTo(143);
            assertThat(collector.text()).as("seed %d", seed).doesNotContain("ERROR");
            return last;
        }
    }

    private void judge(Bucket bucket, Map<Long, String> source, long last, int kills) throws IOException {
        Oracle oracle = new Oracle(bucket.objects());
        List<Long> ids = oracle.lines().stream().map(Oracle.Line::id).toList();
        long first = ids.stream().min(Long::compare).orElseThrow();
        Map<Long, String> issued = new TreeMap<>(source).subMap(first, true, last, true);
        long torn = tornLines();
        System.out.printf(
                Locale.ROOT,
                "KillIT: %d kills with seed %d; %d trades in %d parts, %d stored twice, %d torn lines%n",
                kills,
                seed,
                issued.size(),
                oracle.parts().size(),
                ids.size() - new HashSet<>(ids).size(),
                torn);
        oracle.holdsExactlyAsSentOrBackfilled(issued).crossesNoSlotOf(1_000).linesFollowTheSchema();
        assertThat(new HashSet<>(ids)).as("seed %d", seed).containsAll(everAccepted);
        assertThat(torn).as("seed %d: lines in quarantine", seed).isLessThanOrEqualTo(kills);
    }

    /** Every whole trade in the spool, in whatever state its part is, and in the bucket. */
    private Set<Long> accepted(Bucket bucket) throws IOException {
        Set<Long> ids = new HashSet<>(SpoolReader.ids(folder.resolve("spool")));
        for (Map.Entry<String, byte[]> object : bucket.objects().entrySet()) {
            if (object.getKey().endsWith(".jsonl.gz") && !stored.containsKey(object.getKey())) {
                stored.put(object.getKey(), SpoolReader.ids(object.getValue()));
            }
        }
        stored.values().forEach(ids::addAll);
        return ids;
    }

    private long tornLines() throws IOException {
        Path quarantine = SpoolReader.spool(folder).resolve("quarantine");
        if (!Files.exists(quarantine)) {
            return 0;
        }
        long lines = 0;
        try (Stream<Path> files = Files.list(quarantine)) {
            for (Path file : files.toList()) {
                lines += Files.readString(file).lines().count();
            }
        }
        return lines;
    }
}
