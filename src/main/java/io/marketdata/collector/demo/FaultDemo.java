package io.marketdata.collector.demo;

import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
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
import io.marketdata.collector.spool.SpoolListing.Totals;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Injects faults into a collector that runs as a child process, between an exchange simulator and an S3 simulator in this
 * process: one fault after the other, each when the previous one is over. One thread.
 */
public final class FaultDemo {

    /** In a shorter run the faults would overlap. */
    public static final int LEAST_SECONDS = 30;

    /** Printed when the demo was asked to stop before its time. */
    public static final String STOPPED_EARLY = "Stopped early; checking what was recorded until then.";

    static final int CONNECTIONS = 2;
    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(40);

    /** The longest that draining and stopping may take together. */
    public static final Duration PATIENCE = DRAIN_PATIENCE.plus(STOP_PATIENCE);

    private static final Duration POLL = Duration.ofMillis(20);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Share of the whole time between two faults, even if one was late: each trade is counted under the fault before it. */
    private static final double LEAST_APART = 0.05;

    private static final long RESTART_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int PROGRESS_SECONDS = 5;
    private static final int LOG_LINES_SHOWN = 10;

    private static final String CONFIG = """
            # Written by demo --faults: shorter than the defaults, so that one minute shows every fault.
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
    private long backlogAtKill;

    /**
     * A fault and its schedule.
     *
     * @param at when it is injected, as a share of the whole time
     * @param also describes afterwards what else it did; null if only connections are described
     * @param ready further condition; it is waited for during {@link #LONGEST_WAIT_NANOS} at most
     */
    private record Step(
            String fault, double at, Act act, @Nullable Supplier<String> also, BooleanSupplier ready) {}

    /** Injects a fault. */
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
        fault(0.19, "7 trades not delivered", new Fault.Skip(Target.ALL, 7));
        fault(0.25, "one connection stalls", new Fault.Stall(Target.OLDEST, Fault.FOREVER));
        fault(0.36, "both connections stall for 3 s", new Fault.Stall(Target.ALL, Duration.ofSeconds(3)));
        Duration notice = Duration.ofSeconds(3);
        Fault shutdown = new Fault.ShutdownNotice(Target.ALL, Fault.Form.AUTO, notice);
        fault(0.46, "exchange announces its shutdown", shutdown);
        refusals(0.53, 4, 503, "SlowDown");
        steps.add(new Step(
                "kill -9 of the collector meanwhile",
                0.60,
                this::killCollector,
                this::restarted,
                () -> isConnected() && bucket.puts(503) > 0 && backlog() > 0));
        step(
                0.76,
                "5 trades not delivered, REST answers 503",
                () -> {
                    exchange.inflict(new Fault.RestStatus(503, Extent.lasting(Duration.ofSeconds(2))));
                    exchange.inflict(new Fault.Skip(Target.ALL, 5));
                },
                null);
        step(
                0.83,
                "S3 stores 2 objects, answers lost",
                () -> bucket.inflict(new S3Simulator.Trouble.LoseAnswer(), Extent.next(2)),
                () -> bucket.lostAnswers() + " answers lost, " + bucket.repeatedPuts()
                        + " retries found the object stored");
        refusals(0.89, 3, 500, "InternalError");
    }

    private void refusals(double at, int uploads, int status, String code) {
        step(
                at,
                "S3 answers " + status + " to " + uploads + " uploads",
                () -> bucket.inflict(new S3Simulator.Trouble.Refuse(status, code), Extent.next(uploads)),
                () -> bucket.puts(status) + " uploads refused and retried");
    }

    private void fault(double at, String name, Fault fault) {
        step(at, name, () -> exchange.inflict(fault), null);
    }

    private void step(double at, String fault, Act act, @Nullable Supplier<String> also) {
        steps.add(new Step(fault, at, act, also, this::isQuiet));
    }

    private void killCollector() throws InterruptedException {
        collector.kill();
        backlogAtKill = backlog();
        restartDue = true;
        restartNanos = time.nanoTime() + RESTART_AFTER_NANOS;
    }

    private String restarted() {
        return "restarted after 1 s with " + LogText.count(backlogAtKill, "part") + " in the backlog";
    }

    /** Parts in the spool now; 0 if it cannot be read. */
    private long backlog() {
        try {
            SpoolListing listing = new SpoolListing(0);
            for (SpoolFolder folder : SpoolFolder.below(spool)) {
                listing.add(folder, LockTable.ofThisMachine());
            }
            return listing.totals().stream().mapToLong(Totals::parts).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    /**
     * Injects the faults and runs the collector until every trade is stored.
     *
     * @param seconds from the first connection to the end of the trade source
     */
    public ExitCode run(int seconds, StopSignal signal) throws IOException, InterruptedException {
        collector.start();
        out.println("Collector           process " + collector.pid() + ", log " + collector.log() + "\n");
        out.flush();
        if (!awaitConnections(signal)) {
            return broken("The collector did not connect within " + START_PATIENCE.toSeconds() + " s.");
        }
        script();
        beganNanos = time.nanoTime();
        lastFaultNanos = beganNanos;
        boolean complete = injectAll(seconds, signal);
        exchange.stopTrades();
        exchange.awaitEndOfTrades(1, TimeUnit.SECONDS);
        if (!complete && !signal.await(Duration.ZERO)) {
            return broken("The collector ended unexpectedly.");
        }
        String waiting = "The exchange has stopped trading; waiting until every trade is in the bucket.";
        out.println(complete ? waiting : STOPPED_EARLY);
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
            if (signal.await(POLL) || !collector.isAlive() || time.nanoTime() - began >= START_PATIENCE.toNanos()) {
                return false;
            }
        }
        return true;
    }

    private ExitCode broken(String what) throws IOException {
        out.println(what + " The last lines of its log:");
        collector.lastLines(LOG_LINES_SHOWN).forEach(line -> out.println("  " + line));
        out.flush();
        return ExitCode.INTERNAL;
    }

    /** False if the demo was asked to stop before the end, or if the collector ended unexpectedly. */
    private boolean injectAll(int seconds, StopSignal signal) throws IOException, InterruptedException {
        int printed = 0;
        while (!signal.await(POLL)) {
            long now = time.nanoTime();
            long elapsed = now - beganNanos;
            restartWhenDue(now);
            if (!restartDue && !collector.isAlive()) {
                return false;
            }
            observe(now);
            if (isDue(now, seconds)) {
                if (steps.isEmpty()) {
                    return true;
                }
                inflict(steps.remove());
            }
            if (TimeUnit.NANOSECONDS.toSeconds(elapsed) >= printed + PROGRESS_SECONDS) {
                printed += PROGRESS_SECONDS;
                progress();
            }
        }
        return false;
    }

    private void restartWhenDue(long now) throws IOException {
        if (restartDue && now - restartNanos >= 0) {
            collector.start();
            restartDue = false;
            say("collector restarted, process " + collector.pid());
        }
    }

    /** Whether the next fault, or after the last one the end, is due. */
    private boolean isDue(long now, int seconds) {
        Step next = steps.peek();
        long late = now - beganNanos - (long) ((next == null ? 1 : next.at()) * seconds * 1e9);
        BooleanSupplier ready = next == null ? this::isQuiet : next.ready();
        boolean apart = now - lastFaultNanos >= (long) (LEAST_APART * seconds * 1e9);
        return late >= 0 && apart && (ready.getAsBoolean() || late >= LONGEST_WAIT_NANOS);
    }

    /** Whether the previous fault is over. */
    private boolean isQuiet() {
        return isConnected() && bucket.isCalm();
    }

    private boolean isConnected() {
        return !restartDue && exchange.connectionCount() >= CONNECTIONS;
    }

    private void observe(long now) {
        if (!seen.isEmpty()) {
            seen.get(seen.size() - 1).observe(exchange.connectionCount(), exchange.upgradeAttempts(), now);
        }
    }

    private void inflict(Step step) throws InterruptedException {
        long issued = exchange.issued(symbol).map(IdRange::last).orElse(-1L);
        lastFaultNanos = time.nanoTime();
        seen.add(new FaultSighting(step.fault(), issued, lastFaultNanos, exchange.upgradeAttempts(), step.also()));
        say("FAULT " + step.fault());
        step.act().run();
    }

    private void say(String what) {
        out.printf(Locale.ROOT, "%3d s   %s%n", TimeUnit.NANOSECONDS.toSeconds(time.nanoTime() - beganNanos), what);
        out.flush();
    }

    private void progress() {
        say(exchange.issuedCount() + " trades issued, " + exchange.connectionCount() + " connections, "
                + bucket.puts(200) + " objects stored");
    }

    /** Waits until every trade is stored, up to 60 s; restarts a collector that has ended meanwhile. */
    private void drain() throws IOException, InterruptedException {
        long began = time.nanoTime();
        long checked = -1;
        while (time.nanoTime() - began < DRAIN_PATIENCE.toNanos()) {
            if (!collector.isAlive()) {
                // by a fault, or by the same Ctrl-C as this process
                collector.start();
                say("collector restarted to upload its backlog, process " + collector.pid());
            }
            observe(time.nanoTime());
            long stored = bucket.puts(200) + bucket.lostAnswers();
            if (stored != checked) {
                checked = stored;
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
        return Arrays.stream(ids).distinct().count() >= issued.count();
    }

    /** The table of faults, one line each; see {@link FaultReport}. */
    public List<String> table(IdRange issued, BucketCheck check) {
        var episodes = seen.stream().map(FaultSighting::episode).toList();
        return new FaultReport(issued, check.ids(symbol), check.ids(symbol, Origin.REST)).lines(episodes);
    }
}
