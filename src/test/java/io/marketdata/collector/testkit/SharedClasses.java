package io.marketdata.collector.testkit;

import io.marketdata.collector.simulator.ExchangeSimulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The classes that a collector uses, as the JVM holds them, in a file that every later process maps into its memory:
 * made once, by a collector that records and uploads for a moment. The tests start a hundred processes, and each start
 * then takes a third less processor time. The JVM ignores a file that does not fit the jar or itself.
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
            try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false);
                    StubS3 s3 = new StubS3()) {
                Map<String, String> environment = Exchange.environment(exchange, home, s3.uri());
                environment.put("ROT_SECS", "1");
                try (CollectorProcess collector =
                        CollectorProcess.startCold(home, environment, "-XX:ArchiveClassesAtExit=" + archive)) {
                    collector.awaitLine("Uploaded");
                    collector.terminate().awaitExit();
                }
            }
        } catch (Exception e) {
            System.err.println("No shared classes, every process reads the jar: " + e);
        }
        return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off") : List.of();
    }
}
