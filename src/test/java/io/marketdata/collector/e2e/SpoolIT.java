package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The spool of a collector that dies while the bucket is down, seen and emptied by the commands of the same jar. */
@Execution(ExecutionMode.CONCURRENT)
class SpoolIT {

    @TempDir
    private Path folder;

    @Test
    void spoolOfADeadCollectorIsListedCheckedAndUploadedWithoutRecording() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 200, false);
                StubS3 stub = new StubS3()) {
            Exchange.writeSettings(folder, "upload:\n  attempts: 1\n");
            Map<String, String> environment = Exchange.environment(exchange, folder, stub.uri());
            environment.put("ROT_SECS", "1");
            stub.script(request -> Optional.of(StubS3.error(503, "SlowDown")));
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                Await.until("parts wait", () -> packed() >= 2);

                // Between the end of a part and the next trade none is open.
                Await.until(
                        "a part is open",
                        () -> spool(0, Map.of("LOCAL_DIR", local()), "ls").contains("1 open"));
                String listing = spool(0, Map.of("LOCAL_DIR", local()), "ls", "--limit", "3");
                assertThat(listing).contains("packed, not uploaded yet", "Backlog in " + local());
                assertThat(spool(0, Map.of("LOCAL_DIR", local()), "check")).contains("; 0 damaged");
                assertThat(spool(75, environment, "upload")).contains("locked by another process");

                IdRange issued = Exchange.endTrades(exchange);
                Await.until(
                        "all is on the disk",
                        () -> SpoolReader.ids(spoolFolder(), folder.resolve("none"))
                                .contains(issued.last()));
                collector.kill();
            }

            assertThat(spool(0, Map.of(), "ls", "--dir", local())).contains("No process of this machine");
            assertThat(spool(1, environment, "upload", "--patience", "3s"))
                    .contains("Nothing could be uploaded for 3 s", "SlowDown", "left in the spool");
            assertThat(stub.objects()).isEmpty();

            stub.script(request -> Optional.empty());
            assertThat(spool(0, environment, "upload")).contains("Done: uploaded", ", none left");

            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            new Oracle(stub.objects()).holdsExactly(issued);
            assertThat(spool(0, environment, "upload")).contains("Nothing to upload");
        }
    }

    /**
     * A trial with the simulator and a bucket that is missing, then the real exchange and a real bucket with the same
     * LOCAL_DIR: no made-up trade reaches the real bucket.
     */
    @Test
    void spoolOfTheSimulatorIsRefusedForTheRealExchangeAndBucket() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 200, false);
                StubS3 stub = new StubS3()) {
            Exchange.writeSettings(folder, "upload:\n  attempts: 1\n");
            Map<String, String> trial = Exchange.environment(exchange, folder, stub.uri());
            trial.put("ROT_SECS", "1");
            trial.put("RAW_BUCKET", "missing-bucket");
            stub.script(request -> Optional.of(StubS3.error(404, "NoSuchBucket")));
            try (CollectorProcess collector = CollectorProcess.start(folder, trial)) {
                Await.until("parts wait", () -> packed() >= 2);
                collector.kill();
            }
            stub.script(request -> Optional.empty());

            Map<String, String> real = Exchange.environment(exchange, folder, stub.uri());
            real.remove("WS_URL");
            real.remove("REST_URL");
            try (CollectorProcess collector = CollectorProcess.start(folder, real)) {
                assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(78);
                assertThat(collector.text())
                        .contains("exchange simulator, bucket s3://missing-bucket at 127.0.0.1", "main network")
                        .contains("another LOCAL_DIR", "spool upload --dir " + local() + " --to s3://missing-bucket");
            }
            assertThat(spool(78, real, "upload")).contains("belongs to s3://missing-bucket");
            assertThat(stub.objects()).isEmpty();

            real.remove("RAW_BUCKET");
            assertThat(spool(0, real, "upload", "--to", "s3://missing-bucket")).contains("Done: uploaded");
            assertThat(packed()).isZero();
        }
    }

    @Test
    void spoolCheckFindsDamageAndChangesNothing() throws Exception {
        Path there = SpoolFiles.folder(folder.resolve("spool"), Trades.BTCUSDT);
        Path open = there.resolve("part-a-1736950335000.jsonl.open");
        Files.writeString(open, SpoolFiles.lines(100, 20, 1_736_950_335_000L));
        Path packed = there.resolve("part-a-1736950330000.jsonl.gz");
        byte[] gzip = SpoolFiles.gzip(SpoolFiles.lines(80, 20, 1_736_950_330_000L));
        Files.write(packed, gzip);
        assertThat(spool(0, Map.of(), "check", "--dir", local())).contains("2 files with 40 trades; 0 damaged");

        Files.writeString(open, "{\"e\":\"trade\",\"E\"", StandardOpenOption.APPEND);
        assertThat(spool(0, Map.of(), "check", "--dir", local()))
                .contains("the last line is torn, 16 bytes", "quarantined when the part is packed");

        gzip[gzip.length / 2] ^= 0x10;
        Files.write(packed, gzip);
        Map<String, String> before = SpoolFiles.everything(folder);
        assertThat(spool(1, Map.of(), "check", "--dir", local()))
                .contains("damaged  BTCUSDT part-a-1736950330000.jsonl.gz")
                .contains("moved to quarantine/");
        assertThat(SpoolFiles.everything(folder)).isEqualTo(before);

        assertThat(spool(64, Map.of(), "chek")).contains("chek").doesNotContain("\tat ");
        assertThat(spool(78, Map.of("LOCAL_DIR", local()), "upload")).contains("RAW_BUCKET");
    }

    private String spool(int expectedCode, Map<String, String> environment, String... arguments) throws Exception {
        String[] all = Stream.concat(Stream.of("spool"), Stream.of(arguments)).toArray(String[]::new);
        try (CollectorProcess process = CollectorProcess.start(folder, environment, all)) {
            assertThat(process.awaitExit()).as(process.text()).isEqualTo(expectedCode);
            return process.text();
        }
    }

    private String local() {
        return folder.resolve("spool").toString();
    }

    private Path spoolFolder() {
        return SpoolReader.spool(folder);
    }

    private long packed() throws Exception {
        if (!Files.exists(spoolFolder())) {
            return 0;
        }
        try (Stream<Path> files = Files.list(spoolFolder())) {
            return files.filter(file -> file.toString().endsWith(".gz")).count();
        }
    }
}
