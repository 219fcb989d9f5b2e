package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The jar on a real disk that is full, not writable or removed. CollectorDiskTest has the disk that fails. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class DiskIT {

    @TempDir
    private Path folder;

    @BeforeEach
    void configure() throws IOException {
        Exchange.writeSettings(folder, """
                spool: {min_free_bytes: 0}
                upload: {attempts: 1, retry_first: 100ms, retry_max: 500ms}
                backfill: {weight_per_minute: 6000}
                """);
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0;
    }

    /** A file system of two MiB, and ENOSPC from the kernel itself. */
    @Test
    void reallyFullDiskPausesIngestionAndLosesNothing() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        boolean mounted;
        try {
            mounted = run("mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", disk.toString());
        } catch (IOException e) {
            mounted = false;
        }
        assumeTrue(mounted, "a file system can be mounted only by root, and where the kernel allows it");
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 1_000, false);
                StubS3 s3 = new StubS3()) {
            s3.script(request -> Optional.of(StubS3.error(503, "SlowDown")));
            Map<String, String> environment = Exchange.environment(exchange, folder, s3.uri());
            environment.put("LOCAL_DIR", disk.toString());
            environment.put("ROT_SECS", "1");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Rotating file");
                Path ballast = disk.resolve("ballast");
                fillUp(ballast);
                // whichever comes first: the measurement, or a write that fails with ENOSPC
                collector.awaitLine("Ingestion paused: .*(no space on the disk|is full)");
                collector.awaitLine("No space left on device");
                Await.until("connections closed", () -> exchange.connectionCount() == 0);

                s3.script(request -> Optional.empty());
                Files.delete(ballast);
                collector.awaitLine("Ingestion resumed");
                collector.awaitLine("Backfilled: ");
                long last = Exchange.endTrades(exchange).last();
                Await.until("the last trade is stored", () -> spoolOrBucketHolds(last, disk, s3));
                collector.stop();
                Oracle oracle = new Oracle(s3.objects());
                oracle.holdsExactly(oracle.lines().get(0).id(), last);
            }
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static void fillUp(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] block = new byte[1 << 12];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(Files.size(file)).isPositive(); // full
        }
    }

    /** Judges only committed parts: while uploads run, a part may be stored and its manifest not yet. */
    private static boolean spoolOrBucketHolds(long id, Path disk, StubS3 s3) throws IOException {
        Map<String, byte[]> objects = new HashMap<>(s3.objects());
        objects.keySet()
                .removeIf(key -> key.endsWith(".jsonl.gz")
                        && !objects.containsKey(
                                key.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json")));
        return SpoolReader.ids(disk).contains(id)
                || new Oracle(objects).lines().stream().anyMatch(line -> line.id() == id);
    }

    @Test
    void deletedSpoolEndsTheRunAndTheNextRunStartsEmpty() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 200, false)) {
            Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Uploaded");
                try (Stream<Path> files = Files.walk(folder.resolve("spool"))) {
                    files.sorted(Comparator.reverseOrder())
                            .forEach(file -> file.toFile().delete());
                }
                assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(74);
                collector.awaitLine("Recording cannot continue: .*" + folder.resolve("spool"));
            }
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Uploaded");
                collector.stop();
            }
        }
    }

    @Test
    void unwritableSpoolIsAWrongSetting() throws Exception {
        assumeTrue(run("setpriv", "--reuid", "65534", "true"), "only root can run a process as another user");
        Path spool = Files.createDirectories(folder.resolve("spool"));
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 10, false);
                CollectorProcess collector = CollectorProcess.startThrough(
                        List.of("setpriv", "--reuid", "65534", "--clear-groups"),
                        Path.of("/tmp"),
                        Exchange.environment(exchange, folder, "file:./bucket"))) {
            assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(78);
            collector.awaitLine("LOCAL_DIR=\"" + spool + "\".*writable by this user");
        }
    }
}
