package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestIndex;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole collector on a disk that is full or fails. */
@Tag("long")
class CollectorDiskTest {

    @TempDir
    private Path home;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final SkippingTime time = new SkippingTime();
    private final MemoryStore store = new MemoryStore();
    private ExchangeSimulator exchange;

    /** Of the collector that was started last. */
    private Faults faults;

    @BeforeEach
    void startExchange() throws IOException {
        Exchange.writeSettings(home, """
                spool: {min_free_bytes: 0, max_bytes: 8MiB, sweep_interval: 1s}
                upload: {retry_first: 100ms, retry_max: 200ms}
                backfill: {grace: 100ms, weight_per_minute: 6000}
                shutdown: {budget: 5s}
                """);
        exchange = Exchange.inventing(Trades.BTCUSDT, 500, false);
    }

    @AfterEach
    void stopExchange() throws IOException {
        exchange.close();
    }

    private Collector start() throws Exception {
        Map<String, String> environment = Exchange.environment(exchange, home, "file:./unused");
        environment.put("ROT_SECS", "1");
        faults = new Faults(time, Duration.ofDays(1), Recording::exitCode);
        return Collector.start(new SettingsLoader(environment, home).load(), store, disk, time, faults);
    }

    private static void awaitTrades(Collector collector, long more) throws Exception {
        long before = collector.acceptedTrades();
        Await.until(more + " trades", () -> collector.acceptedTrades() >= before + more);
    }

    /** Every trade issued since the first recorded one is in the bucket, once. */
    private void finishAndJudge(Collector collector) throws Exception {
        IdRange issued = Exchange.endTrades(exchange);
        Await.until("everything issued", () -> holdsAllUpTo(issued.last()));
        assertThat(faults.first()).isNotDone();
        assertThat(collector.stop()).isZero();
        Oracle oracle = new Oracle(store.objects());
        oracle.holdsExactly(
                oracle.lines().stream().mapToLong(Oracle.Line::id).min().orElseThrow(), issued.last());
    }

    private boolean holdsAllUpTo(long last) throws IOException {
        long first = Long.MAX_VALUE;
        long records = 0;
        for (String key : store.keys()) {
            if (key.contains("/manifest-")) {
                PartSummary summary =
                        ManifestJson.read(store.get(key)).payload().summary();
                first = Math.min(first, summary.idFirst());
                records += summary.recordCount();
            }
        }
        return records > last - first;
    }

    /** Its symbol is no longer in SYMBOL, so no writer and no arbiter of this run knows it. */
    @Test
    void partOfASymbolThatIsNoLongerRecordedIsUploaded() throws Exception {
        Symbol other = new Symbol("ETHUSDT");
        String line = Trades.json(other, 7, 1_736_950_335_000L).replaceAll("}$", ",\"recv_us\":1736950336567123}\n");
        Files.writeString(
                SpoolFiles.folder(home.resolve("spool"), other).resolve("part-earlier-1736950335000.jsonl.open"), line);
        Collector collector = start();
        Await.until("the part is stored", () -> store.keys().stream().anyMatch(key -> key.contains("ETHUSDT")));
        assertThat(collector.stop()).isZero();
    }

    @Test
    void nextStartUploadsTheIndexOfAnHourThatHasEnded() throws Exception {
        Collector collector = start();
        awaitTrades(collector, 100);
        assertThat(collector.stop()).isZero();
        List<String> manifests =
                store.keys().stream().filter(key -> key.contains("/manifest-")).toList();
        assertThat(manifests).isNotEmpty();
        assertThat(store.keys()).noneMatch(key -> key.startsWith(KeyLayout.INDEXES));

        time.jumpWallClock(Duration.ofHours(2));
        Collector next = start();
        Await.until("every manifest is in an index", () -> indexed().containsAll(manifests));
        assertThat(next.stop()).isZero();
    }

    private List<String> indexed() throws IOException {
        List<String> keys = new ArrayList<>();
        for (Map.Entry<String, byte[]> object : store.objects().entrySet()) {
            if (object.getKey().startsWith(KeyLayout.INDEXES)) {
                ManifestIndex.read(object.getValue()).forEach(entry -> keys.add(entry.key()));
            }
        }
        return keys;
    }

    @Test
    void fullDiskPausesIngestionUntilSpaceIsFree() throws Exception {
        Collector collector = start();
        awaitTrades(collector, 100);

        disk.setFull(true);
        Await.until("connections closed", () -> exchange.connectionCount() == 0);
        long attempts = exchange.upgradeAttempts();
        int issued = (int) exchange.issuedCount();
        Await.until("500 trades are missed", () -> exchange.issuedCount() >= issued + 500);
        assertThat(exchange.upgradeAttempts()).as("attempts while full").isEqualTo(attempts);
        assertThat(faults.first()).isNotDone();

        disk.setFull(false);
        time.skip(Duration.ofSeconds(10));
        awaitTrades(collector, 600);
        finishAndJudge(collector);
    }

    @Test
    void spoolAtItsLimitPausesIngestionWhileUploadsContinue() throws Exception {
        Collector collector = start();
        awaitTrades(collector, 100);
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        awaitTrades(collector, 100);

        Path ballast = home.resolve("spool/exchange=binance/stream=trade/symbol=BTCUSDT/part-x-1.jsonl.gz.tmp");
        Files.write(ballast, new byte[8 << 20]);
        Await.until("connections closed", () -> exchange.connectionCount() == 0);
        long uploaded = collector.uploadedParts();
        store.heal();
        Await.until("uploads continue", () -> collector.uploadedParts() > uploaded && collector.waitingParts() == 0);
        assertThat(exchange.connectionCount()).isZero();

        Files.delete(ballast);
        time.skip(Duration.ofSeconds(10));
        awaitTrades(collector, 600);
        finishAndJudge(collector);
    }

    @Test
    void spoolThatIsFullAtTheStartIsUploadedFirst() throws Exception {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        Collector before = start();
        awaitTrades(before, 100);
        assertThat(before.stop()).isPositive();
        disk.setFreeBytes(0);
        long attempts = exchange.upgradeAttempts();
        store.heal();

        Collector collector = start();
        Await.until("the backlog is uploaded", () -> collector.uploadedParts() > 0 && collector.waitingParts() == 0);
        assertThat(exchange.upgradeAttempts()).isEqualTo(attempts);

        disk.setFreeBytes(1L << 40);
        time.skip(Duration.ofSeconds(10));
        awaitTrades(collector, 100);
        finishAndJudge(collector);
    }

    @ParameterizedTest
    @ValueSource(strings = {"write", "create", "sync", "rename", "syncDirectory"})
    void failingDiskEndsTheRunAndLosesNothing(String operation) throws Exception {
        Collector broken = start();
        awaitTrades(broken, 100);
        disk.failWhen((what, file) -> what.equals(operation) && !file.toString().contains(".tmp"));

        Await.until("the fault", () -> faults.first().isDone());
        Throwable fault = faults.first().join().cause();
        assertThat(fault).isInstanceOf(IOException.class).isNotInstanceOf(NoSpaceException.class);
        assertThat(faults.first().join().code()).isEqualTo(ExitCode.DISK);
        try {
            broken.stop();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(fault.getClass());
        }
        assertThat(exchange.connectionCount()).isZero();

        disk.failWhen((what, file) -> false);
        Collector next = start();
        awaitTrades(next, 100);
        finishAndJudge(next);
    }

    @Test
    void exitCodeDistinguishesDiskFaultsFromInternalFaults() {
        assertThat(Recording.exitCode(new IOException())).isEqualTo(ExitCode.DISK);
        assertThat(Recording.exitCode(new IllegalStateException())).isEqualTo(ExitCode.INTERNAL);
    }
}
