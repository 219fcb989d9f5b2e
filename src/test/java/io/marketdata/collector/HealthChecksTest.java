package io.marketdata.collector;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.MissingIds.Hole;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.ops.Health;
import io.marketdata.collector.ops.Health.Reason;
import io.marketdata.collector.ops.Health.Status;
import io.marketdata.collector.ship.Shipper;
import io.marketdata.collector.ship.StoreException;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Nowhere;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault makes its reason, in time, and its end takes it away. */
class HealthChecksTest {

    private static final long TIME_MS = ManualTime.START_MS;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final Metrics metrics = new Metrics();
    private final MemoryStore store = new MemoryStore();
    private final Faults faults = new Faults(time, Duration.ofDays(1));
    private final TradeGate gate = new TradeGate(
            Trades.BTCUSDT, new Nowhere(), new TradeGate.Limits(1_000, Duration.ofHours(24)), time, metrics);
    private int openLinks = 2;
    private Spool spool;
    private SpaceWatch space;
    private Shipper shipper;
    private Health health;

    @BeforeEach
    void start() throws IOException {
        disk.setFreeBytes(1L << 30);
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        space = new SpaceWatch(disk, folder, 1 << 20, 0, time, metrics);
        shipper = new Shipper(
                store,
                6,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5)),
                time,
                () -> 0.999,
                metrics);
        health = new HealthChecks(
                        () -> openLinks,
                        2,
                        List.of(gate),
                        shipper,
                        space,
                        faults,
                        Duration.ofSeconds(15),
                        metrics,
                        time)
                .health();
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    /** The reasons after so many seconds, with a look and a try to upload in each of them. */
    private List<String> after(int seconds) {
        for (int i = 0; i < seconds; i++) {
            time.advance(Duration.ofSeconds(1));
            while (shipper.packNext() || shipper.shipNext()) {}
            health.look();
        }
        return health.look().reasons().stream().map(Reason::code).toList();
    }

    private void seal(long id) throws IOException {
        RotatingWriter writer = new RotatingWriter(
                spool,
                new InstanceId("local-001"),
                Origin.STREAM,
                new RotationPolicy(2 << 20, Duration.ofSeconds(5)),
                time,
                metrics,
                shipper::offer);
        writer.append(trade(id, TIME_MS + id));
        writer.close();
    }

    @Test
    void aQuietMarketIsHealthy() {
        gate.exchangeHas(100, TIME_MS);
        for (int i = 0; i < 60; i++) {
            assertThat(after(60)).isEmpty();
            gate.exchangeHas(100, TIME_MS);
        }
    }

    @Test
    void oneLinkInsteadOfTwoIsDegradedAndNoneIsFailing() {
        openLinks = 1;
        assertThat(after(9)).isEmpty();
        assertThat(after(2)).containsExactly("links_few");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);

        openLinks = 0;
        assertThat(after(11)).contains("links_down").doesNotContain("links_few");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);

        openLinks = 3;
        assertThat(after(1)).isEmpty();
    }

    @Test
    void linksThatAreOpenAndBringNothingAreFound() {
        gate.exchangeHas(100, TIME_MS);
        assertThat(after(16)).isEmpty();
        gate.exchangeHas(105, TIME_MS);
        assertThat(after(1)).containsExactly("silent");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);
        assertThat(health.report().reasons().get(0).text()).contains("BTCUSDT", "though the exchange trades it");
    }

    @Test
    void holesThatStayOpenAreDegraded() throws IOException {
        gate.resume(100, TIME_MS, List.of(new Hole(new IdRange(90, 91), time.nanoTime(), false)));
        assertThat(after(59)).isEmpty();
        assertThat(after(2)).containsExactly("holes_open");
        assertThat(health.report().reasons().get(0).sinceMs()).isEqualTo(TIME_MS);

        gate.offerRecovered(trade(90, TIME_MS));
        gate.offerRecovered(trade(91, TIME_MS));
        assertThat(after(1)).isEmpty();
    }

    @Test
    void lostTradesStayAReason() {
        gate.resume(100, TIME_MS, List.of(new Hole(new IdRange(90, 91), time.nanoTime(), false)));
        gate.giveUp(new IdRange(90, 91), "too old");

        assertThat(after(1)).containsExactly("ids_lost");
        assertThat(after(600)).containsExactly("ids_lost");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);
    }

    @Test
    void aFullSpoolIsFailingAndItsClosedLinksAreNoReasonOfTheirOwn() throws IOException {
        space.noRoom(new NoSpaceException("no room", new IOException()));
        openLinks = 0;
        assertThat(after(60)).containsExactly("spool_full");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);

        space.check();
        openLinks = 2;
        assertThat(after(1)).isEmpty();
    }

    @Test
    void aSpoolThatFillsIsDegraded() throws IOException {
        Path ballast = folder.resolve("ballast");
        Files.write(ballast, new byte[900_000]);
        time.advance(Duration.ofMinutes(1));
        space.check();
        assertThat(after(1)).containsExactly("spool_filling");

        Files.delete(ballast);
        time.advance(Duration.ofMinutes(1));
        space.check();
        assertThat(after(1)).isEmpty();
    }

    @Test
    void aStoreThatRefusesIsFailingWithItsMessageUntilItTakesAPart() throws IOException {
        store.failAlways(StoreException.Kind.REFUSED);
        seal(1);
        assertThat(after(30)).isEmpty();
        assertThat(after(5)).containsExactly("uploads_refused");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);
        assertThat(health.report().reasons().get(0).text()).contains("1 parts wait");

        store.heal();
        assertThat(after(10)).isEmpty();
        assertThat(shipper.lastStored(Trades.BTCUSDT)).isEqualTo(1);
        assertThat(health.report().symbols().get(0).lastStoredId()).isEqualTo(1);
    }

    @Test
    void aStoreThatIsDownIsDegradedAndItsBacklogToo() throws IOException {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        seal(1);
        assertThat(after(35)).containsExactly("uploads_failing");
        assertThat(after(270)).containsExactly("uploads_failing", "uploads_stalled", "backlog");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);

        store.heal();
        assertThat(after(10)).isEmpty();
    }

    @Test
    void partsThatWaitWhileNothingIsUploadedAreDegradedWithoutAnyFailure() throws IOException {
        seal(1);
        time.advance(Duration.ofSeconds(46)); // no thread has come back from its put
        assertThat(health.look().reasons()).extracting(Reason::code).containsExactly("uploads_stalled");

        assertThat(after(1)).isEmpty();
    }

    @Test
    void aFaultThatEndsTheProcessIsFailing() {
        faults.first().complete(new Faults.Fault("rotate", new IOException()));

        assertThat(after(1)).containsExactly("fault");
    }
}
