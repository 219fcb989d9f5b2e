package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar with a hundred thousand parts on a real disk, and a bucket that is down. */
class BacklogIT {

    private static final int PARTS = 100_000;

    /** Hard links to one file; ext4 allows 65,000. */
    private static final int LINKS_PER_FILE = 50_000;

    @TempDir
    private Path folder;

    @Test
    void backlogOfAHundredThousandPartsFitsASmallHeapWhileRecordingContinues() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false);
                StubS3 s3 = new StubS3()) {
            s3.script(request -> Optional.of(StubS3.error(503, "SlowDown")));
            Map<String, String> environment = Exchange.environment(exchange, folder, s3.uri());
            environment.put("ROT_SECS", "1");
            Path spool = SpoolReader.spool(folder);
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Upload failed");
                collector.kill();
            }
            multiply(spool);

            long began = System.nanoTime();
            try (CollectorProcess collector =
                    CollectorProcess.start(folder, environment, List.of("-Xmx64m", "-XX:+ExitOnOutOfMemoryError"))) {
                collector.awaitLine("Connected: ");
                double seconds = (System.nanoTime() - began) / 1e9;
                collector.awaitLine("Upload failed, retrying; backlog: 1\\d{5} parts");
                System.out.printf(
                        Locale.ROOT,
                        "BacklogIT: the first connection was open %.1f s after the start of the JVM%n",
                        seconds);

                long newest = newest(spool);
                Await.until("live parts are packed", () -> newest(spool) > newest + 2_000);
                s3.script(request -> Optional.empty());
                Await.until(
                        "a live part is in the bucket",
                        () -> s3.objects().keySet().stream()
                                .anyMatch(key -> key.contains("/manifest-") && epoch(key) > newest));
                assertThat(collector.isAlive()).as(collector.text()).isTrue();
                collector.kill();
            }
        }
    }

    /** Gives packed parts 100,000 older names, as an outage of days would leave them. */
    private static void multiply(Path spool) throws IOException {
        Path packed = files(spool).stream()
                .filter(file -> file.toString().endsWith(".jsonl.gz"))
                .findFirst()
                .orElseThrow();
        long before = epoch(packed.toString()) - 1_000L * PARTS;
        Path source = packed;
        for (int i = 0; i < PARTS; i++) {
            Path name = spool.resolve("part-local-001-" + (before + 1_000L * i) + ".jsonl.gz");
            if (i % LINKS_PER_FILE == 0) {
                source = Files.copy(packed, name);
            } else {
                Files.createLink(name, source);
            }
        }
    }

    private static long newest(Path spool) throws IOException {
        return files(spool).stream()
                .map(Path::toString)
                .filter(name -> name.endsWith(".jsonl.gz"))
                .mapToLong(BacklogIT::epoch)
                .max()
                .orElseThrow();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static long epoch(String name) {
        return Long.parseLong(name.replaceFirst(".*-(\\d{13})\\..*", "$1"));
    }
}
