package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Fault.Form;
import io.marketdata.collector.simulator.Fault.How;
import io.marketdata.collector.simulator.FaultScript;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Faults of the network and of the exchange cost no trade: the jar records a replay file from an exchange simulator
 * with a fault script, and every trade of the file must be in the bucket, once, with its own values. The file is a real
 * recording where there is one, replayed 15 times faster, otherwise a made-up one of the same length.
 *
 * <p>Each test waits for 45 s of replay, so they run side by side.
 */
@Execution(ExecutionMode.CONCURRENT)
@Order(2)
class WireFaultsIT {

    /** Nothing listens there: REST is off. */
    private static final String NOWHERE = "http://127.0.0.1:1";

    private static final double SPEED = 15;

    @TempDir
    private Path folder;

    private Path source;
    private Map<Long, String> issued;
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void readReplay() throws IOException {
        source = Samples.realFrames().orElse(null);
        if (source == null) {
            source = Samples.madeUp(folder, 19_904, 31);
        }
        issued = Samples.events(source);
    }

    @Test
    void oneConnectionCutFiveTimesInDifferentWaysLosesNothingWithRest() throws Exception {
        settings.put("WS_CONNECTIONS", "1");
        Oracle oracle = record(FaultScript.EMPTY
                .afterTrades(at(1), new Fault.Cut(Target.ALL, How.RST))
                .afterTrades(at(2), new Fault.Close(Target.ALL, 1000, ""))
                .afterTrades(at(3), new Fault.Cut(Target.ALL, How.FIN))
                .afterTrades(at(4), new Fault.Close(Target.ALL, 1001, ""))
                .afterTrades(at(5), new Fault.Close(Target.ALL, 1008, "Too many requests")));

        assertThat(oracle.backfilledTrades()).as("trades that came over REST").isPositive();
    }

    @Test
    void twoConnectionsCutInTurnLoseNothingWithoutRest() throws Exception {
        settings.put("REST_URL", NOWHERE);
        Oracle oracle = record(FaultScript.EMPTY
                .afterTrades(at(1), new Fault.Cut(Target.OLDEST, How.RST))
                .afterTrades(at(2), new Fault.Close(Target.OLDEST, 1000, ""))
                .afterTrades(at(3), new Fault.Cut(Target.OLDEST, How.FIN))
                .afterTrades(at(4), new Fault.Close(Target.OLDEST, 1001, ""))
                .afterTrades(at(5), new Fault.Close(Target.OLDEST, 1008, "")));

        assertThat(oracle.backfilledTrades()).isZero();
    }

    @Test
    void connectionsThatSkipTradesFillEachOthersGapsWithoutRest() throws Exception {
        settings.put("REST_URL", NOWHERE);
        FaultScript script = FaultScript.EMPTY;
        for (int i = 0; i < 8; i++) {
            long trades = issued.size() * (i + 1L) / 10;
            script = script.afterTrades(trades, new Fault.Skip(Target.number(1), 7))
                    .afterTrades(trades + 700, new Fault.Skip(Target.number(2), 7));
        }
        record(script);
    }

    @Test
    void connectionWithAnAnnouncedCloseIsReplacedInTimeWithoutRest() throws Exception {
        settings.put("REST_URL", NOWHERE);
        settings.put("WS_CONNECTIONS", "1");
        String log = recordAndLog(FaultScript.EMPTY
                .afterTrades(at(1), new Fault.ShutdownNotice(Target.ALL, Form.COMBINED, Duration.ofSeconds(4)))
                .afterTrades(at(3), new Fault.ShutdownNotice(Target.ALL, Form.RAW, Duration.ofSeconds(4))));

        assertThat(log.lines().filter(line -> line.contains("because the exchange will close it")))
                .hasSize(2);
    }

    @Test
    void staleConnectionThatAnswersPingsIsReplacedAndItsTradesAreBackfilled() throws Exception {
        settings.put("WS_CONNECTIONS", "1");
        String log = recordAndLog(FaultScript.EMPTY.afterTrades(at(1), new Fault.Stall(Target.ALL, Fault.FOREVER)));

        assertThat(log).contains("because it is stale: it delivers no trades of BTCUSDT");
    }

    @Test
    void oneStaleConnectionOfTwoIsReplacedWithoutRest() throws Exception {
        settings.put("REST_URL", NOWHERE);
        String log = recordAndLog(FaultScript.EMPTY.afterTrades(at(1), new Fault.Stall(Target.OLDEST, Fault.FOREVER)));

        assertThat(log).contains("because it is stale: it delivers no trades of BTCUSDT");
    }

    /** In sixths of the replay file; the last sixth is left to backfill in. */
    private long at(int sixths) {
        return issued.size() * (long) sixths / 6;
    }

    private Oracle record(FaultScript script) throws Exception {
        recordAndLog(script);
        return Oracle.of(folder.resolve("bucket"));
    }

    private String recordAndLog(FaultScript script) throws Exception {
        String log;
        try (ExchangeSimulator exchange = exchange(script);
                CollectorProcess collector = start(exchange)) {
            log = finish(exchange, collector);
        }
        judge();
        return log;
    }

    private ExchangeSimulator exchange(FaultScript script) throws IOException {
        int connections = Integer.parseInt(settings.getOrDefault("WS_CONNECTIONS", "2"));
        return Exchange.replaying(
                source,
                SPEED,
                ExchangeOptions.defaults().startingAfter(connections).withScript(script));
    }

    private CollectorProcess start(ExchangeSimulator exchange) throws IOException {
        Exchange.writeSettings(folder, "feed:\n  stale_after: 5s\n");
        Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
        environment.putAll(settings);
        return CollectorProcess.start(folder, environment);
    }

    private String finish(ExchangeSimulator exchange, CollectorProcess collector) throws Exception {
        assertThat(exchange.awaitEndOfTrades(3, TimeUnit.MINUTES)).isTrue();
        Path bucket = folder.resolve("bucket");
        Await.until(
                "everything is in the bucket",
                () -> SpoolReader.ids(bucket).size() >= issued.size() || !collector.isAlive());
        collector.stop();
        assertThat(collector.text()).doesNotContain("ERROR");
        return collector.text();
    }

    private void judge() throws IOException {
        Oracle.of(folder.resolve("bucket"))
                .holdsExactlyAsSentOrBackfilled(issued)
                .crossesNoSlotOf(5_000)
                .linesFollowTheSchema();
    }
}
