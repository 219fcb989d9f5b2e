package io.marketdata.collector.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Schemas;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exchange changes its format while the collector records. */
class FormatChangeTest {

    private static final long MS = 1_736_950_336_567L;

    /** Another name of T, one more wrapper, an event of a new type, no UTF-8, no JSON. */
    private static final List<String> FRAMES = List.of(
            Trades.json(Trades.BTCUSDT, 7, MS).replace("\"T\":", "\"tradeTime\":"),
            "{\"stream\":\"btcusdt@trade\",\"data\":{\"v\":2,\"event\":" + Trades.json(Trades.BTCUSDT, 8, MS) + "}}",
            "{\"e\":\"tradePrevented\",\"s\":\"BTCUSDT\",\"note\":\"\\u5e01\u5e01 \\n\"}",
            "<html>503</html>");

    @TempDir
    private Path home;

    private final SkippingTime time = new SkippingTime();
    private final MemoryStore store = new MemoryStore();

    @Test
    void frameOfAnotherFormatIsInTheBucketByteForByte() throws Exception {
        Exchange.writeSettings(home, """
                spool: {min_free_bytes: 0, max_bytes: 8MiB}
                shutdown: {budget: 10s}
                """);
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 200, false)) {
            Map<String, String> environment = new HashMap<>(Exchange.environment(exchange, home, "file:./unused"));
            environment.put("ROT_SECS", "1");
            Faults faults = new Faults(time, Duration.ofDays(1), Recording::exitCode);
            Collector collector =
                    Collector.start(new SettingsLoader(environment, home).load(), store, new LocalDisk(), time, faults);
            Await.until("something is stored", () -> collector.uploadedParts() > 0);
            for (String frame : FRAMES) {
                exchange.inflict(new Fault.SendText(Target.OLDEST, frame));
            }
            Await.until(
                    "all are counted", () -> Metrics.sum(collector.metrics().spool().framesUnparsed) == FRAMES.size());
            assertThat(collector.stop()).isZero();
        }
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(FRAMES);
    }

    private List<String> stored() throws IOException {
        List<String> frames = new ArrayList<>();
        for (Map.Entry<String, byte[]> object : store.objects().entrySet()) {
            if (!object.getKey().startsWith("unparsed/")) {
                continue;
            }
            assertThat(object.getKey())
                    .matches("unparsed/exchange=binance/dt=\\d{4}-\\d\\d-\\d\\d/\\d\\d/frames-.+-\\d{13}\\.jsonl\\.gz");
            byte[] lines = new GZIPInputStream(new ByteArrayInputStream(object.getValue())).readAllBytes();
            for (String line : new String(lines, UTF_8).split("\n")) {
                assertThat(Schemas.violations("unparsed.json", line.getBytes(UTF_8)))
                        .isEmpty();
                JsonNode record = new ObjectMapper().readTree(line);
                assertThat(record.get("connection").textValue()).isNotEmpty();
                frames.add(record.get("frame").textValue());
            }
        }
        return frames;
    }
}
