package io.marketdata.collector.health;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.collect.CollectorMetrics;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.ClockCheck;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.Transport;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.spool.UnparsedFrames.Budget;
import io.marketdata.collector.testkit.DiscardingSink;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.Uploader;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Each fault raises its reason in time, and its end clears the reason. */
@Isolated("it reads the log of classes that others use too")
class HealthWatchTest {

    private static final long TIME_MS = ManualTime.START_MS;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final CollectorMetrics metrics = new CollectorMetrics(new Metrics());
    private final MemoryStore store = new MemoryStore();
    private final Faults faults = new Faults(time, Duration.ofDays(1), fault -> ExitCode.INTERNAL);
    private final LineArbiter arbiter = new LineArbiter(
            Trades.BTCUSDT,
            new DiscardingSink(),
            new LineArbiter.Limits(1_000, Duration.ofHours(24)),
            time,
            metrics.feed());
    private final RequestBudget budget = new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0);
    private final BinanceRest rest = new BinanceRest(
            URI.create("http://exchange"), null, this::answer, BinanceRest.TIMEOUT, time, budget, metrics.rest());
    private final ClockCheck clock = new ClockCheck(rest, time, metrics.rest());
    private long exchangeAheadMs;
    private int restStatus = 200;
    private int restWeight = 1;
    private int openConnections = 2;
    private boolean unknown;
    private boolean stopping;
    private Spool spool;
    private SpaceWatch space;
    private UnparsedFrames frames;
    private UnparsedUpload unparsed;
    private Uploader uploader;
    private HealthWatch watch;
    private Health health;

    @BeforeEach
    void start() throws IOException {
        disk.setFreeBytes(1L << 30);
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        space = new SpaceWatch(disk, folder, 1 << 20, 0, time, metrics.spool());
        Budget ofFrames = new Budget(2_000, 5_000, 0);
        frames = UnparsedFrames.open(disk, folder, new InstanceId("a"), ofFrames, time, metrics.spool());
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5));
        unparsed = new UnparsedUpload(frames, store, 6, backoff, time, () -> 0.999, metrics.upload());
        uploader = new Uploader(
                store,
                6,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5)),
                time,
                () -> 0.999,
                metrics.upload());
        IntakeHealth intake = new IntakeHealth(
                () -> openConnections,
                2,
                () -> !space.isFull(),
                List.of(arbiter),
                budget,
                clock,
                symbol -> unknown,
                Duration.ofSeconds(15),
                Duration.ofSeconds(5),
                metrics.feed(),
                metrics.spool(),
                frames::notKeptBecause,
                time);
        watch = new HealthWatch(
                intake,
                new StorageHealth(uploader, unparsed, space, metrics.upload(), time),
                faults,
                () -> stopping,
                metrics.health(),
                time);
        health = watch.health();
    }

    /** The exchange's answer to a request for the time. */
    private Transport.Answer answer(URI uri, Map<String, String> headers, Duration timeout) {
        return new Transport.Answer(
                restStatus,
                Map.of("x-mbx-used-weight-1m", Integer.toString(restWeight)),
                "{\"serverTime\":" + (time.epochMillis() + exchangeAheadMs) + "}");
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    /** The reasons after {@code seconds}, with a check and an upload attempt in each. */
    private List<String> after(int seconds) throws InterruptedException {
        for (int i = 0; i < seconds; i++) {
            time.advance(Duration.ofSeconds(1));
            while (uploader.packNext() || uploader.uploadNext()) {}
            clock.runOnce();
            watch.look();
            assertMetricsAgree();
        }
        return health.report().reasons().stream().map(Reason::code).toList();
    }

    private void assertMetricsAgree() {
        assertThat(metrics.health().health.get())
                .isEqualTo(health.report().status().level());
        GaugeSnapshot published = metrics.health().healthReason.collect();
        assertThat(published.getDataPoints().stream()
                        .filter(point -> point.getValue() == 1)
                        .map(point -> point.getLabels().get("code")))
                .containsExactlyInAnyOrderElementsOf(
                        health.report().reasons().stream().map(Reason::code).toList());
    }

    private void seal(long id) throws IOException {
        RotatingWriter writer = new RotatingWriter(
                spool,
                new InstanceId("local-001"),
                Origin.STREAM,
                new RotationPolicy(2 << 20, Duration.ofSeconds(5)),
                time,
                metrics.spool(),
                uploader::offer);
        writer.append(trade(id, TIME_MS + id));
        writer.close();
    }

    @Test
    void quietMarketIsHealthy() throws Exception {
        arbiter.exchangeHas(100, TIME_MS);
        for (int i = 0; i < 60; i++) {
            assertThat(after(60)).isEmpty();
            arbiter.exchangeHas(100, TIME_MS);
        }
    }

    @Test
    void oneConnectionInsteadOfTwoIsDegradedAndNoneIsFailing() throws Exception {
        openConnections = 1;
        assertThat(after(9)).isEmpty();
        assertThat(after(2)).containsExactly("redundancy_reduced");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);

        openConnections = 0;
        assertThat(after(11)).contains("disconnected").doesNotContain("redundancy_reduced");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);

        openConnections = 3;
        assertThat(after(1)).isEmpty();
    }

    /** Zero would be an assertion that cannot be made. */
    @Test
    void missingTradesAreUnknownWhileDisconnected() throws Exception {
        after(1);
        assertThat(health.report().symbols().get(0).unknown()).isEqualTo("no trade since the start");
        assertThat(metrics.feed().idsOpen.labelValues("BTCUSDT").get()).isNaN();
        tradeDelayedBy(0);
        after(1);
        assertThat(health.report().symbols().get(0).unknown()).isEmpty();
        assertThat(metrics.feed().idsOpen.labelValues("BTCUSDT").get()).isZero();

        openConnections = 0;
        assertThat(after(11)).contains("disconnected");
        assertThat(health.report().symbols().get(0).unknown()).isEqualTo("no connection is open");
        assertThat(metrics.feed().idsOpen.labelValues("BTCUSDT").get()).isNaN();

        openConnections = 2;
        tradeDelayedBy(0);
        after(1);
        assertThat(metrics.feed().idsOpen.labelValues("BTCUSDT").get()).isZero();
    }

    @Test
    void openConnectionsThatDeliverNothingAreStale() throws Exception {
        arbiter.exchangeHas(100, TIME_MS);
        assertThat(after(16)).isEmpty();
        arbiter.exchangeHas(105, TIME_MS);
        assertThat(after(1)).containsExactly("stale");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);
        assertThat(health.report().reasons().get(0).text()).contains("BTCUSDT", "although the exchange trades it");
    }

    @Test
    void lateTradesAreDegradedAndAWrongClockIsNotLag() throws Exception {
        exchangeAheadMs = 60_000;
        tradeDelayedBy(0 - 60);
        assertThat(after(9)).containsExactly("clock_off");
        tradeDelayedBy(6 - 60);
        assertThat(after(9)).containsExactly("clock_off");
        tradeDelayedBy(6 - 60);
        assertThat(after(9)).containsExactly("clock_off", "lag");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);
        assertThat(health.report().reasons().get(1).text()).contains("trades of BTCUSDT arrive 6 s late");

        tradeDelayedBy(0 - 60);
        assertThat(after(1)).containsExactly("clock_off");
        // A market that falls quiet after a late trade is quiet, not late.
        tradeDelayedBy(6 - 60);
        assertThat(after(29)).contains("lag");
        assertThat(after(1)).containsExactly("clock_off");
    }

    private long nextId = 1;

    /** @param seconds as this machine's clock sees it */
    private void tradeDelayedBy(int seconds) throws IOException {
        long receivedMs = time.epochMillis();
        byte[] line = Trades.json(Trades.BTCUSDT, nextId, receivedMs - seconds * 1_000L)
                .getBytes(StandardCharsets.UTF_8);
        arbiter.offer(
                new TradeEvent(
                        Trades.BTCUSDT,
                        nextId++,
                        receivedMs - seconds * 1_000L,
                        receivedMs * 1_000,
                        line,
                        0,
                        line.length,
                        new ValueSpans()),
                0,
                "A");
    }

    @Test
    void symbolUnknownToTheExchangeIsDegraded() throws Exception {
        unknown = true;
        assertThat(after(1)).containsExactly("symbol_unknown");
        unknown = false;
        assertThat(after(1)).isEmpty();
    }

    @Test
    void wrongClockIsDegradedWithinAMinuteWithItsOffset() throws Exception {
        assertThat(after(1)).isEmpty();
        exchangeAheadMs = -1_000;
        assertThat(after(60)).isEmpty();
        exchangeAheadMs = -1_500;
        assertThat(after(30)).containsExactly("clock_off");
        assertThat(health.report().reasons().get(0).text()).contains("1500 ms ahead of the exchange's");
        assertThat(metrics.rest().clockOffset.get()).isEqualTo(1.5);

        exchangeAheadMs = 1_500;
        after(30);
        assertThat(health.report().reasons().get(0).text()).contains("1500 ms behind the exchange's");

        exchangeAheadMs = 20;
        assertThat(after(30)).isEmpty();
        assertThat(metrics.rest().clockOffset.get()).isEqualTo(-0.02);
    }

    @Test
    void clockOffsetExpiresAfterFiveMinutes() throws Exception {
        exchangeAheadMs = 5_000;
        assertThat(after(1)).containsExactly("clock_off");
        restStatus = 503;
        assertThat(after(299)).containsExactly("rest_failing", "clock_off");
        assertThat(after(3)).containsExactly("rest_failing");
    }

    @Test
    void unreachableRestIsDegradedWithinAMinute() throws Exception {
        assertThat(after(1)).isEmpty();
        restStatus = 503;
        assertThat(after(51)).containsExactly("rest_failing");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);

        restStatus = 418;
        after(120);
        assertThat(health.report().reasons().get(0).text()).contains("HTTP 418");

        restStatus = 200;
        assertThat(after(960)).isEmpty();
    }

    @Test
    void weightUsedUpOnTheAddressIsDegraded() throws Exception {
        restWeight = 4_001;
        assertThat(after(1)).containsExactly("rest_weight");
        restWeight = 100;
        assertThat(after(60)).isEmpty();
    }

    @Test
    void stoppingProcessIsFailing() throws Exception {
        stopping = true;
        try (LogLines log = new LogLines(Health.class)) {
            assertThat(after(1)).containsExactly("stopping");
            assertThat(log.all()).as("logged by the code that stops it").isEmpty();
        }
        assertThat(health.report().status()).isEqualTo(Status.FAILING);
    }

    @Test
    void gapsThatStayOpenAreDegraded() throws Exception {
        arbiter.resume(100, TIME_MS, List.of(new Gap(new IdRange(90, 91), time.nanoTime(), false)), List.of());
        assertThat(after(49)).isEmpty();
        assertThat(after(2)).containsExactly("gaps_open");
        assertThat(health.report().reasons().get(0).sinceMs()).isEqualTo(TIME_MS);

        arbiter.offerBackfilled(trade(90, TIME_MS));
        arbiter.offerBackfilled(trade(91, TIME_MS));
        assertThat(after(1)).isEmpty();
    }

    @Test
    void unrecoverableTradesStayAReason() throws Exception {
        arbiter.resume(100, TIME_MS, List.of(new Gap(new IdRange(90, 91), time.nanoTime(), false)), List.of());
        arbiter.markUnrecoverable(new IdRange(90, 91), "too old");

        assertThat(after(1)).containsExactly("gaps_unrecoverable");
        assertThat(after(600)).containsExactly("gaps_unrecoverable");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);
    }

    @Test
    void whatIsNotBelievedIsAReasonUntilItHasStopped() throws Exception {
        arbiter.offer(trade(100, TIME_MS), 1, "A1");
        arbiter.offer(Trades.event(Trades.BTCUSDT, 100, TIME_MS, "{\"other\":1}"), 2, "B1");
        assertThat(after(1)).containsExactly("trades_contradict");
        arbiter.offer(trade(200_000, TIME_MS + 1), 1, "A1");
        assertThat(after(1)).containsExactlyInAnyOrder("trades_contradict", "trades_doubted");
        for (int id = 1; id <= 3; id++) {
            arbiter.offer(trade(id, TIME_MS + 1 + id), 1, "A1");
        }
        assertThat(after(1)).containsExactlyInAnyOrder("trades_contradict", "trades_doubted", "sequence_reset");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);
        time.advance(RecentGrowth.SPAN);
        arbiter.offer(trade(4, TIME_MS + 5), 1, "A1");
        assertThat(after(1)).isEmpty();
    }

    @Test
    void fullSpoolIsFailingWithoutADisconnectedReason() throws Exception {
        space.noSpace(new NoSpaceException("no room", new IOException()));
        openConnections = 0;
        assertThat(after(60)).containsExactly("spool_full");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);

        space.check();
        openConnections = 2;
        assertThat(after(1)).isEmpty();
    }

    @Test
    void fillingSpoolIsDegraded() throws Exception {
        Path ballast = spool.directory().resolve("part-a-1736950336567.jsonl.gz");
        Files.write(ballast, new byte[900_000]);
        time.advance(Duration.ofMinutes(1));
        space.check();
        assertThat(after(1)).containsExactly("spool_filling");

        Files.delete(ballast);
        time.advance(Duration.ofMinutes(1));
        space.check();
        assertThat(after(1)).isEmpty();
    }

    private void unparsed(int bytes) {
        frames.keep("A1", new byte[bytes], 0, bytes, "not a trade", 1);
    }

    private String frameReason() {
        return health.report().reasons().stream()
                .filter(reason -> reason.code().equals("frames_unparsed"))
                .findFirst()
                .orElseThrow()
                .text();
    }

    @Test
    void framesThatAreNotKeptAreNeverCalledKept() throws Exception {
        unparsed(100);
        unparsed(100);
        assertThat(after(1)).containsExactly("frames_unparsed");
        assertThat(frameReason()).contains("2 frames", "2 kept in unparsed/").doesNotContain("NOT kept");
        unparsed(1_500);
        unparsed(1_500);
        after(1);
        assertThat(frameReason())
                .contains("4 frames", "2 kept in unparsed/", "2 NOT kept", "unparsed.max_bytes_per_hour");
    }

    @Test
    void unparsedFramesThatTheStoreRefusesAreDegraded() throws Exception {
        unparsed(100);
        frames.seal();
        store.failAlways(StoreException.Kind.REFUSED);
        unparsed.run(() -> true);
        assertThat(after(30)).containsExactlyInAnyOrder("frames_unparsed", "unparsed_not_uploaded");
        store.heal();
        unparsed.run(() -> true);
        assertThat(after(1)).containsExactly("frames_unparsed");
    }

    @Test
    void refusingStoreIsFailingUntilItAcceptsAPart() throws Exception {
        store.failAlways(StoreException.Kind.REFUSED);
        seal(1);
        assertThat(after(30)).isEmpty();
        assertThat(after(5)).containsExactly("uploads_refused");
        assertThat(health.report().status()).isEqualTo(Status.FAILING);
        assertThat(health.report().reasons().get(0).text()).contains("backlog 1 part:");

        store.heal();
        assertThat(after(10)).isEmpty();
        assertThat(uploader.lastStored(Trades.BTCUSDT)).isEqualTo(1);
        assertThat(health.report().symbols().get(0).lastStoredId()).isEqualTo(1);
    }

    @Test
    void unavailableStoreIsDegradedWithItsBacklog() throws Exception {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        seal(1);
        assertThat(after(35)).containsExactly("uploads_failing");
        assertThat(after(270)).containsExactly("uploads_failing", "uploads_stalled", "backlog");
        assertThat(health.report().status()).isEqualTo(Status.DEGRADED);

        store.heal();
        assertThat(after(10)).isEmpty();
    }

    @Test
    void stalledUploadsAreDegradedWithoutAFailure() throws Exception {
        seal(1);
        time.advance(Duration.ofSeconds(46)); // no thread has come back from its put
        watch.look();
        assertThat(health.report().reasons()).extracting(Reason::code).containsExactly("uploads_stalled");

        assertThat(after(1)).isEmpty();
    }

    @Test
    void faultIsFailing() throws Exception {
        faults.first().complete(new Faults.Fault("rotate", new IOException(), ExitCode.DISK));

        assertThat(after(1)).containsExactly("fault");
    }
}
