package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.StubCloudWatch;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the jar publishes to CloudWatch; recording does not depend on an answer. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class CloudWatchIT {

    @TempDir
    private Path folder;

    private Map<String, String> environment(ExchangeSimulator exchange) throws IOException {
        Exchange.writeSettings(folder, "cloudwatch: {interval: 1s}\n");
        Map<String, String> environment = Exchange.environment(exchange, folder, "file:" + folder.resolve("bucket"));
        environment.put("ROT_SECS", "1");
        environment.put("CLOUDWATCH_METRICS", "on");
        return environment;
    }

    private long manifests() throws IOException {
        if (!Files.exists(folder.resolve("bucket"))) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder.resolve("bucket"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("manifest-"))
                    .count();
        }
    }

    /** Recording continues although nothing can be published. */
    private void awaitMoreManifests() throws Exception {
        long before = manifests();
        Await.until("another part is in the bucket", () -> manifests() > before);
    }

    @Test
    void refusingOrHangingCloudWatchIsLoggedOnceAndRecordingContinues() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false);
                StubCloudWatch cloudWatch = new StubCloudWatch()) {
            Map<String, String> environment = environment(exchange);
            environment.put("AWS_ENDPOINT_URL_CLOUDWATCH", cloudWatch.uri().toString());
            environment.put("AWS_REGION", "eu-west-1");
            environment.put("AWS_ACCESS_KEY_ID", "test");
            environment.put("AWS_SECRET_ACCESS_KEY", "test");
            cloudWatch.answerWith(StubCloudWatch.error(403, "AccessDeniedException"));
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine(
                        "WARN.*Cannot publish metrics to CloudWatch.*allow this role cloudwatch:PutMetricData");
                Await.until("refused again", () -> cloudWatch.calls().size() >= 2);
                awaitMoreManifests();

                cloudWatch.answerWith(cloudWatch.success());
                collector.awaitLine("INFO.*Publishing metrics to CloudWatch again");
                Await.until("trades were published", () -> cloudWatch.published("RecordsUploaded", "BTCUSDT") > 50);
                assertThat(cloudWatch.published("Up", "BTCUSDT")).isPositive();
                assertThat(cloudWatch.published("HeapUsedPercent", "BTCUSDT")).isPositive();
                assertThat(cloudWatch.published("UnrecoverableTrades", "BTCUSDT"))
                        .isZero();

                int before = cloudWatch.calls().size();
                cloudWatch.answerWith(cloudWatch.never());
                Await.until("a call hangs", () -> cloudWatch.calls().size() > before);
                awaitMoreManifests();

                // With a call under way: the end does not wait for it.
                collector.stop();
                assertThat(collector
                                .text()
                                .lines()
                                .filter(line -> line.contains("WARN") && !line.contains("is below /tmp")))
                        .as(collector.text())
                        .hasSize(1);
                assertThat(collector.text())
                        .contains("everything recorded is in")
                        .doesNotContain("ERROR");
            }
        }
    }
}
