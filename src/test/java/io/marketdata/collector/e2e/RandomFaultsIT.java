package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Every kind of fault at random moments, forged trades, a REST that lies, a change of format in the middle, and a restart
 * after a kill or a stop again and again. In the end each issued id is stored, or a manifest names it as missing; each line has
 * the payload that was issued, or is a forged one; and nothing else is stored.
 *
 * <p>{@code -Dfaults.runs=24 -Dfaults.seconds=300} is two hours in real time. Trades, faults and restarts are independent
 * of each other, so {@code -Dfaults.seconds=15} has the same numbers of restarts in a twentieth of the time.
 * {@code -Dfaults.seed=N} repeats the faults of a run.
 */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
@Order(4)
class RandomFaultsIT {

    private static final int RUNS = Integer.getInteger("faults.runs", 5);
    private static final long RUN_MILLIS = Integer.getInteger("faults.seconds", 8) * 1_000L;
    private static final int LONGEST_PAUSE_MILLIS = 1_000;
    private static final int DRAIN_SECONDS = 300;
    private static final int TRADES_PER_SECOND = 100;
    private static final String FORGED = "\"p\":\"0.00000000\"";
    private static final Fault LIE = new Fault.RestLie(1_000_000, 100, Extent.always(), "rades");
    private static final Fault FORMAT = new Fault.Reformat("\"T\":", "\"time\":");

    private final long seed = Long.getLong("faults.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Map<String, Integer> inflicted = new TreeMap<>();

    /** Short enough that two connections and REST are not all gone for long. */
    private final List<Supplier<Fault>> faults = List.of(
            () -> new Fault.Cut(one(), random.nextBoolean() ? Fault.How.RST : Fault.How.FIN),
            () -> new Fault.Cut(Target.ALL, Fault.How.RST),
            () -> new Fault.Close(one(), 1_008, "x"),
            () -> new Fault.Stall(one(), Duration.ofSeconds(2)),
            () -> new Fault.Stall(Target.ALL, Duration.ofMillis(500)),
            () -> new Fault.Freeze(one()),
            () -> new Fault.Lag(one(), Duration.ofMillis(random.nextInt(300))),
            () -> new Fault.Skip(one(), 1 + random.nextInt(20)),
            () -> new Fault.Skip(Target.ALL, 1 + random.nextInt(20)),
            () -> new Fault.Repeat(one()),
            () -> new Fault.Swap(one()),
            () -> new Fault.Forge(one(), 0),
            () -> new Fault.Forge(one(), 3 + random.nextInt(500)),
            () -> new Fault.Forge(one(), 20_000 + random.nextInt(1_000_000)),
            () -> new Fault.Forge(one(), 7_000_000),
            () -> new Fault.Forge(one(), -random.nextInt(500)),
            () -> new Fault.Forge(one(), -1_000_000_000),
            () -> new Fault.ShutdownNotice(one(), Fault.Form.AUTO, Duration.ofMillis(200)),
            () -> new Fault.SendText(one(), "{\"e\":\"news\"}"),
            () -> new Fault.SendText(one(), "no JSON"),
            () -> new Fault.SendBinary(one(), "x"),
            () -> new Fault.SendFragments(one(), "{\"result\":null}"),
            () -> new Fault.SendHugeHeader(one(), Fault.SendHugeHeader.NEARLY_2_GIB),
            () -> new Fault.RefuseUpgrades(503, Extent.next(2)),
            () -> new Fault.ResetUpgrades(Extent.next(2), null),
            () -> new Fault.HangUpgrades(Extent.next(1), null),
            () -> new Fault.RestStatus(503, Extent.next(2)),
            () -> new Fault.RestStatus(429, Duration.ofSeconds(1), Extent.next(1), ""),
            () -> new Fault.RestHang(Duration.ofSeconds(1), Extent.next(1), ""),
            () -> new Fault.RestTruncate(Extent.next(1), ""),
            () -> new Fault.RestLie(-50_000, 1, Extent.next(1), "rades"),
            () -> new Fault.HistoryLag(Duration.ofSeconds(random.nextInt(3))),
            () -> new Fault.Halt(Duration.ofSeconds(1)));

    @TempDir
    private Path folder;

    @Test
    void whateverTheExchangeDoesEachTradeIsStoredOrKnownToBeMissing() throws Exception {
        int trades = (int) ((RUNS + 1) * (RUN_MILLIS / 1_000 + 60) * TRADES_PER_SECOND);
        Path source = Samples.madeUp(folder, trades, TRADES_PER_SECOND);
        try (ExchangeSimulator exchange =
                Exchange.replaying(source, 1, ExchangeOptions.defaults().startingAfter(2))) {
            Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
            environment.put("ROT_SECS", "1");
            exchange.inflict(LIE);
            for (int run = 0; run < RUNS; run++) {
                record(exchange, environment, run);
            }
            exchange.inflict(new Fault.Heal());
            long last = drain(exchange, environment);
            judge(Samples.events(source), last);
        }
    }

    private void record(ExchangeSimulator exchange, Map<String, String> environment, int run) throws Exception {
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            collector.awaitLine("Connected");
            long end = System.nanoTime() + RUN_MILLIS * 1_000_000;
            boolean changes = run == RUNS / 2;
            if (changes) {
                inflict(exchange, FORMAT);
            }
            while (end - System.nanoTime() > 0) {
                Thread.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
                if (changes && end - System.nanoTime() < RUN_MILLIS * 500_000) {
                    exchange.inflict(new Fault.Heal());
                    exchange.inflict(LIE);
                    changes = false;
                }
                inflict(exchange, faults.get(random.nextInt(faults.size())).get());
            }
            assertThat(collector.isAlive()).as(collector.text()).isTrue();
            if (random.nextBoolean()) {
                collector.kill();
            } else {
                collector.terminate().awaitExit();
            }
        }
    }

    private void inflict(ExchangeSimulator exchange, Fault fault) {
        inflicted.merge(fault.getClass().getSimpleName(), 1, Integer::sum);
        exchange.inflict(fault);
    }

    private Target one() {
        return random.nextBoolean() ? Target.OLDEST : Target.NEWEST;
    }

    /** One run without faults; returns the last id that was issued. */
    private long drain(ExchangeSimulator exchange, Map<String, String> environment) throws Exception {
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            collector.awaitLine("Uploaded");
            Thread.sleep(3_000);
            long last = Exchange.endTrades(exchange).last();
            for (int i = 0; i < DRAIN_SECONDS && !isStored(last); i++) {
                Thread.sleep(1_000);
            }
            assertThat(collector.terminate().awaitExit())
                    .as("seed %d%n%s", seed, collector.text())
                    .isEqualTo(143);
            return last;
        }
    }

    private boolean isStored(long last) throws Exception {
        try {
            return notStored(last).isEmpty();
        } catch (AssertionError e) {
            return false; // a part whose manifest follows
        }
    }

    /**
     * The ids from the first stored one on that are not in the bucket. A forged trade that took an id first stands in for the
     * true one, which is in {@code unparsed/} if a connection delivered it.
     */
    private Set<Long> notStored(long last) throws Exception {
        Oracle oracle = Oracle.of(folder.resolve("bucket"), key -> !key.startsWith("unparsed/"));
        Set<Long> ids = new TreeSet<>();
        oracle.lines().forEach(line -> ids.add(line.id()));
        long first = oracle.lines().stream()
                .filter(line -> !isForged(line))
                .mapToLong(Oracle.Line::id)
                .min()
                .orElseThrow();
        Set<Long> left = new TreeSet<>();
        for (long id = first; id <= last; id++) {
            if (!ids.contains(id)) {
                left.add(id);
            }
        }
        return left;
    }

    private static boolean isForged(Oracle.Line line) {
        return line.event().contains(FORGED);
    }

    private void judge(Map<Long, String> issued, long last) throws Exception {
        Oracle oracle = Oracle.of(folder.resolve("bucket"), key -> !key.startsWith("unparsed/"));
        Map<Long, Integer> copies = new HashMap<>();
        Set<Long> shadowed = new TreeSet<>();
        int forged = 0;
        for (Oracle.Part part : oracle.parts()) {
            for (Oracle.Line line : part.lines()) {
                if (isForged(line)) {
                    forged++;
                    shadowed.add(line.id());
                } else {
                    assertThat(line.event())
                            .as("seed %d: id %d in %s", seed, line.id(), part.key())
                            .isEqualTo(part.expected(issued.getOrDefault(line.id(), "never issued")));
                    copies.merge(line.id(), 1, Integer::sum);
                }
            }
        }
        shadowed.retainAll(issued.keySet());
        shadowed.removeAll(copies.keySet());
        shadowed.removeIf(id -> id > last);
        Set<Long> left = notStored(last);
        List<IdRange> named = new ArrayList<>();
        oracle.parts().forEach(part -> named.addAll(part.manifest().quality().missingIds()));
        long unparsed = Oracle.read(folder.resolve("bucket")).keySet().stream()
                .filter(key -> key.startsWith("unparsed/"))
                .count();
        System.out.printf(
                Locale.ROOT,
                "RandomFaultsIT: seed %d; %d runs of %d s; %d trades stored, %d of them more than once, %d missing and"
                        + " named by manifests; %d forged lines, %d of them in place of a true trade, %d objects in unparsed/; faults %s%n",
                seed,
                RUNS,
                RUN_MILLIS / 1_000,
                copies.size(),
                copies.values().stream().filter(count -> count > 1).count(),
                left.size(),
                forged,
                shadowed.size(),
                unparsed,
                inflicted);
        assertThat(left)
                .as("seed %d: neither stored nor named as missing", seed)
                .allSatisfy(id ->
                        assertThat(named).anySatisfy(range -> assertThat(id).isBetween(range.first(), range.last())));
        assertThat(unparsed).isPositive();
        assertThat(forged).isPositive();
    }
}
