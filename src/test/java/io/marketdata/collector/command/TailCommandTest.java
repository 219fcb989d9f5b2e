package io.marketdata.collector.command;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TailCommandTest {

    private static final long T = 1_736_950_335_007L;

    @TempDir
    private Path localDir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private void spool(String lines) throws IOException {
        Files.writeString(SpoolFiles.folder(localDir, BTCUSDT).resolve("part-a-" + T + ".jsonl"), lines);
    }

    private int run(String... arguments) {
        return CollectorCommand.commandLine(code -> {})
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private int tail(String... more) {
        String[] all = new String[5 + more.length];
        String[] first = {"tail", "--symbol", "BTCUSDT", "--spool", localDir.toString()};
        System.arraycopy(first, 0, all, 0, 5);
        System.arraycopy(more, 0, all, 5, more.length);
        return run(all);
    }

    private static String line(long id, String price, String maker) {
        return "{\"e\":\"trade\",\"E\":" + T + ",\"s\":\"BTCUSDT\",\"t\":" + id + ",\"p\":" + price
                + ",\"q\":\"0.00100000\",\"T\":" + T + ",\"m\":" + maker + ",\"M\":true,\"recv_us\":5}\n";
    }

    @Test
    void tradeIsALineOfAlignedColumns() throws IOException {
        spool(line(7, "\"61837.63000000\"", "true") + line(10, "\"9.10000000\"", "false"));
        assertThat(tail("--since", "2025-01-15")).isZero();
        assertThat(out.toString()).isEqualTo("""
                        2025-01-15T14:12:15.007Z  BTCUSDT  SELL   61837.63000000     0.00100000  7
                        2025-01-15T14:12:15.007Z  BTCUSDT  BUY        9.10000000     0.00100000  10
                        """);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void textFromOutsideIsEscaped() throws IOException {
        String hostile = "\"\u009b2J\u007f" + "9".repeat(200) + "\"";
        spool(line(7, hostile, "\"\u202e\"") + "{\"e\":\"trade\",\"s\":\"BTCUSDT\",\"t\":8,\"T\":" + T + "}\n");
        assertThat(tail("--since", "2025-01-15")).isZero();
        assertThat(out.toString())
                .contains("\\u009b2J\\u007f9999")
                .contains("  -  ")
                .matches("[\\n -~]*");
        assertThat(out.toString().lines()).hasSize(2);
    }

    @Test
    void storedLinesAreExactlyAsStored() throws IOException {
        String odd = "{ \"t\" : 7, \"e\":\"trade\",\t\"s\":\"BTCUSDT\",\"T\":" + T + ",\"x\":\"\u5e01\\u0041\" }\n";
        spool(odd + Trades.line(8, T));
        assertThat(tail("--since", "2025-01-15", "--json")).isZero();
        assertThat(out.toString()).isEqualTo(odd + Trades.line(8, T));
    }

    @Test
    void nothingFoundSaysWhereItLookedAndWhatToDo() throws IOException {
        spool(Trades.line(8, T));
        long before = Time.SYSTEM.epochMillis();
        assertThat(tail()).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .startsWith("No trade of BTCUSDT since 2")
                .contains(localDir + "/exchange=binance/stream=trade/symbol=BTCUSDT", "--since 1h", "--follow");
        String since = err.toString().split(" ")[5];
        assertThat(Instant.parse(since).toEpochMilli()).isBetween(before - 60_000, Time.SYSTEM.epochMillis() - 60_000);
    }

    @Test
    void spoolAndBucketTogetherShowWhatEitherHas() throws IOException {
        spool(Trades.line(8, T));
        Path bucket = localDir.resolveSibling(localDir.getFileName() + "-bucket");
        Path folder = Files.createDirectories(
                bucket.resolve("raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12"));
        Files.write(
                folder.resolve("part-a-" + T + ".jsonl.gz"),
                SpoolFiles.gzip(Trades.line(8, T) + Trades.line(9, T) + Trades.line(10, T)));
        assertThat(tail("--since", "2025-01-15T14:00Z", "--bucket", "file:" + bucket, "--json"))
                .isZero();
        assertThat(out.toString()).isEqualTo(Trades.line(8, T) + Trades.line(9, T) + Trades.line(10, T));
    }

    @Test
    void wrongOptionsExitWith64() {
        assertThat(tail("--since", "yesterday")).isEqualTo(64);
        assertThat(err.toString()).contains("--since yesterday: not a time; allowed: 2026-11-20");
        assertThat(run("tail", "--symbol", "../x")).isEqualTo(64);
        assertThat(run("tail", "--bucket", "s3://B_")).isEqualTo(64);
        assertThat(run("tail", "--spool", localDir.resolve("none").toString())).isEqualTo(64);
        assertThat(err.toString()).contains("is not a directory; give it the LOCAL_DIR of a collector");
    }
}
