package io.marketdata.collector.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SpoolCommandTest {

    @TempDir
    private Path localDir;

    private Path folder;
    private final StringWriter said = new StringWriter();

    @BeforeEach
    void makeFolder() throws IOException {
        folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
    }

    @Test
    void badUsageExitsWith64() {
        assertThat(run("spool")).isEqualTo(64);
        assertThat(said.toString()).contains("ls, check, upload", "See: ");
        assertThat(run("spool", "lss")).isEqualTo(64);
        assertThat(run("spool", "ls", "--limit", "-1")).isEqualTo(64);
        assertThat(run("spool", "ls", "--dir", localDir.resolve("nothing").toString()))
                .isEqualTo(64);
        assertThat(run("spool", "check", "--dir", localDir.toString(), "--symbol", "ETHUSDT"))
                .isEqualTo(64);
        assertThat(said.toString()).contains("ETHUSDT: has no directory");
        assertThat(run("spool", "check", "--dir", localDir.toString(), "--symbol", "../x"))
                .isEqualTo(64);
        assertThat(run("spool", "upload", "--patience", "5 min")).isEqualTo(64);
        assertThat(said.toString()).contains("--patience 5 min", "units ms, s, m, h", "allowed: 1s to 8760h");
    }

    @Test
    void lsShowsApartWhatIsNotABacklog() throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("quarantine")).resolve("a.bad"), "12345");
        Files.writeString(Files.createDirectories(localDir.resolve("unparsed")).resolve("frames-a-5.jsonl"), "123");
        Files.writeString(localDir.resolve("collector.log"), "1234567");
        assertThat(run("spool", "ls", "--dir", localDir.toString())).isZero();
        assertThat(said.toString())
                .contains("not counted against spool.max_bytes: quarantine 5 B, unparsed 3 B, other 7 B");
    }

    @Test
    void reparseOfABucketInS3SaysHowToCopyItFirst() {
        assertThat(run("reparse", "my-bucket")).isEqualTo(64);
        assertThat(said.toString()).contains("aws s3 sync s3://my-bucket/unparsed/ frames/");
    }

    @Test
    void everyCommandShowsAnExample() {
        List<String> without = new ArrayList<>();
        collect(CollectorCommand.commandLine(code -> {}), without);
        assertThat(without).isEmpty();
    }

    private static void collect(CommandLine line, List<String> without) {
        if (!line.getUsageMessage().contains("Example: ")) {
            without.add(line.getCommandName());
        }
        line.getSubcommands().values().forEach(command -> collect(command, without));
    }

    @Test
    void lsListsStateAgeSizeAndTotalsAndChangesNothing() throws Exception {
        long now = Time.SYSTEM.epochMillis();
        Files.writeString(folder.resolve("part-a-" + (now - 2 * 3_600_000 - 60_000) + ".jsonl.gz"), "x".repeat(2_048));
        Files.writeString(folder.resolve("part-a-" + (now - 600_000) + ".jsonl"), "x");
        Files.writeString(folder.resolve("part-a-" + (now - 1_000) + ".jsonl.open"), "x");
        Map<String, String> before = SpoolFiles.everything(localDir);

        assertThat(run("spool", "ls", "--dir", localDir.toString(), "--limit", "2"))
                .isZero();

        assertThat(said.toString().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("BTCUSDT")
                                .contains("2 h 1 min", "2.0 KiB", "packed, not uploaded yet"),
                        line -> assertThat(line).contains("10 min", "1 B", "sealed, not packed yet"),
                        line -> assertThat(line).isEqualTo("… and 1 more"),
                        line -> assertThat(line).isEmpty(),
                        line -> assertThat(line)
                                .contains("3 parts, 2.0 KiB: 1 open, 1 sealed, 1 packed; the oldest 2 h 1 min old"),
                        line -> assertThat(line)
                                .startsWith("Backlog in " + localDir + ": 3 parts, 2.0 KiB, the oldest 2 h 1 min old"),
                        line -> assertThat(line).contains("No process of this machine", "spool upload"));
        assertThat(SpoolFiles.everything(localDir)).isEqualTo(before);
    }

    @Test
    void lsReportsAnEmptyBacklog() throws Exception {
        assertThat(run("spool", "ls", "--dir", localDir.toString())).isZero();
        assertThat(said.toString()).contains("The backlog in " + localDir + " is empty");
    }

    /** An operator who reads that nothing waits wipes the disk. */
    @Test
    void directoryThatContainsASpoolIsNotReportedAsEmpty(@TempDir Path parent) throws Exception {
        Path spool = parent.resolve("lib/spool");
        SpoolFiles.folder(spool, Trades.BTCUSDT);
        assertThat(run("spool", "ls", "--dir", parent.toString())).isEqualTo(1);
        assertThat(said.toString()).contains(parent + " is no spool; did you mean " + spool + "?");
        assertThat(run("spool", "check", "--dir", parent.toString())).isEqualTo(1);
        assertThat(run("spool", "upload", "--dir", parent.toString(), "--to", "b-1"))
                .isEqualTo(1);
        assertThat(said.toString()).contains("did you mean " + spool + "?");
        assertThat(run("spool", "ls", "--dir", spool.resolve("exchange=binance").toString()))
                .isEqualTo(1);
        assertThat(said.toString()).contains("no directory below it is one");
    }

    @Test
    void uploadNamesAWrongBucket() {
        assertThat(run("spool", "upload", "--dir", localDir.toString(), "--to", "s3://B_"))
                .isEqualTo(64);
        assertThat(said.toString()).contains("--to s3://B_", "an S3 bucket name");
    }

    @Test
    void checkExitsWith1WhenAFileIsDamaged() throws Exception {
        Files.writeString(
                folder.resolve("part-a-1.jsonl.open"), SpoolFiles.lines(1, 3, 1_736_950_336_567L) + "{\"torn");
        assertThat(run("spool", "check", "--dir", localDir.toString())).isZero();
        assertThat(said.toString()).contains("note     BTCUSDT part-a-1.jsonl.open: the last line is torn");

        Files.writeString(folder.resolve("part-a-2.jsonl"), "garbage\n");
        assertThat(run("spool", "check", "--dir", localDir.toString())).isEqualTo(1);
        assertThat(said.toString())
                .contains("damaged  BTCUSDT part-a-2.jsonl: line 1", "2 files with 3 trades; 1 damaged, 1 note");
    }

    private int run(String... arguments) {
        said.getBuffer().setLength(0);
        PrintWriter out = new PrintWriter(said);
        return CollectorCommand.commandLine(code -> {}).setOut(out).setErr(out).execute(arguments);
    }
}
