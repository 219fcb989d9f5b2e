package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Samples;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Records a made-up replay file with the jar into a third-party S3 server and checks the bucket. */
public final class RecordedInto {

    private RecordedInto() {}

    /** @param objects reads the bucket, which exists and is empty */
    public static void s3(
            Path folder,
            URI endpoint,
            String bucket,
            String accessKey,
            String secretKey,
            Callable<Map<String, byte[]>> objects)
            throws Exception {
        Path source = Samples.madeUp(folder, 3_000, 60);
        Map<Long, String> issued = Samples.events(source);
        try (ExchangeSimulator exchange = Exchange.replaying(source, 10, 1);
                CollectorProcess collector = CollectorProcess.start(
                        folder, Exchange.environment(exchange, folder, bucket, endpoint, accessKey, secretKey))) {
            collector.awaitLine("Connected");
            exchange.awaitEndOfTrades(1, TimeUnit.MINUTES);
            String lastId = "\"id_last\":"
                    + issued.keySet().stream().mapToLong(id -> id).max().orElseThrow();
            Await.until(
                    "the last id is in the bucket",
                    () -> objects.call().values().stream()
                            .anyMatch(object -> new String(object, StandardCharsets.UTF_8).contains(lastId)));
            collector.stop();
            // The replay file is from another year, which health reports as lag after ten seconds; and tests record
            // below /tmp.
            assertThat(collector
                            .text()
                            .lines()
                            .filter(line ->
                                    !line.contains("Health: degraded, lag: ") && !line.contains("is below /tmp")))
                    .noneMatch(line -> line.contains("ERROR") || line.contains("WARN"));
        }
        new Oracle(objects.call()).holdsExactly(issued).crossesNoSlotOf(5_000);
    }
}
