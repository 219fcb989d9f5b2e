package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.FakeExchange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * The classes that a recorder uses, as the JVM holds them, in a file that every later process maps into its memory: made
 * once, by a recorder that records and uploads for a moment. The tests start a hundred processes, and a start takes a third
 * less of the processor so. The JVM ignores a file that does not fit the jar or itself.
 */
final class SharedClasses {

    private static final List<String> OPTIONS = make();

    private SharedClasses() {}

    /** Options for a JVM that runs the jar; none if the file could not be made. */
    static List<String> options() {
        return OPTIONS;
    }

    private static List<String> make() {
        Path archive = Path.of(System.getProperty("collector.jar"))
                .resolveSibling("collector.jsa")
                .toAbsolutePath();
        try {
            Files.deleteIfExists(archive);
            Path home = Files.createTempDirectory("shared-classes");
            try (FakeExchange exchange = FakeExchange.inventing(
                            List.of(Trades.BTCUSDT),
                            50,
                            false,
                            7,
                            ExchangeOptions.defaults(),
                            Executors.defaultThreadFactory(),
                            Time.SYSTEM,
                            event -> {});
                    StubS3 s3 = new StubS3();
                    CollectorProcess recorder = CollectorProcess.startCold(
                            home,
                            Map.of(
                                    "WS_URL", exchange.webSocketUri().toString(),
                                    "REST_URL", exchange.restUri().toString(),
                                    "LOCAL_DIR", home.resolve("spool").toString(),
                                    "RAW_BUCKET", "classes",
                                    "AWS_ENDPOINT_URL_S3", s3.uri().toString(),
                                    "AWS_REGION", "us-east-1",
                                    "AWS_ACCESS_KEY_ID", "id",
                                    "AWS_SECRET_ACCESS_KEY", "secret",
                                    "ROT_SECS", "1"),
                            "-XX:ArchiveClassesAtExit=" + archive)) {
                recorder.awaitLine("Uploaded");
                recorder.terminate().awaitExit();
            }
        } catch (Exception e) {
            System.err.println("No shared classes, every process reads the jar: " + e);
        }
        return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off") : List.of();
    }
}
