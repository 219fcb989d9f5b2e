package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Origin;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as an operator uses it: wrong settings, signals, a second start. {@link KillIT} tests many kills. */
@Tag("process")
class ProcessIT {

    @TempDir
    private Path folder;

    @Test
    void wrongSettingsAreAllReportedAtOnceAndNothingIsOpened() throws Exception {
        Path blocked = Files.createFile(folder.resolve("a-file"));
        try (CollectorProcess collector = CollectorProcess.start(
                folder,
                Map.of(
                        "SYMBOL", "../../etc",
                        "ROT_BYTES", "abc",
                        "ROT_SECS", "-5",
                        "WS_URL", "ws://stream.example.com",
                        "LOCAL_DIR", blocked.resolve("spool").toString()))) {
            assertThat(collector.awaitExit()).isEqualTo(78);
            assertThat(collector.text().lines().filter(line -> line.contains("allowed")))
                    .hasSize(6);
            assertThat(collector.text())
                    .contains("RAW_BUCKET", "SYMBOL", "../../etc", "ROT_BYTES", "abc", "ROT_SECS", "-5", "WS_URL")
                    .contains("LOCAL_DIR")
                    .doesNotContain("Exception", "\tat ");
        }
        assertThat(list(folder)).containsExactly("a-file");
    }

    @Test
    void anUnknownYamlKeyIsNamed() throws Exception {
        Exchange.writeSettings(folder, "spool:\n  fsync_intervall: 1s\n");
        try (CollectorProcess collector = CollectorProcess.start(folder, Map.of("RAW_BUCKET", "file:./bucket"))) {
            assertThat(collector.awaitExit()).isEqualTo(78);
            assertThat(collector.text()).contains("spool.fsync_intervall", "spool.fsync_interval");
        }
        assertThat(list(folder)).containsExactly("configs");
    }

    @Test
    void helpVersionAndBadUsageAreAnsweredWithoutRecording() throws Exception {
        try (CollectorProcess help = CollectorProcess.start(folder, Map.of(), "--help");
                CollectorProcess version = CollectorProcess.start(folder, Map.of(), "--version");
                CollectorProcess wrong = CollectorProcess.start(folder, Map.of(), "--colect");
                CollectorProcess wrongDemo = CollectorProcess.start(folder, Map.of(), "demo", "--seconds", "0")) {
            assertThat(help.awaitExit()).isZero();
            assertThat(help.text()).contains("Example", "demo", "simulate");
            assertThat(version.awaitExit()).isZero();
            assertThat(version.text()).matches("collector \\d+\\.\\d+\\.\\d+ \\(Java .+\\)");
            assertThat(wrong.awaitExit()).isEqualTo(64);
            assertThat(wrong.text()).contains("--colect").doesNotContain("\tat ");
            assertThat(wrongDemo.awaitExit()).isEqualTo(64);
            assertThat(wrongDemo.text()).contains("--seconds 0: out of range; allowed: 1 to 3600");
        }
    }

    @Test
    void stopSealsAndUploadsOpenPartsAndLogsEachStep() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 200, false);
                CollectorProcess collector =
                        CollectorProcess.start(folder, Exchange.environment(exchange, folder, "file:./bucket"))) {
            collector.awaitLine("Uploaded");
            IdRange issued = Exchange.endTrades(exchange);
            awaitRecorded(issued.last());

            collector.stop();

            Oracle.of(folder.resolve("bucket")).holdsExactly(issued);
            assertThat(spooledParts()).isEmpty();
            String stamp = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d - collector - INFO - ";
            for (String line : List.of(
                    "Starting: .*",
                    "Connecting: .*",
                    "Connected: .*",
                    "Rotating file: part-local-001-\\d{13}\\.jsonl \\(\\d+ records\\)",
                    "Uploaded: raw/exchange=binance/.*",
                    "Stopping: .*",
                    "Stopped: everything recorded is in .*")) {
                collector.awaitLine("^" + stamp + line + "$");
            }
        }
    }

    @Test
    void aKillInTheMiddleOfAnUploadLosesNothingAndOverwritesNothing() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false);
                StubS3 stub = new StubS3()) {
            Map<String, String> environment = s3Environment(exchange, stub);
            // the first part is stored, but its answer never comes
            stub.script(request -> request.key().contains("/part-")
                    ? Optional.of((http, put, server) -> server.plant(put.key(), put.body()))
                    : Optional.empty());
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                Await.until("a part has arrived", () -> !stub.objects().isEmpty());
                collector.kill();
            }
            Map<String, byte[]> before = stub.objects();
            stub.script(request -> Optional.empty());
            try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
                collector.awaitLine("Connected");
                Exchange.endTrades(exchange);
                Await.until("the spool is empty", () -> spooledParts().isEmpty());
                collector.stop();
            }

            Map<String, byte[]> after = stub.objects();
            before.forEach((key, body) -> assertThat(after.get(key)).isEqualTo(body));
            assertThat(new Oracle(after).lines()).extracting(Oracle.Line::id).doesNotHaveDuplicates();
        }
    }

    @Test
    void secondProcessOnTheSameSpoolExitsWith75AndTheFirstContinuesWithoutAGap() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 100, false)) {
            Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
            try (CollectorProcess first = CollectorProcess.start(folder, environment)) {
                first.awaitLine("Connected");
                secondEndsWithSeventyFive(environment);
                first.awaitLine("Uploaded");
                IdRange issued = Exchange.endTrades(exchange);
                awaitRecorded(issued.last());
                first.stop();
                assertThat(first.text()).contains("Stopped: everything recorded");
                Oracle oracle = Oracle.of(folder.resolve("bucket"));
                oracle.holdsExactly(issued);
                assertThat(oracle.parts())
                        .as("backfilled parts: there was no gap")
                        .noneMatch(part -> part.manifest().quality().origin() == Origin.REST);
            }
        }
    }

    @Test
    void secondProcessTouchesNothingAndTheSpoolIsFreeAfterAKillOfTheFirst() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 300, false);
                StubS3 stub = new StubS3()) {
            Map<String, String> environment = s3Environment(exchange, stub);
            stub.script(request -> Optional.of(StubS3.never()));
            try (CollectorProcess first = CollectorProcess.start(folder, environment)) {
                Await.until("a part is packed", () -> !stub.puts().isEmpty());
                Exchange.endTrades(exchange);
                Await.until(
                        "nothing moves any more",
                        () -> spooledParts().stream().allMatch(name -> name.endsWith(".jsonl.gz")));
                Map<String, String> before = everyFile();
                secondEndsWithSeventyFive(environment);
                assertThat(everyFile()).isEqualTo(before);
                assertThat(before).hasSizeGreaterThan(3);
                first.kill();
            }
            stub.script(request -> Optional.empty());
            try (CollectorProcess next = CollectorProcess.start(folder, environment)) {
                next.awaitLine("Uploaded");
                next.stop();
            }
        }
    }

    private void secondEndsWithSeventyFive(Map<String, String> environment) throws Exception {
        try (CollectorProcess second = CollectorProcess.start(folder, environment)) {
            assertThat(second.awaitExit()).isEqualTo(75);
            assertThat(second.text()).contains("LOCAL_DIR").doesNotContain("\tat ", "Connecting");
        }
    }

    /** Size and time of the last change of every file of the spool. */
    private Map<String, String> everyFile() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder.resolve("spool"))) {
            for (Path file : all.toList()) {
                files.put(file.toString(), Files.size(file) + " bytes at " + Files.getLastModifiedTime(file));
            }
        }
        return files;
    }

    @Test
    void demoFindsEveryTradeAndKeepsItsFiles() throws Exception {
        Path home = folder.resolve("demo");
        try (CollectorProcess demo =
                CollectorProcess.start(folder, Map.of(), "demo", "--seconds", "7", "--dir", home.toString())) {
            assertThat(demo.awaitExit()).as(demo.text()).isZero();
            assertThat(demo.text()).contains("\nmissing 0").doesNotContain("problem:", "ERROR", "\tat ");
        }
        assertThat(Oracle.of(home.resolve("bucket")).lines()).isNotEmpty();
    }

    @Test
    void ctrlCDuringTheDemoStillChecksTheRecordedTrades() throws Exception {
        try (CollectorProcess demo = CollectorProcess.start(
                folder, Map.of(), "demo", "--dir", folder.resolve("demo").toString())) {
            demo.awaitLine("^ +2 s");
            demo.terminate().awaitExit();
            assertThat(demo.text()).contains("Stopped early", "\nmissing 0");
        }
    }

    private Map<String, String> s3Environment(ExchangeSimulator exchange, StubS3 stub) {
        return Exchange.environment(exchange, folder, stub.uri());
    }

    private Path spool() {
        return SpoolReader.spool(folder);
    }

    private List<String> spooledParts() throws IOException {
        return list(spool()).stream().filter(name -> name.contains("part-")).toList();
    }

    /** Waits until a trade is in the spool or the spool has no part left. */
    private void awaitRecorded(long id) throws Exception {
        Await.until(
                "trade " + id + " is recorded",
                () -> acceptedIds().contains(id) || spooledParts().isEmpty());
    }

    /** Every id in the spool's plain files, its packed ones, and the directory bucket; sorted. */
    private List<Long> acceptedIds() throws IOException {
        return SpoolReader.ids(spool(), folder.resolve("bucket"));
    }

    private static List<String> list(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
