package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.ReadOnlyS3;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.testkit.Trades;
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

/** A whole day of three instances with a part every five seconds: 51,840 manifests. Prints how long it took. */
class VerifyDayIT {

    private static final long DAY_MS = 1_736_899_200_000L;
    private static final long MOST_RSS_KIB = 256 << 10;

    @TempDir
    private Path folder;

    @Test
    void aDayOfThreeInstancesIsVerifiedInBoundedMemory() throws Exception {
        List<Issued> issued = RecordedDay.issued(4_000_000_000L, DAY_MS, DAY_MS + 86_400_000, 1_250);
        TreeMap<String, byte[]> objects = new TreeMap<>();
        for (int i = 1; i <= 3; i++) {
            objects.putAll(new RecordedDay(Trades.BTCUSDT, "i-" + i, 5)
                    .record(issued, id -> false)
                    .objects());
        }
        try (ReadOnlyS3 s3 = new ReadOnlyS3(objects)) {
            Map<String, String> environment = new LinkedHashMap<>();
            environment.put("RAW_BUCKET", S3ProxyServer.BUCKET);
            environment.put("AWS_ENDPOINT_URL_S3", s3.uri().toString());
            environment.put("AWS_REGION", "us-east-1");
            environment.put("AWS_ACCESS_KEY_ID", S3ProxyServer.ACCESS_KEY);
            environment.put("AWS_SECRET_ACCESS_KEY", S3ProxyServer.SECRET_KEY);
            long began = System.nanoTime();
            JsonNode report = verify(environment);
            System.out.printf(
                    Locale.ROOT,
                    "VerifyDayIT: %d objects over HTTP in %.1f s%n",
                    objects.size(),
                    (System.nanoTime() - began) / 1e9);
            assertThat(report.get("parts").asInt()).isEqualTo(objects.size() / 2);
            assertThat(report.get("trades").asInt()).isEqualTo(issued.size());
            assertThat(report.get("held_by").get(2).asInt()).isEqualTo(issued.size());
        }
    }

    private JsonNode verify(Map<String, String> environment) throws Exception {
        String[] command = {"verify", "--symbol=BTCUSDT", "--day=2025-01-15", "--json", "--requests=16"};
        long mostKib = 0;
        try (CollectorProcess verify =
                CollectorProcess.start(folder, environment, List.of("-Xmx160m", "-XX:+UseSerialGC"), command)) {
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
