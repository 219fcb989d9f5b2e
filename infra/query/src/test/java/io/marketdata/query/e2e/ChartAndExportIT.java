package io.marketdata.query.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other programs say of the files: a browser of the page, and the collector of the exported day. */
class ChartAndExportIT {

    private static final Path COLLECTOR = Path.of(System.getProperty("collector.jar", "../../target/collector.jar"));
    private static final long DAY_MS = 1_763_596_800_000L; // 2025-11-20
    private static final long HOUR_MS = 3_600_000;

    @TempDir
    private Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended run(List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("RAW_BUCKET", "file:./bucket");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(
                process.exitValue(), Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
    }

    private RecordedBucket bucket() {
        return new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
    }

    /** A trade every twenty seconds from the hour before the day to the hour after it. */
    private void recordDay() throws IOException {
        RecordedBucket bucket = bucket();
        long id = 4_000_000_000L;
        for (long hourMs = DAY_MS - HOUR_MS; hourMs < DAY_MS + 25 * HOUR_MS; hourMs += HOUR_MS) {
            List<Trade> hour = new ArrayList<>();
            for (long ms = hourMs; ms < hourMs + HOUR_MS; ms += 20_000) {
                String cents = String.format(Locale.ROOT, "%02d", id * 37 % 100);
                hour.add(new Trade(
                        id, ms + id % 1_000, "61837." + cents + "000000", "0.000" + cents + "345", id % 3 == 0));
                id++;
            }
            bucket.part("i-1", Origin.STREAM, hour);
        }
    }

    private Ended verify(String file) throws Exception {
        return run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                COLLECTOR.toAbsolutePath().toString(),
                "verify",
                "--symbol=BTCUSDT",
                "--day=2025-11-20",
                "--against-archive=" + file));
    }

    @Test
    void collectorAcceptsTheExportedDayAsTheExchangesFile() throws Exception {
        recordDay();
        for (String option : List.of("--as=csv", "--zip")) {
            Cli export = Cli.run(
                    "export",
                    "--bucket=file:" + folder.resolve("bucket"),
                    "--symbol=BTCUSDT",
                    "--day=2025-11-20",
                    "--out=" + folder,
                    option);
            assertThat(export.code()).as(export.err()).isZero();
            assertThat(export.out()).contains("4,320 trades");
        }
        for (String form : List.of("csv", "zip")) {
            Ended verify = verify("BTCUSDT-trades-2025-11-20." + form);
            assertThat(verify.code()).as(verify.toString()).isZero();
            assertThat(verify.out()).contains("4,320");
        }
        Path csv = folder.resolve("BTCUSDT-trades-2025-11-20.csv");
        Files.writeString(csv, Files.readString(csv).replaceFirst(",0\\.000", ",0.001"));
        assertThat(verify(csv.toString()).code()).isEqualTo(1);
    }

    @Test
    void browserDrawsThePageWithoutComplaint() throws Exception {
        Assumptions.assumeTrue(isOnPath("chromium"), "chromium is not on this machine");
        bucket().record(
                        "i-1",
                        Trade.made(4_000_000_000L, DAY_MS, DAY_MS + 300_000, 1),
                        trade -> trade.timeMs() > DAY_MS + 100_000 && trade.timeMs() < DAY_MS + 130_000);
        Cli chart = Cli.run(
                "chart",
                "BTCUSDT",
                "--bucket=file:" + folder.resolve("bucket"),
                "--from=2025-11-20",
                "--to=2025-11-20T00:05Z",
                "--out=" + folder.resolve("chart.html"));
        assertThat(chart.code()).as(chart.err()).isZero();
        Path page = folder.resolve("chart.html");
        // The page reports what it has loaded, after a moment for drawing.
        Files.writeString(page, Files.readString(page).replace("</body>", """
                <script>setTimeout(() => { document.title = 'loaded ' + performance.getEntriesByType('resource').length; }, 500);
                </script></body>"""));

        Ended browser = run(List.of(
                "chromium",
                "--headless",
                // Chromium refuses to run as root inside its sandbox; the one page it sees here is ours.
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--enable-logging=stderr",
                "--virtual-time-budget=2000",
                "--dump-dom",
                page.toUri().toString()));

        assertThat(browser.code()).isZero();
        assertThat(browser.out()).contains("<canvas", "<title>loaded 0</title>");
        assertThat(browser.err()).doesNotContain("CONSOLE", "Uncaught");
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
