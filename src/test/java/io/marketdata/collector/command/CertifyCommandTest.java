package io.marketdata.collector.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** From keygen over verify to certify, on buckets in directories. */
class CertifyCommandTest {

    private static final String HOUR = "--from 2025-01-15T10:00Z --to 2025-01-15T11:00Z";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path dir;

    @BeforeEach
    void record() throws IOException {
        long fromMs = Instant.parse("2025-01-15T10:00:00Z").toEpochMilli();
        List<Issued> issued = RecordedDay.issued(1_000, fromMs, fromMs + 3_600_000, 600_000);
        new RecordedDay(Trades.BTCUSDT, "i-1", 60).record(issued, id -> false).writeTo(dir.resolve("bucket"));
        new RecordedDay(Trades.BTCUSDT, "i-1", 60)
                .record(issued, id -> id == 1_002)
                .writeTo(dir.resolve("gap"));
    }

    /** Runs a command, in which {@code $} is the directory of the test; returns its exit code. */
    private int run(String arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = CollectorCommand.commandLine(code -> {})
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return line.execute(arguments.replace("$", dir.toString()).split(" "));
    }

    private void certified() {
        assertThat(run("keygen --out $/key")).isZero();
        assertThat(run("verify --deep --bucket file:$/bucket --symbol BTCUSDT " + HOUR
                        + " --certificate $/c.json --sign $/key"))
                .isZero();
    }

    private List<Path> parts(String bucket) throws IOException {
        try (Stream<Path> files = Files.walk(dir.resolve(bucket))) {
            return files.filter(file -> file.toString().endsWith(".gz"))
                    .sorted()
                    .toList();
        }
    }

    private String key(Path part) {
        return dir.resolve("bucket").relativize(part).toString();
    }

    private String lastLine() {
        String[] lines = out.toString().split("\n");
        return lines[lines.length - 1];
    }

    @Test
    void certifiedHourIsProvenOfflineAndInTheBucket() throws IOException {
        certified();
        assertThat(out.toString())
                .contains("certificate: " + dir.resolve("c.json") + ", 6 parts, signed by ")
                .contains(", digest ");

        assertThat(run("certify $/c.json --key $/key.pub")).isZero();
        assertThat(lastLine()).startsWith("PROVEN, the certificate alone").contains("6 trades, ids 1000 to 1005");
        assertThat(run("certify $/c.json --key $/key.pub --bucket file:$/bucket"))
                .isZero();
        assertThat(lastLine()).startsWith("PROVEN, every part is as certified: BTCUSDT 2025-01-15T10:00:00Z");
        assertThat(run("certify $/c.json --json --bucket file:$/bucket")).isZero();
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("result").textValue()).isEqualTo("proven");
        assertThat(document.get("verdict").textValue()).isEqualTo("complete");
        assertThat(Files.readString(dir.resolve("c.json")))
                .contains(document.get("public_key").textValue());
    }

    @Test
    void firstDifferenceIsNamedAndEndsWithOne() throws IOException {
        certified();
        List<Path> parts = parts("bucket");
        Files.writeString(parts.get(1), "x");
        Files.delete(parts.get(4));

        assertThat(run("certify $/c.json --bucket file:$/bucket")).isEqualTo(1);
        assertThat(out.toString()).contains("\nmissing: " + key(parts.get(4)) + "; ids 1004 to 1004");
        assertThat(lastLine()).startsWith("DIFFERS, the first difference: altered: " + key(parts.get(1)));
        assertThat(run("certify $/c.json")).as("the certificate alone").isZero();
        assertThat(run("certify $/c.json --json --bucket file:$/bucket")).isEqualTo(1);
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.get("result").textValue()).isEqualTo("differs");
        assertThat(document.get("differences")).hasSize(2);
    }

    @Test
    void signatureThatIsMissingOrByAnotherKeyEndsWithOne() {
        certified();
        run("keygen --out $/other");

        assertThat(run("certify $/c.json --key $/other.pub")).isEqualTo(1);
        assertThat(lastLine()).startsWith("DIFFERS, the first difference: it is signed by ");
        run("verify --bucket file:$/bucket --symbol BTCUSDT " + HOUR + " --certificate $/plain.json");
        assertThat(run("certify $/plain.json")).isZero();
        assertThat(out.toString()).contains("signed: no\n").contains(", from the manifests of the parts");
        assertThat(run("certify $/plain.json --key $/key.pub")).isEqualTo(1);
        assertThat(lastLine()).startsWith("DIFFERS, the first difference: it is not signed");
    }

    @Test
    void changedCertificateEndsWithOneAndTheBucketIsNotRead() throws IOException {
        certified();
        String text = Files.readString(dir.resolve("c.json"));
        Files.writeString(dir.resolve("c.json"), text.replaceFirst("\"count\":1,", "\"count\":2,"));

        assertThat(run("certify $/c.json --bucket file:$/nowhere")).isEqualTo(1);
        assertThat(lastLine()).startsWith("DIFFERS, the first difference: the list of parts was changed");
    }

    @Test
    void incompleteHourIsCertifiedAsIncomplete() {
        assertThat(run("verify --bucket file:$/gap --symbol BTCUSDT " + HOUR + " --certificate $/c.json"))
                .isEqualTo(1);
        assertThat(run("certify $/c.json --bucket file:$/gap")).isZero();
        assertThat(lastLine())
                .startsWith("PROVEN")
                .contains("NOT COMPLETE, 5 trades")
                .contains("1 trade missing in 1 gap, 0 problems");
    }

    @Test
    void whatCannotBeReadEndsWithTwo() throws IOException {
        certified();
        assertThat(run("certify $/none.json")).isEqualTo(2);
        assertThat(err.toString()).contains("cannot be read as a certificate: there is no such file");
        Files.writeString(dir.resolve("text"), "hello");
        assertThat(run("certify $/text")).isEqualTo(2);
        Files.writeString(
                dir.resolve("later"),
                Files.readString(dir.resolve("c.json")).replace("\"version\":\"1\"", "\"version\":\"2\""));
        assertThat(run("certify $/later")).isEqualTo(2);
        assertThat(err.toString()).contains("a certificate of another version than 1");
    }

    @Test
    void nothingIsCertifiedThatIsNotKnownOrNotRecorded() throws IOException {
        assertThat(run("verify --bucket file:$/bucket --symbol ETHUSDT " + HOUR + " --certificate $/c.json"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("No certificate was written, because no trade is recorded");
        Path part = parts("bucket").get(2);
        Path manifest = part.resolveSibling(
                String.valueOf(part.getFileName()).replace("part-", "manifest-").replace(".jsonl.gz", ".json"));
        Files.writeString(manifest, "{");
        assertThat(run("verify --bucket file:$/bucket --symbol BTCUSDT " + HOUR + " --certificate $/c.json"))
                .isEqualTo(2);
        assertThat(out.toString()).contains("No certificate was written, because something could not be looked at");
        assertThat(dir.resolve("c.json")).doesNotExist();
    }

    /** A night between the two clocks would make another day of it. */
    @Test
    void yesterdayIsPublishedSignedWithTheExitCodeOfVerifyAndReplacedByTheNextRun() throws IOException {
        Period yesterday = Period.yesterday(System.currentTimeMillis());
        Path bucket = dir.resolve("published");
        List<RecordedDay.Issued> issued = RecordedDay.issued(700, yesterday.fromMs(), yesterday.toMs(), 600_000);
        new RecordedDay(Trades.BTCUSDT, "i-1", 60)
                .record(issued, id -> id == 750)
                .writeTo(bucket);
        String verify = "verify --bucket file:$/published --symbol BTCUSDT --day yesterday --publish --sign $/key";
        String folder = "quality/exchange=binance/symbol=BTCUSDT/dt=" + yesterday + "/";
        assertThat(run("keygen --out $/key")).isZero();

        assertThat(run(verify)).isEqualTo(1);

        assertThat(out.toString()).contains("Published: " + folder);
        assertThat(bucket.resolve(folder + "report.html")).content().contains("NOT COMPLETE");
        assertThat(bucket.resolve(folder + "report.json")).content().contains("\"verdict\":\"incomplete\"");

        new RecordedDay(Trades.BTCUSDT, "i-2", 60).record(issued, id -> false).writeTo(bucket);
        assertThat(run(verify)).isZero();
        assertThat(run("certify $/published/" + folder + "certificate.json --key $/key.pub --bucket file:$/published"))
                .isZero();
        assertThat(bucket.resolve(folder + "report.json")).content().contains("\"verdict\":\"complete\"");
    }

    @Test
    void whatCannotBePublishedIsAnErrorOfItsOwn() throws IOException {
        Period yesterday = Period.yesterday(System.currentTimeMillis());
        Path bucket = dir.resolve("published");
        new RecordedDay(Trades.BTCUSDT, "i-1", 60)
                .record(RecordedDay.issued(700, yesterday.fromMs(), yesterday.toMs(), 600_000), id -> false)
                .writeTo(bucket);
        Files.writeString(bucket.resolve("quality"), "a file where a folder should be");

        assertThat(run("verify --bucket file:$/published --symbol BTCUSDT --day yesterday --publish"))
                .isEqualTo(74);

        assertThat(err.toString()).contains("--publish of BTCUSDT " + yesterday + " failed: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--symbol BTCUSDT,ETHUSDT --day 2025-01-15 --certificate $/x | 2 symbols and 1 day",
                "--symbol BTCUSDT --from 2025-01-15 --to 2025-01-17 --certificate $/x | 1 symbol and 2 days",
                "--symbol BTCUSDT --day 2025-01-15 --instance i-1 --certificate $/x | leave out --instance",
                "--symbol BTCUSDT --day 2125-01-15 --certificate $/x | for a period that is over",
                "--symbol BTCUSDT --day 2025-01-15 --certificate $/bucket | exists and is not overwritten",
                "--symbol BTCUSDT --day 2025-01-15 --certificate $/none/x | there is no such directory",
                "--symbol BTCUSDT --day 2025-01-15 --sign $/key | give --certificate FILE or --publish as well",
                "--symbol BTCUSDT --day 2025-01-15 --certificate $/x --sign $/none | there is no file",
                "--symbol BTCUSDT --day 2025-01-15 --certificate $/x --sign $/open | chmod 600",
                "--symbol BTCUSDT --day 2125-01-15 --publish | whole UTC days that are over, and 2125-01-15 is not",
                "--symbol BTCUSDT --from 2025-01-15T01:00Z --to 2025-01-15T02:00Z --publish | give --day",
                "--symbol BTCUSDT --day 2025-01-15 --instance i-1 --publish | leave out --instance",
                "--symbol BTCUSDT --day 2025-01-15 --publish --sign $/open | chmod 600",
            })
    void whatCannotBecomeACertificateIsRefusedBeforeAnythingIsRead(String arguments, String message)
            throws IOException {
        Files.writeString(dir.resolve("open"), "x");
        Files.setPosixFilePermissions(dir.resolve("open"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(run("verify --bucket file:$/bucket " + arguments)).isEqualTo(64);
        assertThat(err.toString()).contains(message);
        assertThat(out.toString()).isEmpty();
        assertThat(dir.resolve("x")).doesNotExist();
    }

    @Test
    void keyIsNotOverwritten() throws IOException {
        assertThat(run("keygen --out $/key")).isZero();
        String before = Files.readString(dir.resolve("key"));
        assertThat(out.toString()).containsPattern("public key: [0-9a-f]{64}\n");

        assertThat(run("keygen --out $/key")).isEqualTo(64);
        assertThat(err.toString()).contains("exists and is not overwritten; give another name");
        assertThat(run("keygen --out $/none/key")).isEqualTo(64);
        assertThat(err.toString()).contains("there is no such directory");
        assertThat(dir.resolve("key")).hasContent(before.strip());
    }
}
