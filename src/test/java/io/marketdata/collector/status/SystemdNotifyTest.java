package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.health.Health;
import io.marketdata.collector.health.Health.Check;
import io.marketdata.collector.health.Health.Finding;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.UploadMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Simulates, second by second, whether the watchdog checks and what health reports. */
@Isolated("it reads the log of classes that others use too")
class SystemdNotifyTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String OK = "STATUS=ok, BTCUSDT last trade 0.0 s ago, backlog 3 parts, spool 1.2 MB";

    private final ManualTime time = new ManualTime();
    private final ThreadProgress progress = new ThreadProgress("notify");
    private final List<List<String>> sent = new ArrayList<>();
    private final Watchdog watchdog = new Watchdog(hangs -> {});
    private final SpoolMetrics spool = new SpoolMetrics(new Metrics());
    private final UploadMetrics upload = new UploadMetrics(new Metrics());
    private Finding connections;
    private Exception fault;
    private boolean busyWhileSending;
    private final Health health = new Health(
            List.of(new Check("disconnected", Status.FAILING, Duration.ZERO, () -> connections)),
            () -> List.of(new SymbolState(Trades.BTCUSDT, 42, time.nanoTime(), 40, 0, "")),
            time);
    private SystemdNotify notify = notify(LIMIT);

    SystemdNotifyTest() {
        upload.backlogParts.set(3);
        spool.spoolBytes.set(1_234_567);
    }

    private SystemdNotify notify(Duration limit) {
        return new SystemdNotify(this::send, limit, watchdog, health, spool, upload, time);
    }

    private void send(List<String> message) throws IOException {
        busyWhileSending |= progress.cycle() >= 0;
        if (fault instanceof IOException e) {
            throw e;
        }
        if (fault instanceof RuntimeException e) {
            throw e;
        }
        sent.add(message);
    }

    private void seconds(int count, boolean checking) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            time.advance(Duration.ofSeconds(1));
            if (checking) {
                watchdog.look();
            }
            health.check();
            progress.busy();
            notify.round(progress);
        }
    }

    @Test
    void sendsReadyOnceAndWatchdogAtAThirdOfTheLimit() throws Exception {
        seconds(62, true);

        assertThat(sent)
                .containsExactly(
                        List.of("READY=1", "WATCHDOG=1", OK),
                        List.of("WATCHDOG=1", OK),
                        List.of("WATCHDOG=1", OK),
                        List.of("WATCHDOG=1", OK));
    }

    @Test
    void sendsNoWatchdogWhileTheWatchdogDoesNotCheck() throws Exception {
        seconds(1, true);
        sent.clear();

        seconds(200, false);
        assertThat(sent)
                .as("only that health checks have stopped")
                .allSatisfy(message -> assertThat(message).doesNotContain("WATCHDOG=1"));

        sent.clear();
        seconds(1, true);
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0)).contains("WATCHDOG=1");
    }

    @Test
    void sendsNoWatchdogAfterACheckThatFindsAHang() throws Exception {
        ThreadProgress hanging = new ThreadProgress("rotate");
        hanging.busy();
        watchdog.watch(hanging, Thread.currentThread(), Duration.ofSeconds(5));

        seconds(100, true);

        assertThat(sent).filteredOn(message -> message.contains("WATCHDOG=1")).hasSize(1);
    }

    @Test
    void sendsWatchdogWithoutTrades() throws Exception {
        seconds(1, true);
        connections = new Finding("no connection is open", null);
        seconds(60, true);

        assertThat(sent).hasSizeGreaterThan(3).allMatch(message -> message.contains("WATCHDOG=1"));
    }

    @Test
    void sendsAChangeOfHealthWithinASecond() throws Exception {
        seconds(2, true);
        sent.clear();
        connections = new Finding("no connection is open\nat all", null);

        seconds(1, true);

        assertThat(sent).hasSize(1);
        assertThat(sent.get(0))
                .endsWith(
                        "STATUS=failing (disconnected: no connection is open\\u000aat all), BTCUSDT last trade 0.0 s ago,"
                                + " backlog 3 parts, spool 1.2 MB");
        connections = null;
        seconds(1, true);
        assertThat(sent).hasSize(2);
    }

    @Test
    void sendsStoppingOnceWithItsTimeAndWatchdogMeanwhile() throws Exception {
        seconds(1, true);
        sent.clear();
        notify.stopping(Duration.ofSeconds(30));
        notify.awaitNext();

        seconds(41, true);

        assertThat(sent)
                .containsExactly(
                        List.of(
                                "STOPPING=1",
                                "EXTEND_TIMEOUT_USEC=30000000",
                                "WATCHDOG=1",
                                OK.replace("STATUS=", "STATUS=stopping: ")),
                        List.of("WATCHDOG=1", OK.replace("STATUS=", "STATUS=stopping: ")),
                        List.of("WATCHDOG=1", OK.replace("STATUS=", "STATUS=stopping: ")));
    }

    @Test
    void sendsOnlyTheStatusWithoutAWatchdog() throws Exception {
        notify = notify(null);

        seconds(41, true);

        assertThat(sent).containsExactly(List.of("READY=1", OK), List.of(OK), List.of(OK));
    }

    @Test
    void failedMessageIsAWarningAndIsRetriedEverySecond() throws Exception {
        try (LogLines log = new LogLines(SystemdNotify.class)) {
            fault = new IOException("no such program");
            seconds(3, true);
            fault = new IllegalStateException("whatever");
            seconds(3, true);
            assertThat(log.all()).hasSize(1);
            assertThat(log.all().get(0))
                    .startsWith("WARN Could not send READY=1, WATCHDOG=1, STATUS=")
                    .contains("no such program", "Recording continues", "after 60 s");
            fault = null;
            seconds(1, true);

            assertThat(sent).containsExactly(List.of("READY=1", "WATCHDOG=1", OK));
            assertThat(log.all()).hasSize(2).last().isEqualTo("INFO Sending to systemd works again");
        }
    }

    @Test
    void sendingIsNoHang() throws Exception {
        seconds(30, true);

        assertThat(sent).isNotEmpty();
        assertThat(busyWhileSending).isFalse();
        assertThat(progress.cycle()).isEqualTo(-1);
    }
}
