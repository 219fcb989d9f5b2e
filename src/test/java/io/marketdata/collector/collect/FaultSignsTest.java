package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.RecentGrowth;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.status.MetricsPage;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;

/**
 * The signs of each fault in the table of docs/RUNBOOK.md, on the whole collector: the reason in /health within 60 s,
 * the metric that changes, the line in the log, and that health turns green again on its own.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class FaultSignsTest {

    private static final ListAppender<ILoggingEvent> LINES = new ListAppender<>();

    @TempDir
    private Path home;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final SkippingTime time = new SkippingTime();
    private final MemoryStore store = new MemoryStore();
    private final Faults faults = new Faults(time, Duration.ofDays(1), Recording::exitCode);
    private final Map<String, String> environment = new HashMap<>();
    private ExchangeSimulator exchange;
    private Collector collector;
    private Map<String, Double> before = Map.of();

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("io.marketdata.collector");
    }

    @BeforeAll
    static void listen() {
        LINES.start();
        logger().setLevel(Level.INFO);
        logger().setAdditive(false);
        logger().addAppender(LINES);
    }

    @AfterAll
    static void stopListening() {
        logger().detachAppender(LINES);
        logger().setAdditive(true);
        logger().setLevel(null);
    }

    @BeforeEach
    void startExchange() throws IOException {
        Exchange.writeSettings(home, """
                spool: {min_free_bytes: 0, max_bytes: 8MiB, sweep_interval: 1s}
                upload: {retry_first: 100ms, retry_max: 200ms}
                backfill: {grace: 100ms, weight_per_minute: 6000}
                shutdown: {budget: 3s}
                """);
        exchange = Exchange.inventing(Trades.BTCUSDT, 200, false);
        environment.putAll(Exchange.environment(exchange, home, "file:./unused"));
        environment.put("ROT_SECS", "1");
    }

    private void start() throws Exception {
        collector = Collector.start(new SettingsLoader(environment, home).load(), store, disk, time, faults);
        Await.until("something is stored", () -> collector.uploadedParts() > 0);
        assertThat(codes()).isEmpty();
        before = series();
    }

    @AfterEach
    void stop() throws Exception {
        disk.failWhen((operation, file) -> false);
        disk.setFull(false);
        store.heal();
        collector.stop();
        exchange.close();
    }

    private List<String> codes() {
        return collector.health().report().reasons().stream().map(Reason::code).toList();
    }

    /** Every series by its name with its labels. */
    private Map<String, Double> series() throws IOException {
        Map<String, Double> values = new HashMap<>();
        new MetricsPage(collector.metrics().all().registry())
                .show(null)
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> values.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
        return values;
    }

    /** Skips five seconds of the collector's time and waits for the next health check, about one second. */
    private Health.Report nextCheck() throws Exception {
        time.skip(Duration.ofSeconds(5));
        long now = time.nanoTime();
        Await.until("a health check", () -> collector.health().report().atNanos() - now >= 0);
        return collector.health().report();
    }

    private void showsWithinAMinute(String code) throws Exception {
        long began = time.nanoTime();
        while (!codes().contains(code)) {
            assertThat(Duration.ofNanos(time.nanoTime() - began))
                    .as("without the reason " + code + ", but " + codes())
                    .isLessThan(Duration.ofSeconds(60));
            nextCheck();
        }
        assertThat(series().get("collector_health_reason{code=\"" + code + "\",symbol=\"" + symbolOf(code) + "\"}"))
                .isEqualTo(1);
    }

    private static String symbolOf(String code) {
        List<String> ofSymbol = List.of(
                "stale",
                "lag",
                "gaps_open",
                "gaps_unrecoverable",
                "trades_doubted",
                "trades_contradict",
                "sequence_reset");
        return ofSymbol.contains(code) ? "BTCUSDT" : "";
    }

    private void moves(String series) throws Exception {
        Await.until(
                series + " changes",
                () -> series().getOrDefault(series, 0.0)
                        != before.getOrDefault(series, 0.0).doubleValue());
    }

    private static void isLogged(String text) {
        assertThat(List.copyOf(LINES.list))
                .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains(text));
    }

    /** @param patience of the collector's time */
    private void isGreenAgainWithin(Duration patience) throws Exception {
        long began = time.nanoTime();
        while (collector.health().report().status() != Status.OK) {
            assertThat(Duration.ofNanos(time.nanoTime() - began))
                    .as("still " + codes())
                    .isLessThan(patience);
            nextCheck();
        }
    }

    @Test
    void endedConnectionsAreCountedByReasonAndReplacedAtOnce() throws Exception {
        start();
        exchange.inflict(new Fault.Cut(Target.OLDEST, Fault.How.RST));
        moves("collector_disconnections_total{reason=\"broken\"}");
        exchange.inflict(new Fault.Close(Target.OLDEST, 1008, "x"));
        moves("collector_disconnections_total{reason=\"closed\"}");
        isLogged("Reconnecting in");
        exchange.inflict(new Fault.SendHugeHeader(Target.OLDEST, Fault.SendHugeHeader.NEARLY_2_GIB));
        moves("collector_disconnections_total{reason=\"invalid\"}");
        exchange.inflict(new Fault.Freeze(Target.ALL));
        time.skip(Duration.ofSeconds(46));
        moves("collector_disconnections_total{reason=\"idle\"}");
        isGreenAgainWithin(Duration.ofSeconds(60));
    }

    @Test
    void connectionsThatCannotBeOpenedTurnHealthRed() throws Exception {
        start();
        exchange.inflict(new Fault.RefuseUpgrades(503, Extent.always()));
        exchange.inflict(new Fault.Cut(Target.OLDEST, Fault.How.RST));
        showsWithinAMinute("redundancy_reduced");
        moves("collector_disconnections_total{reason=\"refused\"}");
        isLogged("refused the connection with HTTP 503");

        exchange.inflict(new Fault.Heal());
        exchange.inflict(new Fault.ResetUpgrades(Extent.always(), null));
        exchange.inflict(new Fault.Cut(Target.ALL, Fault.How.RST));
        showsWithinAMinute("disconnected");
        assertThat(series())
                .containsEntry("collector_connection_age_seconds{line=\"1\"}", 0.0)
                .containsEntry("collector_connection_age_seconds{line=\"2\"}", 0.0);
        moves("collector_disconnections_total{reason=\"unreachable\"}");
        moves("collector_connections_open");

        exchange.inflict(new Fault.Heal());
        isGreenAgainWithin(Duration.ofMinutes(3));
    }

    @Test
    void staleOrClosingConnectionsAreReplaced() throws Exception {
        start();
        exchange.inflict(new Fault.ShutdownNotice(Target.OLDEST, Fault.Form.AUTO, null));
        moves("collector_connection_replacements_total");
        isLogged("announced that it will close");

        before = series();
        exchange.inflict(new Fault.Stall(Target.ALL, Fault.FOREVER));
        time.skip(Duration.ofSeconds(20));
        moves("collector_connection_replacements_total");
        isLogged("delivers no trades of BTCUSDT");
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void unparsedFramesTurnHealthRed() throws Exception {
        start();
        exchange.inflict(new Fault.SendText(Target.OLDEST, "{\"e\":\"news\"}"));
        showsWithinAMinute("frames_unparsed");
        moves("collector_frames_unparsed_total{outcome=\"kept\"}");
        isLogged("not understood");
        time.skip(RecentGrowth.SPAN);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void forgedIdTurnsHealthRed() throws Exception {
        start();
        exchange.inflict(new Fault.Forge(Target.OLDEST, 500_000));
        showsWithinAMinute("trades_doubted");
        moves("collector_trades_doubted_total{symbol=\"BTCUSDT\"}");
        isLogged("does not follow");
        time.skip(RecentGrowth.SPAN);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void contradictingTradeTurnsHealthRed() throws Exception {
        start();
        exchange.inflict(new Fault.Forge(Target.OLDEST, 0));
        showsWithinAMinute("trades_contradict");
        moves("collector_trades_contradicting_total{symbol=\"BTCUSDT\"}");
        isLogged("with another payload than");
        time.skip(RecentGrowth.SPAN);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void sequenceResetTurnsHealthRed() throws Exception {
        start();
        exchange.inflict(new Fault.ResetIds(null));
        showsWithinAMinute("sequence_reset");
        moves("collector_sequence_resets_total{symbol=\"BTCUSDT\"}");
        isLogged("sequence reset");
        time.skip(RecentGrowth.SPAN);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void undeliveredTradesTurnHealthRedWhileRestDoesNotAnswer() throws Exception {
        environment.put("WS_CONNECTIONS", "1");
        start();
        exchange.inflict(new Fault.RestStatus(503, Extent.always()));
        exchange.inflict(new Fault.Skip(Target.ALL, 7));
        moves("collector_ids_missed_total{symbol=\"BTCUSDT\"}");
        moves("collector_ids_open{symbol=\"BTCUSDT\"}");
        showsWithinAMinute("rest_failing");
        moves("collector_rest_requests_total{kind=\"unavailable\"}");
        showsWithinAMinute("gaps_open");

        exchange.inflict(new Fault.Heal());
        moves("collector_ids_backfilled_total{symbol=\"BTCUSDT\"}");
        isLogged("Backfilled: ");
        isGreenAgainWithin(Duration.ofMinutes(3));
    }

    @Test
    void duplicateTradesAreCounted() throws Exception {
        start();
        moves("collector_duplicates_dropped_total{symbol=\"BTCUSDT\"}");
        assertThat(codes()).isEmpty();
    }

    @Test
    void clockJumpTurnsHealthRed() throws Exception {
        start();
        time.jumpWallClock(Duration.ofHours(1));
        showsWithinAMinute("clock_off");
        moves("collector_clock_offset_seconds");
        isLogged("ahead of the exchange's");
        time.jumpWallClock(Duration.ofHours(-1));
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void stopTurnsHealthRed() throws Exception {
        start();
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        long trades = collector.acceptedTrades();
        Await.until("something to upload", () -> collector.acceptedTrades() > trades);
        CompletableFuture<Long> remaining = CompletableFuture.supplyAsync(() -> {
            try {
                return collector.stop();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        // By the clock of this machine: five seconds skipped at once would end the stop, and all health checks.
        Await.until("a health check during the stop", () -> codes().contains("stopping"));
        showsWithinAMinute("stopping");
        moves("collector_health");
        assertThat(remaining.join()).isPositive();
        isLogged("left in");
    }

    @Test
    void failingDiskTurnsHealthRedUntilTheProcessEnds() throws Exception {
        start();
        disk.failWhen((operation, file) ->
                operation.equals("write") && file.toString().endsWith(".open"));
        showsWithinAMinute("fault");
        moves("collector_disconnections_total{reason=\"fault\"}");
        moves("collector_health");
    }

    @Test
    void threadFaultTurnsHealthRedUntilTheProcessEnds() throws Exception {
        start();
        faults.accept(new StackOverflowError("planted"));
        showsWithinAMinute("fault");
        moves("collector_health");
    }

    @Test
    void quarantinedLinesTurnHealthRed() throws Exception {
        start();
        Path folder = home.resolve("spool/exchange=binance/stream=trade/symbol=BTCUSDT");
        Files.writeString(folder.resolve("part-local-001-1736950336567.jsonl.open"), "{\"torn");
        showsWithinAMinute("quarantined");
        moves("collector_lines_quarantined_total");
        isLogged("quarantine");
        time.skip(RecentGrowth.SPAN);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void fullDiskTurnsHealthRed() throws Exception {
        start();
        disk.setFull(true);
        showsWithinAMinute("spool_full");
        moves("collector_ingesting");
        isLogged("Ingestion paused");

        disk.setFull(false);
        isGreenAgainWithin(Duration.ofMinutes(3));
    }

    @Test
    void fillingSpoolTurnsHealthRed() throws Exception {
        start();
        Path ballast = Files.write(
                home.resolve("spool/exchange=binance/stream=trade/symbol=BTCUSDT/part-x-1.jsonl.gz.tmp"),
                new byte[7 << 20]);
        showsWithinAMinute("spool_filling");
        moves("collector_spool_fill_ratio");
        isLogged("% full");
        Files.delete(ballast);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void unavailableStoreTurnsHealthRed() throws Exception {
        start();
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        showsWithinAMinute("uploads_failing");
        moves("collector_put_failures_total{kind=\"unavailable\"}");
        showsWithinAMinute("backlog");
        moves("collector_backlog_parts");
        moves("collector_oldest_part_age_seconds");
        isLogged("Upload failed");

        store.heal();
        isGreenAgainWithin(Duration.ofMinutes(3));
        isLogged("Uploads work again");
    }

    @Test
    void refusingStoreTurnsHealthRed() throws Exception {
        start();
        store.failAlways(StoreException.Kind.REFUSED);
        showsWithinAMinute("uploads_refused");
        moves("collector_put_failures_total{kind=\"refused\"}");
        store.heal();
        isGreenAgainWithin(Duration.ofMinutes(3));
    }

    @Test
    void answerWithAWrongDigestTurnsHealthRed() throws Exception {
        start();
        store.failAlways(StoreException.Kind.CORRUPTED);
        showsWithinAMinute("uploads_failing");
        moves("collector_put_failures_total{kind=\"corrupted\"}");
        store.heal();
        isGreenAgainWithin(Duration.ofMinutes(3));
    }

    @Test
    void singleRefusedPartTurnsHealthRed() throws Exception {
        start();
        AtomicReference<String> bad = new AtomicReference<>();
        store.failWith(key -> {
            bad.compareAndSet(null, key);
            return key.equals(bad.get())
                    ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "not this one"))
                    : Optional.empty();
        });
        showsWithinAMinute("backlog");
        moves("collector_put_failures_total{kind=\"refused\"}");
        store.heal();
        isGreenAgainWithin(Duration.ofMinutes(3));
    }

    @Test
    void takenObjectNameTurnsHealthRed() throws Exception {
        start();
        AtomicReference<String> taken = new AtomicReference<>();
        store.failWith(key -> {
            if (taken.compareAndSet(null, key)) {
                store.plant(key, "another collector's".getBytes(StandardCharsets.UTF_8));
            }
            return Optional.empty();
        });
        showsWithinAMinute("name_taken");
        moves("collector_name_collisions_total");
        isLogged("another instance uses the same INSTANCE_ID");
        time.skip(RecentGrowth.SPAN);
        isGreenAgainWithin(Duration.ofMinutes(2));
    }

    @Test
    void undeletablePartTurnsHealthRed() throws Exception {
        start();
        disk.failWhen((operation, file) ->
                operation.equals("delete") && file.toString().endsWith(".gz"));
        showsWithinAMinute("not_deleted");
        moves("collector_parts_not_deleted");
        isLogged("cannot be deleted from the spool");
        disk.failWhen((operation, file) -> false);
        isGreenAgainWithin(Duration.ofMinutes(3));
    }
}
