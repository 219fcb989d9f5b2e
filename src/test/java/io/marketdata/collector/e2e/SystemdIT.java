package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.marketdata.collector.audit.Period;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.Script;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.UnitFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The unit of {@code systemd/}: checked by systemd's own tools, run by a real systemd, and run by hand. */
@Tag("process")
class SystemdIT {

    private static final String JAR =
            Path.of(System.getProperty("collector.jar")).toAbsolutePath().toString();

    @TempDir
    private Path folder;

    private static void needs(String program) {
        assumeThat(Programs.onPath(program)).as("%s is not installed", program).isTrue();
    }

    private Script verify(Path units) throws Exception {
        needs("systemd-analyze");
        return Script.run(Map.of(), List.of("systemd/test/verify.sh", units.toString()));
    }

    @Test
    void systemdFindsNoFaultInTheUnitAndALowExposure() throws Exception {
        Script verified = verify(UnitFile.FOLDER);

        assertThat(verified.code()).as(verified.text()).isZero();
        assertThat(verified.text().lines().filter(line -> line.matches(".*: exposure [01]\\.\\d, at most 1\\.5")))
                .hasSize(3);
        assertThat(verified.text()).contains("market-collector-audit.timer: verify finds nothing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NoNewPrivileges=yes",
                "CapabilityBoundingSet=",
                "RestartPreventExitStatus=78",
                "SystemCallFilter=@system-service",
                "Restart=always -> Restart=allways"
            })
    void lessSandboxedOrMistypedUnitIsFound(String change) throws Exception {
        String[] lines = change.split(" -> ");
        String unit = Files.readString(UnitFile.FOLDER.resolve("market-collector.service"));
        String worse = unit.replace("\n" + lines[0] + "\n", lines.length == 1 ? "\n" : "\n" + lines[1] + "\n");
        assertThat(worse).isNotEqualTo(unit);
        Files.writeString(folder.resolve("market-collector.service"), worse);
        Files.writeString(folder.resolve("market-collector@.service"), worse);
        for (String audit : List.of("market-collector-audit.service", "market-collector-audit.timer")) {
            Files.copy(UnitFile.FOLDER.resolve(audit), folder.resolve(audit));
        }

        Script verified = verify(folder);

        assertThat(verified.code()).as(verified.text()).isEqualTo(1);
    }

    @Test
    void theTemplateIsTheSameFile() throws IOException {
        assertThat(UnitFile.FOLDER.resolve("market-collector@.service"))
                .hasSameBinaryContentAs(UnitFile.FOLDER.resolve("market-collector.service"));
    }

    @Test
    void realSystemdStartsWatchesRestartsAndStopsTheCollectorWithoutLoss() throws Exception {
        needs("bash");
        Script booted =
                Script.run(Map.of(), List.of("systemd/test/boot.sh", JAR)).skippedWhereItCannotRun();

        assertThat(booted.code()).as(booted.text()).isZero();
        assertThat(booted.text().lines().filter(line -> line.matches("\\S.{60,61} \\S.*")))
                .as(booted.text())
                .hasSizeGreaterThanOrEqualTo(12);
        assertThat(booted.text()).containsPattern("every trade is in the bucket, .* (\\d+) of \\1, ");
    }

    /** The exact command line of the audit's unit, with the settings of the example. */
    @Test
    void auditUnitCommandPublishesYesterdayAndEndsWithTheExitCodeOfVerify() throws Exception {
        UnitFile unit = new UnitFile("market-collector-audit.service");
        Period yesterday = Period.yesterday(System.currentTimeMillis());
        Path bucket = folder.resolve("bucket");
        new RecordedDay(Trades.BTCUSDT, "i-1", 60)
                .record(RecordedDay.issued(700, yesterday.fromMs(), yesterday.toMs(), 600_000), id -> id == 720)
                .writeTo(bucket);
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                        unit.command(Path.of(System.getProperty("java.home"), "bin/java"), Path.of(JAR)))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(unit.environment(folder));
        builder.environment().putAll(UnitFile.exampleEnvironment());
        builder.environment().put("RAW_BUCKET", "file:" + bucket);

        Process audit = builder.start();

        assertThat(audit.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(audit.exitValue()).as(Files.readString(log)).isEqualTo(1);
        assertThat(bucket.resolve("quality/exchange=binance/symbol=BTCUSDT/dt=" + yesterday + "/report.json"))
                .content()
                .contains("\"missing\":1,");
    }

    /** The running Java, and a 25 where there is one. */
    static Stream<Path> javas() throws IOException {
        Path running = Path.of(System.getProperty("java.home"), "bin/java");
        try (Stream<Path> homes =
                Files.isDirectory(Path.of("/usr/lib/jvm")) ? Files.list(Path.of("/usr/lib/jvm")) : Stream.empty()) {
            return Stream.concat(
                    Stream.of(running),
                    homes
                            .filter(home -> home.getFileName().toString().matches(".*\\b25\\b.*"))
                            .map(home -> home.resolve("bin/java"))
                            .filter(Files::isExecutable)
                            .filter(java -> !java.equals(running))
                            .limit(1)
                            .toList()
                            .stream());
        }
    }

    /** The unit's exact command line, options and settings, with a stub for the journal and for systemd-notify. */
    @ParameterizedTest
    @MethodSource("javas")
    void unitCommandRecordsNotifiesSystemdAndWritesForTheJournal(Path java) throws Exception {
        UnitFile unit = new UnitFile();
        Path notified = folder.resolve("notified");
        Path program = Files.createDirectory(folder.resolve("bin")).resolve("systemd-notify");
        Files.writeString(program, "#!/bin/sh\necho \"$*\" >> " + notified + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Path log = Files.createFile(folder.resolve("log"));
        Path home = Files.createDirectory(folder.resolve("state"));
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 100, false)) {
            Map<String, String> environment = new LinkedHashMap<>(unit.environment(home));
            environment.putAll(UnitFile.exampleEnvironment());
            environment.put("RAW_BUCKET", "file:" + home.resolve("bucket"));
            environment.put("HTTP_PORT", "0");
            environment.put("WS_URL", exchange.webSocketUri().toString());
            environment.put("REST_URL", exchange.restUri().toString());
            environment.put("NOTIFY_SOCKET", "/run/systemd/notify");
            environment.put("WATCHDOG_USEC", "3000000");
            environment.put(
                    "JOURNAL_STREAM", Files.getAttribute(log, "unix:dev") + ":" + Files.getAttribute(log, "unix:ino"));
            environment.put("PATH", program.getParent() + ":" + System.getenv("PATH"));
            ProcessBuilder builder = new ProcessBuilder(unit.command(java, Path.of(JAR)))
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process collector = builder.start();
            try {
                Await.until("it has uploaded", () -> Files.readString(log).contains("Uploaded:"));
                Await.until(
                        "it has notified systemd three times",
                        () -> Files.exists(notified)
                                && Files.readAllLines(notified).size() >= 3);
                long last = Exchange.endTrades(exchange).last();
                Path spool = SpoolReader.spool(home);
                Await.until(
                        "everything is in the bucket or the spool",
                        () -> SpoolReader.ids(spool, home.resolve("bucket")).contains(last));
                collector.toHandle().destroy();
                assertThat(collector.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                collector.destroyForcibly();
            }
            String text = Files.readString(log);
            assertThat(collector.exitValue()).as(text).isEqualTo(143);
            assertThat(text.lines().filter(line -> !line.contains("is below /tmp")))
                    .as(text)
                    .allMatch(line -> line.startsWith("<6>INFO - "));
            assertThat(Files.readAllLines(notified)).satisfies(lines -> {
                assertThat(lines.get(0)).matches("READY=1 (WATCHDOG=1 )?STATUS=ok, BTCUSDT .*");
                assertThat(lines.get(2)).matches("WATCHDOG=1 STATUS=ok, BTCUSDT last trade .* MB");
                assertThat(lines).anyMatch(line -> line.startsWith("STOPPING=1 EXTEND_TIMEOUT_USEC=30000000 "));
            });
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            Oracle.of(home.resolve("bucket")).holdsExactly(issued);
        }
    }
}
