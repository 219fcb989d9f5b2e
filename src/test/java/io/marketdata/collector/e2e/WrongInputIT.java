package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.CollectorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What the jar says to wrong input: the table of docs/WRONG_INPUT.md. To renew it after a message has changed: run this test
 * and copy {@code target/wrong-input.md} over it. To add a row: one line in {@link #rows}.
 */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
@Order(7)
class WrongInputIT {

    private static final Path DOCUMENT = Path.of("docs/WRONG_INPUT.md");

    /** Words of which each answer has at least one: they say what to do. */
    private static final String REMEDY =
            "allowed|did you mean|See: |[Ss]et |choose|[Gg]ive |needs |takes |commands: |example|create|correct|remove";

    @TempDir
    private Path folder;

    private final List<Row> rows = new ArrayList<>();

    /** Makes files in the working directory of a row. */
    private interface Setup {
        void in(Path directory) throws IOException;
    }

    /**
     * One wrong input.
     *
     * @param names what the answer must contain: the option or variable, and its value
     */
    private record Row(
            String shown,
            Map<String, String> environment,
            Setup setup,
            String arguments,
            int code,
            List<String> names) {}

    /** An answer, with its paths made equal on every machine. */
    private record Answer(Row row, int code, List<String> lines) {}

    private void usage(String arguments, String... names) {
        rows.add(new Row("`" + arguments + "`", Map.of(), directory -> {}, arguments, 64, List.of(names)));
    }

    private void variable(String name, String value) {
        rows.add(new Row("`" + name + "=" + value + "`", Map.of(name, value), directory -> {}, "", 78, List.of(name)));
    }

    private void file(String shown, Setup setup, String... names) {
        rows.add(new Row(shown, Map.of(), setup, "", 78, List.of(names)));
    }

    private void command(String arguments, Map<String, String> environment, Setup setup, int code, String... names) {
        String variables = environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue() + " ")
                .collect(Collectors.joining());
        rows.add(new Row("`" + variables + arguments + "`", environment, setup, arguments, code, List.of(names)));
    }

    private void rows() {
        usage("demmo", "demmo", "demo");
        usage("--colect", "--colect");
        usage("collect", "collect");
        usage("--seconds 5 demo", "--seconds", "demo");
        usage("@arguments", "@arguments");
        usage("-x", "-x");
        usage("--until-input-ends=maybe", "--until-input-ends");
        usage("help demmo", "demmo", "demo");
        usage("help spool lss", "lss", "ls");
        usage("demo --second 5", "--second", "--seconds");
        usage("demo --seconds", "--seconds");
        usage("demo --seconds=", "--seconds");
        usage("demo --seconds abc", "--seconds", "abc", "3600");
        usage("demo --seconds 0", "--seconds", "0", "3600");
        usage("demo --seconds 99999999999", "--seconds", "99999999999");
        usage("demo --seconds 5 --seconds 6", "--seconds");
        usage("demo --seconds 3 --faults", "--seconds", "3", "--faults");
        usage("demo --faults=maybe", "--faults");
        usage("demo --rate NaN", "--rate", "NaN");
        usage("demo --rate 1,5", "--rate", "1,5");
        usage("demo --dir --faults", "--dir");
        usage("demo BTCUSDT", "BTCUSDT");
        usage("demo -- --faults", "--faults");
        usage("simulate --profile flatt", "--profile", "flatt", "flat");
        usage("simulate --port 70000", "--port", "70000", "65535");
        usage("simulate --port http", "--port", "http");
        usage("simulate --endpoints 0", "--endpoints", "0", "16");
        usage("simulate --symbol BTC-USDT", "--symbol", "BTC-USDT");
        usage("simulate --speed fast", "--speed", "fast");
        usage("spool", "ls", "check", "upload");
        usage("spool list", "list");
        usage("spool ls --limit -1", "--limit", "-1");
        usage("spool ls --dir nowhere", "--dir", "nowhere");
        usage("spool check --symbol ../etc", "--symbol", "../etc");
        usage("spool upload --patience soon", "--patience", "soon", "ms, s, m, h");
        usage("spool upload --patience 0s", "--patience", "0s");
        usage("doctor --outage 5", "--outage", "5", "ms, s, m, h");
        usage("doctor --outage 99999h", "--outage", "99999h");
        usage("reparse", "DIR");
        usage("reparse nowhere", "nowhere");
        usage("reparse here there", "there");
        usage("backfill", "--symbol");
        usage("backfill --symbol BTCUSDT", "--from", "--from-id");
        usage("backfill --symbol BTCUSDT --from yesterday --to 2026-11-20", "--from", "yesterday");
        usage("backfill --symbol BTCUSDT --from 2026-11-20T10:00 --to 2026-11-21", "--from", "2026-11-20T10:00", "Z");
        usage("backfill --symbol BTCUSDT --from 2026-11-21 --to 2026-11-20", "--from", "--to", "2026-11-21");
        usage("backfill --symbol BTCUSDT --from-id 9 --to-id 3", "--from-id", "9", "3");
        usage("backfill --symbol BTCUSDT --from-id -1 --to-id 3", "--from-id", "-1");
        usage("backfill --symbol BTCUSDT --from-id 1 --to-id 9223372036854775808", "--to-id", "9223372036854775808");
        usage("backfill --symbol BTCUSDT --from-id 1 --from 2026-11-20 --to-id 3", "--from", "--from-id");
        usage("health --liv", "--liv", "--live");

        variable("RAW_BUCKET", "");
        variable("RAW_BUCKET", "My_Bucket");
        variable("RAW_BUCKET", "s3://my-bucket/raw");
        variable("RAW_BUCKET", "file:");
        variable("SYMBOL", "../../etc");
        variable("SYMBOL", "BTCUSDT,BTCUSDT");
        variable("ROT_BYTES", "abc");
        variable("ROT_BYTES", "1");
        variable("ROT_SECS", "-5");
        variable("ROT_SECS", "5s");
        variable("INSTANCE_ID", "tokyo 1");
        variable("INSTANCE_ID", "tokyo-rest");
        variable("WS_URL", "https://stream.binance.com");
        variable("WS_URL", "ws://stream.example.com");
        variable("WS_CONNECTIONS", "0");
        variable("WS_CONNECTIONS", "two");
        variable("REST_URL", "ftp://api.binance.com");
        variable("HTTP_PORT", "70000");
        variable("LOG_LEVEL", "LOUD");
        variable("CLOUDWATCH_METRICS", "yes");
        variable("AWS_ENDPOINT_URL_S3", "minio:9000");
        variable("BINANCE_API_KEY", "short");
        variable("COLLECTOR_CONFIG", "nowhere.yaml");
        variable("LOCAL_DIR", "a-file/spool");

        file("`.env` with `SYMBOLS=ETHUSDT`", write(".env", "SYMBOLS=ETHUSDT\n"), ".env", "SYMBOLS");
        file("`.env` with a line without `=`", write(".env", "SYMBOL BTCUSDT\n"), ".env");
        String yaml = "configs/collector.yaml";
        file("YAML `spool: {fsync_intervall: 1s}`", write(yaml, "spool:\n  fsync_intervall: 1s\n"), "fsync_intervall");
        file("YAML `spool: {fsync_interval: soon}`", write(yaml, "spool:\n  fsync_interval: soon\n"), "soon");
        file("YAML that is none", write(yaml, "spool: [\n"), "collector.yaml");

        Setup used = write("spool/keep.txt", "x");
        command("spool ls --dir spool", Map.of(), used, 1, "spool");
        command("demo --dir spool", Map.of(), used, 64, "--dir", "spool");
        command("doctor --bundle spool/keep.txt", Map.of(), used, 64, "--bundle", "keep.txt");
        command("spool upload --to s3://My_Bucket", Map.of(), used, 64, "--to", "My_Bucket");
        command("spool ls", Map.of("LOCAL_DIR", "a-file/spool"), directory -> {}, 78, "LOCAL_DIR");
        command("health", Map.of("HTTP_PORT", "0"), directory -> {}, 2, "HTTP_PORT");
        command("health", Map.of("HTTP_PORT", "1"), directory -> {}, 2, "HTTP_PORT", "1");
        command("health --json", Map.of("HTTP_PORT", "many"), directory -> {}, 78, "HTTP_PORT", "many");
    }

    private static Setup write(String name, String content) {
        return directory -> {
            Path file = directory.resolve(name);
            Files.createDirectories(file.resolve("..").normalize());
            Files.writeString(file, content);
        };
    }

    @Test
    void everyAnswerSaysWhatIsWrongWithWhatAndWhatToDo() throws Exception {
        rows();
        assertThat(rows).hasSizeGreaterThanOrEqualTo(60);
        List<Answer> answers = answers();
        List<String> wrong = new ArrayList<>();
        answers.forEach(answer -> check(answer, wrong));
        String table = table(answers);
        Files.writeString(Path.of("target/wrong-input.md"), table);

        assertThat(wrong).isEmpty();
        assertThat(Files.readString(DOCUMENT))
                .as("copy target/wrong-input.md over " + DOCUMENT)
                .isEqualTo(table);
    }

    private List<Answer> answers() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Answer>> running = new ArrayList<>();
            for (Row row : rows) {
                running.add(threads.submit(() -> answer(row)));
            }
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> each : running) {
                answers.add(each.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    private Answer answer(Row row) throws Exception {
        Path home = Files.createTempDirectory(folder, "row");
        Files.createFile(home.resolve("a-file"));
        row.setup().in(home);
        Map<String, String> environment = new HashMap<>();
        environment.put("RAW_BUCKET", "file:./bucket");
        environment.put("LOCAL_DIR", home.resolve("spool").toString());
        environment.putAll(row.environment());
        String[] arguments =
                row.arguments().isEmpty() ? new String[0] : row.arguments().split(" ");
        try (CollectorProcess process = CollectorProcess.start(home, environment, arguments)) {
            int code = process.awaitExit();
            String text = process.text()
                    .replace(home.toRealPath().toString(), "/here")
                    .replace(home.toString(), "/here");
            return new Answer(row, code, text.lines().toList());
        }
    }

    private static void check(Answer answer, List<String> wrong) {
        String text = String.join("\n", answer.lines());
        String input = answer.row().shown() + " -> " + text;
        if (answer.code() != answer.row().code()) {
            wrong.add(
                    "exit code " + answer.code() + " instead of " + answer.row().code() + ": " + input);
        }
        answer.row().names().stream()
                .filter(name -> !text.contains(name))
                .forEach(name -> wrong.add("no " + name + ": " + input));
        if (!text.matches("(?s).*(" + REMEDY + ").*")) {
            wrong.add("no remedy: " + input);
        }
        if (answer.lines().isEmpty() || answer.lines().size() > 6) {
            wrong.add(answer.lines().size() + " lines: " + input);
        }
        if (text.matches("(?s).*(\\bat [a-z]+\\.[a-z.]+[A-Z]|[a-z]Exception|java\\.|\\w+\\[\\w+=|\\bPT\\d).*")) {
            wrong.add("Java in the text: " + input);
        }
    }

    private static String table(List<Answer> answers) {
        StringBuilder table = new StringBuilder("""
                # Wrong input

                What the collector answers to wrong input: the input, what it says, and the exit code. The table is
                generated by running the jar; a test compares it. Answers to wrong arguments have a second line that
                names the help of the command; it is left out here. Paths begin with the working directory, `/here`.

                Exit codes: 64 wrong arguments, 78 wrong settings, 1 found something wrong, 2 could not look.

                | input | answer | code |
                |---|---|---|
                """);
        for (Answer answer : answers) {
            String text = answer.lines().stream()
                    .filter(line -> !line.startsWith("See: "))
                    .map(line -> line.replace("&", "&amp;")
                            .replace("<", "&lt;")
                            .replace("|", "\\|")
                            .replace("*", "\\*"))
                    .collect(Collectors.joining("<br>"));
            table.append("| ").append(answer.row().shown()).append(" | ").append(text);
            table.append(" | ").append(answer.code()).append(" |\n");
        }
        return table.toString();
    }
}
