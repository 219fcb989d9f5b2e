package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What {@code --json} prints on standard output: one document with the members of docs/COMMANDS.md and nothing else, at the
 * log level that logs most. {@code health} is in {@link HealthCommandIT}.
 */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class JsonIT {

    private static final ObjectMapper ONE_DOCUMENT =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Standard error goes to a file, so that what the test reads is standard output. */
    private static final List<String> APART = List.of("sh", "-c", "exec \"$@\" 2>words", "sh");

    @TempDir
    private Path folder;

    /** Standard output. */
    private String output(int code, Map<String, String> environment, String... arguments) throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.put("LOG_LEVEL", "DEBUG");
        try (CollectorProcess process = CollectorProcess.startThrough(APART, folder, all, arguments)) {
            assertThat(process.awaitExit()).as(process.text() + words()).isEqualTo(code);
            return process.text();
        }
    }

    private JsonNode document(int code, Map<String, String> environment, String... arguments) throws Exception {
        return ONE_DOCUMENT.readTree(output(code, environment, arguments));
    }

    /** Standard error of the last command. */
    private String words() throws IOException {
        return Files.readString(folder.resolve("words"));
    }

    @Test
    void demoPrintsItsAccount() throws Exception {
        JsonNode account = document(0, Map.of(), "demo", "--seconds", "2", "--dir", "demo", "--json");

        assertThat(account.fieldNames())
                .toIterable()
                .contains("issued", "stored", "stored_twice", "missing", "problems", "bucket");
        assertThat(account.at("/issued").asLong()).isPositive();
        assertThat(account.at("/missing").asLong(-1)).isZero();
        assertThat(words()).contains("Exchange simulator", "missing 0");
    }

    @Test
    void spoolLsAndCheckPrintWhatTheyFind() throws Exception {
        Path files = SpoolFiles.folder(folder.resolve("spool"), Trades.BTCUSDT);
        Path quarantine = Files.createDirectories(files.resolve("quarantine"));
        Files.writeString(quarantine.resolve("a.bad"), "12345");
        Files.writeString(files.resolve("part-a-1.jsonl.gz"), "no gzip");
        Files.writeString(files.resolve("stranger \"{\u00e4}\n"), "x");

        JsonNode listing = document(0, Map.of(), "spool", "ls", "--dir", "spool", "--json");
        assertThat(listing.at("/folders/0/symbol").asText()).isEqualTo("BTCUSDT");
        assertThat(listing.at("/folders/0/quarantined").asInt()).isEqualTo(1);
        assertThat(listing.at("/folders/0/unknown").asInt()).isEqualTo(1);
        assertThat(listing.fieldNames())
                .toIterable()
                .contains("directory", "parts", "bytes", "folders", "files", "files_left_out");

        JsonNode check = document(1, Map.of(), "spool", "check", "--dir", "spool", "--json");
        assertThat(check.fieldNames())
                .toIterable()
                .contains("directory", "files", "trades", "damaged", "notes", "findings");
        assertThat(check.at("/findings/0/what").asText()).isNotEmpty();
        assertThat(check.at("/findings/0/next").asText()).isNotEmpty();
    }

    @Test
    void doctorPrintsItsChecksAlsoBesideABundle() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false)) {
            Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
            JsonNode checks = document(0, environment, "doctor", "--json", "--bundle", "bundle.zip")
                    .at("/checks");

            assertThat(checks)
                    .hasSizeGreaterThan(3)
                    .allSatisfy(check ->
                            assertThat(check.fieldNames()).toIterable().contains("level", "check", "detail", "remedy"));
            assertThat(words()).contains("Bundle: ");
        }
    }

    @Test
    void doctorPrintsItsChecksWhenOneFails() throws Exception {
        Map<String, String> environment = Map.of(
                "RAW_BUCKET", "file:./bucket",
                "LOCAL_DIR", "spool",
                "WS_URL", "ws://127.0.0.1:1",
                "REST_URL", "http://127.0.0.1:1");

        JsonNode checks = document(1, environment, "doctor", "--json").at("/checks");

        assertThat(checks)
                .anySatisfy(check -> assertThat(check.at("/level").asText()).isEqualTo("fail"))
                .allSatisfy(check -> assertThat(check.at("/remedy").isNull())
                        .isEqualTo(check.at("/level").asText().equals("ok")));
    }

    @Test
    void whatCannotBeDonePrintsNothingOnStandardOutput() throws Exception {
        assertThat(output(2, Map.of("HTTP_PORT", "1"), "health", "--json")).isEmpty();
        assertThat(words()).contains("no collector answers");
        assertThat(output(64, Map.of(), "spool", "ls", "--dir", "nowhere", "--json"))
                .isEmpty();
        assertThat(words()).contains("nowhere");
        assertThat(output(78, Map.of("RAW_BUCKET", "My_Bucket"), "doctor", "--json"))
                .isEmpty();
        assertThat(words()).contains("My_Bucket");
        assertThat(output(64, Map.of(), "demo", "--seconds", "0", "--json")).isEmpty();
        assertThat(words()).contains("--seconds");
    }
}
