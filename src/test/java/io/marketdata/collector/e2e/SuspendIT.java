package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A process that is suspended and resumed (SIGSTOP, SIGCONT), as under a debugger, in a frozen container or on a
 * migrated virtual machine: the collector continues on its own and backfills the missed trades, and a collector detects
 * that its exchange is suspended.
 *
 * <p>{@code -Dsuspend.seconds=60} suspends the collector for a minute.
 */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class SuspendIT {

    private static final int SECONDS = Integer.getInteger("suspend.seconds", 8);
    private static final int TRADES_PER_SECOND = 100;

    /** Timeouts far below the time for which anything is suspended here. */
    private static final String YAML =
            "feed: {idle_timeout: 3s, connect_timeout: 2s, reconnect_first: 100ms, reconnect_max: 500ms}\n"
                    + "watchdog: {recording_limit: 3s, upload_limit: 4s}\n";

    private static final Pattern SIMULATED = Pattern.compile("^WS_URL=(\\S+) REST_URL=(\\S+)$");
    private static final Pattern ENDED = Pattern.compile("^(\\d+) trades .*the trade source has ended$");
    private static final Pattern ISSUED = Pattern.compile("trades issued, ids (\\d+) to (\\d+)$");

    @TempDir
    private Path folder;

    @Test
    void suspendedCollectorResumesAndBackfillsMissedTrades() throws Exception {
        settings();
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, TRADES_PER_SECOND, true);
                CollectorProcess collector =
                        CollectorProcess.start(folder, Exchange.environment(exchange, folder, "file:./bucket"))) {
            collector.awaitLine("Uploaded");
            collector.suspend();
            long until = exchange.issuedCount() + (long) SECONDS * TRADES_PER_SECOND;
            Await.until(SECONDS + " s of trades have passed", SECONDS + 60, () -> exchange.issuedCount() >= until);
            collector.resume();

            long seen = until + 3L * TRADES_PER_SECOND;
            Await.until("it records again", () -> exchange.issuedCount() >= seen);
            IdRange issued = Exchange.endTrades(exchange);
            SpoolCheckpoints.awaitAllUploaded(issued.last(), folder, 60);
            collector.stop();
            assertThat(collector.text()).doesNotContain("ERROR");
            Oracle.of(folder.resolve("bucket")).holdsExactly(issued);
        }
    }

    /** Its connections stay open and its port takes new ones, which are never answered: half-open connections. */
    @Test
    void suspendedExchangeIsDetectedAndItsTradesAreBackfilled() throws Exception {
        settings();
        try (CollectorProcess exchange = CollectorProcess.start(
                folder,
                Map.of(),
                "simulate",
                "--port=0",
                "--rest-port=0",
                "--rate=" + TRADES_PER_SECOND,
                "--seconds=6")) {
            Matcher addresses = find(SIMULATED, exchange);
            Map<String, String> environment = new HashMap<>();
            environment.put("WS_URL", addresses.group(1));
            environment.put("REST_URL", addresses.group(2));
            environment.put("LOCAL_DIR", folder.resolve("spool").toString());
            environment.put("RAW_BUCKET", "file:./bucket");
            environment.put("ROT_SECS", "1");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Connected: connection 1");
                collector.awaitLine("Connected: connection 2");
                collector.awaitLine("Uploaded");
                exchange.suspend();
                collector.awaitLine("connection 1\\.\\d+ ended: no frame for 3 s");
                collector.awaitLine("connection 2\\.\\d+ ended: no frame for 3 s");
                exchange.resume();
                long trades = Long.parseLong(find(ENDED, exchange).group(1));
                Path bucket = folder.resolve("bucket");
                Await.until(
                        trades + " trades are stored",
                        () -> SpoolReader.ids(bucket).size() >= trades);
                exchange.terminate().awaitExit();
                collector.stop();
            }
            Matcher issued = find(ISSUED, exchange);
            Oracle.of(folder.resolve("bucket"))
                    .holdsExactly(Long.parseLong(issued.group(1)), Long.parseLong(issued.group(2)));
        }
    }

    private void settings() throws IOException {
        Exchange.writeSettings(folder, YAML);
    }

    private static Matcher find(Pattern pattern, CollectorProcess process) throws InterruptedException {
        Matcher matcher = pattern.matcher(process.awaitLine(pattern.pattern()));
        assertThat(matcher.find()).isTrue();
        return matcher;
    }
}
