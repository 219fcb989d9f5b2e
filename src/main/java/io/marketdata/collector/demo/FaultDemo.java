package io.marketdata.collector.demo;

import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.S3Simulator;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.spool.LockTable;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolListing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A storm over a collector that runs as a process of its own, between an exchange simulator and a fake bucket that run here:
 * one fault after the other, each when the one before is over, and then a check of every trade.
 * One thread.
 */
public final class FaultDemo {

    /** Shorter than this, the faults would run into each other. */
    public static final int LEAST_SECONDS = 30;

    static final int CONNECTIONS = 2;
    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(40);

    /** More than draining and stopping may take. */
    public static final Duration PATIENCE = DRAIN_PATIENCE.plus(STOP_PATIENCE);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Share of the whole time between two faults, also when one was late: trades are told of under the fault before them. */
    private static final double LEAST_APART = 0.05;

    private static final long RESTART_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int PROGRESS_SECONDS = 5;
    private static final int LOG_LINES_SHOWN = 10;

    /** So that a storm of a minute shows what else takes several. */
    private static final String CONFIG = """
            # Written by demo --faults: shorter than the defaults, so that a minute is enough.
            feed:
              stale_after: 3s
            upload:
              retry_first: 200ms
              retry_max: 2s
            shutdown:
              budget: 5s
            """;

    private final PrintWriter out;
    private final Symbol symbol;
    private final ExchangeSimulator exchange;
    private final S3Simulator bucket;
    private final CollectorChild collector;
    private final Path objects;
    private final Path spool;
    private final Time time;
    private final List<FaultSighting> seen = new ArrayList<>();
    private final Deque<Step> steps = new ArrayDeque<>();
    private long beganNanos;
    private long lastFaultNanos;
    private long restartNanos;
    private boolean restartDue;
    private long leftBehind;

    /**
     * A fault, when it comes, and how to tell afterwards what it did.
     *
     * @param at share of the whole time that has passed
     * @param ready it waits for this too, but not indefinitely
     */
    private record Step(
            String fault, double at, Act act, @Nullable Supplier<String> also, BooleanSupplier ready) {}

    /** Carries a fault out. */
    private interface Act {
        void run() throws InterruptedException;
    }

    /** @param home holds the bucket's objects and the collector's spool */
    public FaultDemo(
            PrintWriter out,
            Symbol symbol,
            ExchangeSimulator exchange,
            S3Simulator bucket,
            CollectorChild collector,
            Path home,
            Time time) {
        this.out = out;
        this.symbol = symbol;
        this.exchange = exchange;
        this.bucket = bucket;
        this.collector = collector;
        this.objects = home.resolve("bucket");
        this.spool = home.resolve("spool");
        this.time = time;
    }

    /** The settings of the collector, in the environment and in {@code home/configs}. */
    public static Map<String, String> settings(Path home, ExchangeSimulator exchange, S3Simulator bucket, Symbol symbol)
            throws IOException {
        Files.createDirectories(home.resolve("configs"));
        Files.writeString(home.resolve("configs").resolve("collector.yaml"), CONFIG);
        return Map.ofEntries(
                Map.entry("RAW_BUCKET", "demo"),
                Map.entry("AWS_ENDPOINT_URL_S3", bucket.uri().toString()),
                Map.entry("AWS_REGION", "us-east-1"),
                Map.entry("AWS_ACCESS_KEY_ID", "demo"),
                Map.entry("AWS_SECRET_ACCESS_KEY", "demo"),
                Map.entry("AWS_EC2_METADATA_DISABLED", "true"),
                Map.entry("LOCAL_DIR", home.resolve("spool").toString()),
                Map.entry("WS_URL", exchange.webSocketUri().toString()),
                Map.entry("REST_URL", exchange.restUri().toString()),
                Map.entry("WS_CONNECTIONS", Integer.toString(CONNECTIONS)),
                Map.entry("ROT_SECS", "2"),
                Map.entry("HTTP_PORT", "0"),
                Map.entry("SYMBOL", symbol.value()),
                Map.entry("INSTANCE_ID", "demo"));
    }

    private void script() {
        fault(0.06, "one connection is cut (TCP reset)", new Fault.Cut(Target.OLDEST, Fault.How.RST));
        fault(0.12, "both connections are cut", new Fault.Cut(Target.ALL, Fault.How.RST));
        fault(0.19, "7 trades never come", new Fault.Skip(Target.ALL, 7));
        fault(0.25, "one connection goes silent", new Fault.Stall(Target.OLDEST, Fault.FOREVER));
        fault(0.36, "both connections silent for 3 s", new Fault.Stall(Target.ALL, Duration.ofSeconds(3)));
        fault(
                0.46,
                "exchange announces its shutdown",
                new Fault.ShutdownNotice(Target.ALL, Fault.Form.AUTO, Duration.ofSeconds(3)));
        step(
                0.53,
                "S3 answers 503 to 4 puts",
                () -> bucket.inflict(new S3Simulator.Trouble.Refuse(503, "SlowDown"), Extent.next(4)),
                () -> bucket.puts(503) + " puts refused and repeated");
        steps.add(new Step(
                "kill -9 of the collector meanwhile",
                0.60,
                this::killCollector,
                this::backfilled,
                () -> isConnected() && bucket.puts(503) > 0 && waitingParts() > 0));
        step(
                0.76,
                "5 trades never come, REST answers 503",
                () -> {
                    exchange.inflict(new Fault.RestStatus(503, Extent.lasting(Duration.ofSeconds(2))));
                    exchange.inflict(new Fault.Skip(Target.ALL, 5));
                },
                null);
        step(
                0.83,
                "S3 stores, 2 answers are lost",
                () -> bucket.inflict(new S3Simulator.Trouble.LoseAnswer(), Extent.next(2)),
                () -> bucket.lostAnswers() + " lost, " + bucket.repeatedPuts() + " puts found their object there");
        step(
                0.89,
                "S3 answers 500 to 3 puts",
                () -> bucket.inflict(new S3Simulator.Trouble.Refuse(500, "InternalError"), Extent.next(3)),
                () -> bucket.puts(500) + " puts refused and repeated");
    }

    private void fault(double at, String words, Fault fault) {
        step(at, words, () -> exchange.inflict(fault), null);
    }

    private void step(double at, String fault, Act act, @Nullable Supplier<String> also) {
        steps.add(new Step(fault, at, act, also, this::isQuiet));
    }

    private void killCollector() throws InterruptedException {
        collector.kill();
        leftBehind = waitingParts();
        restartDue = true;
        restartNanos = time.nanoTime() + RESTART_AFTER_NANOS;
    }

    private String backfilled() {
        return "started again after 1 s, " + leftBehind + " parts were left behind";
    }

    /** Parts in the spool now; 0 if it cannot be read. */
    private long waitingParts() {
        try {
            SpoolListing listing = new SpoolListing(0);
            for (SpoolFolder folder : SpoolFolder.below(spool)) {
                listing.add(folder, LockTable.ofThisMachine());
            }
            return listing.totals().stream()
                    .mapToLong(SpoolListing.Totals::parts)
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    /**
     * Runs the storm, and the collector until everything is stored; then the trades can be counted.
     *
     * @param seconds from the first connection to the end of the trade source
     */
    public ExitCode run(int seconds, StopSignal signal) throws IOException, InterruptedException {
        collector.start();
        out.printf(Locale.ROOT, "Collector       process %d, its log in %s%n%n", collector.pid(), collector.log());
        out.flush();
        if (!awaitConnections(signal)) {
            return broken("The collector did not connect within " + START_PATIENCE.toSeconds() + " s.");
        }
        script();
        beganNanos = time.nanoTime();
        lastFaultNanos = beganNanos;
        boolean complete = storm(seconds, signal);
        exchange.stopTrades();
        exchange.awaitEndOfTrades(1, TimeUnit.SECONDS);
        if (!complete && !signal.await(Duration.ZERO)) {
            return broken("The collector has ended by itself.");
        }
        out.println(
                complete
                        ? "The exchange issues no more trades; waiting until everything is in the bucket."
                        : "Stopped early; what was recorded is checked all the same.");
        out.flush();
        drain();
        if (!collector.stop(STOP_PATIENCE)) {
            return broken("The collector did not end within " + STOP_PATIENCE.toSeconds() + " s.");
        }
        return ExitCode.DONE;
    }

    private boolean awaitConnections(StopSignal signal) throws InterruptedException {
        long began = time.nanoTime();
        while (exchange.connectionCount() < CONNECTIONS) {
            if (signal.await(LOOK_AGAIN)
                    || !collector.isAlive()
                    || time.nanoTime() - began >= START_PATIENCE.toNanos()) {
                return false;
            }
        }
        return true;
    }

    private ExitCode broken(String what) throws IOException {
        out.println(what + " The end of its log:");
        collector.lastLines(LOG_LINES_SHOWN).forEach(line -> out.println("  " + line));
        out.flush();
        return ExitCode.INTERNAL;
    }

    /** Whether it went on to the end: not if asked to stop, and not if the collector has ended unasked. */
    private boolean storm(int seconds, StopSignal signal) throws IOException, InterruptedException {
        int told = 0;
        while (!signal.await(LOOK_AGAIN)) {
            long now = time.nanoTime();
            long elapsed = now - beganNanos;
            if (restartDue && now - restartNanos >= 0) {
                collector.start();
                restartDue = false;
                say("the collector is started again, process " + collector.pid());
            }
            if (!restartDue && !collector.isAlive()) {
                return false;
            }
            look(now);
            Step next = steps.peek();
            long due = (long) ((next == null ? 1 : next.at()) * seconds * 1e9);
            BooleanSupplier ready = next == null ? this::isQuiet : next.ready();
            boolean apart = now - lastFaultNanos >= (long) (LEAST_APART * seconds * 1e9);
            if (elapsed >= due && apart && (ready.getAsBoolean() || elapsed - due >= LONGEST_WAIT_NANOS)) {
                if (next == null) {
                    return true;
                }
                inflict(steps.remove());
            }
            if (TimeUnit.NANOSECONDS.toSeconds(elapsed) >= told + PROGRESS_SECONDS) {
                told += PROGRESS_SECONDS;
                progress();
            }
        }
        return false;
    }

    /** Whether the fault before is over. */
    private boolean isQuiet() {
        return isConnected() && bucket.isCalm();
    }

    private boolean isConnected() {
        return !restartDue && exchange.connectionCount() >= CONNECTIONS;
    }

    private void look(long now) {
        if (!seen.isEmpty()) {
            seen.get(seen.size() - 1).look(exchange.connectionCount(), exchange.upgradeAttempts(), now);
        }
    }

    private void inflict(Step step) throws InterruptedException {
        seen.add(new FaultSighting(
                step.fault(),
                exchange.issued(symbol).map(IdRange::last).orElse(-1L),
                time.nanoTime(),
                exchange.upgradeAttempts(),
                step.also()));
        lastFaultNanos = time.nanoTime();
        say("FAULT " + step.fault());
        step.act().run();
    }

    private void say(String what) {
        out.printf(Locale.ROOT, "%3d s   %s%n", TimeUnit.NANOSECONDS.toSeconds(time.nanoTime() - beganNanos), what);
        out.flush();
    }

    private void progress() {
        say(String.format(
                Locale.ROOT,
                "%d trades issued, %d connections, %d objects stored",
                exchange.issuedCount(),
                exchange.connectionCount(),
                bucket.puts(200)));
    }

    /** Until every trade is stored, or it takes too long; a collector that has ended meanwhile is started once more. */
    private void drain() throws IOException, InterruptedException {
        long began = time.nanoTime();
        long looked = -1;
        while (time.nanoTime() - began < DRAIN_PATIENCE.toNanos()) {
            if (!collector.isAlive()) {
                // killed by the storm, or by the same Ctrl-C as this process
                collector.start();
                say("the collector is started once more for what is missing, process " + collector.pid());
            }
            look(time.nanoTime());
            long stored = bucket.puts(200) + bucket.lostAnswers();
            if (stored != looked) {
                looked = stored;
                if (isAllStored()) {
                    return;
                }
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private boolean isAllStored() throws IOException {
        IdRange issued = exchange.issued(symbol).orElse(null);
        if (issued == null) {
            return true;
        }
        long[] ids = new BucketCheck(objects).run().ids(symbol);
        return java.util.Arrays.stream(ids).distinct().count() >= issued.count();
    }

    /** The table: fault, what happened, trades lost. */
    public List<String> table(IdRange issued, BucketCheck check) {
        List<FaultReport.Episode> episodes =
                seen.stream().map(FaultSighting::episode).toList();
        return new FaultReport(issued, check.ids(symbol), check.ids(symbol, Origin.REST)).lines(episodes);
    }
}
