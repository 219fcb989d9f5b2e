package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What odd input must not talk a collector into. One connection, and no REST unless a test says so: whatever is stored came
 * from the frames of the test.
 */
@Tag("process")
class DoubtIT {

    private final Map<String, String> environment = new HashMap<>();
    private final long now = Time.SYSTEM.epochMillis();

    @TempDir
    private Path folder;

    /** Runs a collector until so many lines are stored, and stops it; returns what it printed. */
    private String record(List<String> events, int lines) throws Exception {
        try (HostileServer server = HostileServer.start(peer -> {
            peer.open();
            for (String event : events) {
                peer.send(HostileServer.text(event));
            }
            peer.hang();
        })) {
            environment.put("WS_URL", server.uri().toString());
            environment.put("WS_CONNECTIONS", "1");
            environment.put("REST_URL", "http://127.0.0.1:" + FreePort.find());
            environment.put("LOCAL_DIR", folder.resolve("spool").toString());
            environment.put("ROT_SECS", "1");
            environment.put("RAW_BUCKET", "file:./bucket");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                Await.until("every line is stored", () -> storedLines() >= lines);
                collector.stop();
                return collector.text();
            }
        }
    }

    private int storedLines() throws IOException {
        try {
            return stored().lines().size();
        } catch (AssertionError e) {
            return 0; // a part whose manifest follows
        }
    }

    private Oracle stored() throws IOException {
        return Oracle.of(folder.resolve("bucket"), key -> !key.startsWith("unparsed/"));
    }

    private List<Long> ids() throws IOException {
        return stored().lines().stream().map(Oracle.Line::id).sorted().toList();
    }

    private static List<Long> range(long first, int count) {
        List<Long> ids = new ArrayList<>();
        for (long id = first; id < first + count; id++) {
            ids.add(id);
        }
        return ids;
    }

    private List<String> events(long firstId, int count, long firstMs) {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(Trades.json(Trades.BTCUSDT, firstId + i, firstMs + i));
        }
        return events;
    }

    @Test
    void wrongCheckpointDropsNoTrade() throws Exception {
        record(events(1_000_000, 100, now - 10_000), 100);

        String log = record(events(600_000, 500, now), 600);

        assertThat(ids()).startsWith(600_000L).hasSize(600);
        assertThat(ids().subList(0, 500)).isEqualTo(range(600_000, 500));
        assertThat(log).contains("does not follow", "sequence reset");
        assertThat(stored().parts())
                .as("a manifest says where the new sequence begins")
                .anySatisfy(part ->
                        assertThat(part.manifest().quality().sequenceResetAt()).isNotNull());
    }

    @Test
    void anIdThatIsFarTooHighAndThirtyHoursOldDropsNoTradeAlsoAfterARestart() throws Exception {
        List<String> events = events(1, 50, now - 10_000);
        events.add(
                Trades.json(Trades.BTCUSDT, 900_050, now - Duration.ofHours(30).toMillis()));
        events.addAll(events(51, 300, now - 9_000));
        record(events, 350);

        record(events(351, 50, now), 400);

        assertThat(ids()).isEqualTo(range(1, 400));
        assertThat(stored().parts())
                .allSatisfy(part ->
                        assertThat(part.manifest().quality().missingIds()).isEmpty());
        assertThat(unparsed()).contains("900050");
    }

    @Test
    void whateverIntakeAcceptsIsPacked() throws Exception {
        List<String> events = new ArrayList<>();
        events.add(Trades.json(Trades.BTCUSDT, 1, now));
        for (int depth = 1; depth <= 40; depth++) {
            String nested = "[".repeat(depth) + "]".repeat(depth);
            events.add(Trades.json(Trades.BTCUSDT, 1 + depth, now).replaceFirst("\\{", "{\"x\":" + nested + ","));
        }
        String second = "{\"\\\\u0074x\":1,\"" + "n".repeat(70_000) + "\":\"\\\\ud83d\",";
        events.add(Trades.json(Trades.BTCUSDT, 42, now).replaceFirst("\\{", second));

        record(events, 42);

        assertThat(ids()).isEqualTo(range(1, 42));
        assertThat(SpoolReader.spool(folder).resolve("quarantine")).doesNotExist();
    }

    @Test
    void twoPayloadsOfOneIdAreBothKept() throws Exception {
        List<String> events = events(1, 5, now);
        events.add(Trades.json(Trades.BTCUSDT, 3, now + 2).replaceFirst("\"p\":\"[^\"]*\"", "\"p\":\"666\""));
        events.addAll(events(6, 5, now + 6));

        record(events, 10);

        assertThat(ids()).isEqualTo(range(1, 10));
        assertThat(stored().lines())
                .noneSatisfy(line -> assertThat(line.event()).contains("666"));
        assertThat(unparsed()).contains("with the id of a recorded one", "666");
    }

    @Test
    void aForgedIdStopsNoBackfill() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                Trades.BTCUSDT, 100, true, ExchangeOptions.defaults().startingAfter(2))) {
            environment.putAll(Exchange.environment(exchange, folder, "file:./bucket"));
            environment.put("ROT_SECS", "1");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Uploaded");
                exchange.inflict(new Fault.Forge(Target.OLDEST, 6_000_000));
                exchange.inflict(new Fault.Forge(Target.NEWEST, -6_000_000));
                exchange.inflict(new Fault.Skip(Target.ALL, 50));
                collector.awaitLine("Backfilled: ");
                long last = Exchange.endTrades(exchange).last();
                SpoolCheckpoints.awaitAllUploaded(last, folder, 60);
                collector.stop();
                List<Long> delivered = stored().lines().stream()
                        .filter(line -> !line.event().contains("\"p\":\"0.00000000\""))
                        .map(Oracle.Line::id)
                        .sorted()
                        .toList();
                assertThat(delivered).isEqualTo(range(delivered.get(0), (int) (last - delivered.get(0) + 1)));
            }
        }
    }

    @Test
    void partsOfASymbolThatIsNoLongerConfiguredAreUploaded() throws Exception {
        Path left = SpoolFiles.folder(folder.resolve("spool"), new Symbol("ETHUSDT"));
        String lines = Trades.line(7, now).replace("BTCUSDT", "ETHUSDT");
        Files.writeString(left.resolve("part-local-001-" + now + ".jsonl"), lines);

        record(events(1, 10, now), 11);

        assertThat(stored().parts()).anySatisfy(part -> assertThat(part.key()).contains("symbol=ETHUSDT/"));
        assertThat(SpoolReader.ids(left)).isEmpty();
    }

    private String unparsed() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, byte[]> object :
                Oracle.read(folder.resolve("bucket")).entrySet()) {
            if (object.getKey().startsWith("unparsed/")) {
                byte[] gzip = object.getValue();
                text.append(new String(
                        new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return text.toString();
    }
}
