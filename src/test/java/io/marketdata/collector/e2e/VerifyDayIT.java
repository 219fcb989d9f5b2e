package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.ReadOnlyS3;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole day of an instance with a part every five seconds; {@code -Dverify.instances=3} is that of three, 51,840
 * manifests. Prints how long it took, without an index and with one.
 */
class VerifyDayIT {

    private static final long DAY_MS = 1_736_899_200_000L;
    private static final int INSTANCES = Integer.getInteger("verify.instances", 1);
    private static final long MOST_RSS_KIB = 256 << 10;

    @TempDir
    private Path folder;

    @Test
    void aDayIsVerifiedInBoundedMemory() throws Exception {
        List<Issued> issued = RecordedDay.issued(4_000_000_000L, DAY_MS, DAY_MS + 86_400_000, 1_250);
        TreeMap<String, byte[]> objects = new TreeMap<>();
        for (int i = 1; i <= INSTANCES; i++) {
            objects.putAll(new RecordedDay(Trades.BTCUSDT, "i-" + i, 5)
                    .record(issued, id -> false)
                    .objects());
        }
        Map<String, String> environment = new LinkedHashMap<>();
        try (ReadOnlyS3 s3 = new ReadOnlyS3(objects)) {
            environment.put("RAW_BUCKET", S3ProxyServer.BUCKET);
            environment.put("AWS_ENDPOINT_URL_S3", s3.uri().toString());
            environment.put("AWS_REGION", "us-east-1");
            environment.put("AWS_ACCESS_KEY_ID", S3ProxyServer.ACCESS_KEY);
            environment.put("AWS_SECRET_ACCESS_KEY", S3ProxyServer.SECRET_KEY);
            judge("with manifests", environment, issued.size());
        }
        indexes(objects).forEach(objects::putIfAbsent);
        try (ReadOnlyS3 s3 = new ReadOnlyS3(objects)) {
            environment.put("AWS_ENDPOINT_URL_S3", s3.uri().toString());
            judge("with indexes", environment, issued.size());
            assertThat(s3.objectsRead()).isEqualTo(24 * INSTANCES);
        }
    }

    private void judge(String how, Map<String, String> environment, int trades) throws Exception {
        long began = System.nanoTime();
        JsonNode report = verify(environment);
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "VerifyDayIT: %d parts, %s: %.1f s%n",
                report.get("parts").asInt(),
                how,
                seconds);
        assertThat(report.get("parts").asInt()).isEqualTo(17_280 * INSTANCES);
        assertThat(report.get("trades").asInt()).isEqualTo(trades);
        assertThat(report.get("held_by").get(INSTANCES - 1).asInt()).isEqualTo(trades);
    }

    /** As the collectors put them. */
    private static Map<String, byte[]> indexes(TreeMap<String, byte[]> objects) throws IOException {
        Map<String, byte[]> indexes = new TreeMap<>();
        for (int i = 1; i <= INSTANCES; i++) {
            for (int hour = 0; hour < 24; hour++) {
                TreeMap<String, byte[]> manifests = new TreeMap<>();
                String folder = String.format(Locale.ROOT, "/dt=2025-01-15/%02d/", hour);
                String name = "/manifest-i-" + i;
                objects.forEach((key, bytes) -> {
                    if (key.contains(folder) && key.contains(name)) {
                        manifests.put(key, bytes);
                    }
                });
                InstanceId instance = new InstanceId("i-" + i);
                indexes.put(
                        KeyLayout.index(Trades.BTCUSDT, instance, DAY_MS + hour * 3_600_000L, 0),
                        ManifestIndex.write(manifests, 6));
            }
        }
        return indexes;
    }

    private JsonNode verify(Map<String, String> environment) throws Exception {
        String[] command = {"verify", "--symbol=BTCUSDT", "--day=2025-01-15", "--json", "--requests=16"};
        long mostKib = 0;
        try (CollectorProcess verify =
                CollectorProcess.start(folder, environment, List.of("-Xmx144m", "-XX:+UseSerialGC"), command)) {
            while (verify.isAlive()) {
                mostKib = Math.max(mostKib, verify.mostRssKib());
                verify.endsWithin(Duration.ofMillis(100));
            }
            assertThat(verify.awaitExit()).as(verify.text()).isZero();
            System.out.printf(Locale.ROOT, "VerifyDayIT: RSS at most %d KiB%n", mostKib);
            Assumptions.assumeTrue(mostKib > 0, "the memory of a process is not known here");
            assertThat(mostKib).isLessThan(MOST_RSS_KIB);
            return new ObjectMapper().readTree(verify.text()).get("periods").get(0);
        }
    }
}
