package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.CollectorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
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

    /** A password, which no answer may repeat. */
    private static final String SECRET = "s3cret";

    /** In place of an exit code: the input was accepted. */
    private static final int STILL_RUNNING = -1;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

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
        variables(name + "=" + value, name);
    }

    /** Several variables, as a shell takes them. */
    private void variables(String assignments, String... names) {
        Map<String, String> environment = new HashMap<>();
        for (String assignment : assignments.split(" (?=[A-Z_0-9]+=)")) {
            String[] parts = assignment.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        rows.add(new Row("`" + assignments + "`", environment, directory -> {}, "", 78, List.of(names)));
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
        arguments();
        settings();
        proxies();
        stores();
        files();
        commands();
    }

    private void arguments() {
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
        usage("tail --since yesterday", "--since", "yesterday");
        usage("tail --spool nowhere", "--spool", "nowhere");
        usage("health --liv", "--liv", "--live");
    }

    private void settings() {
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
        variable("WS_URL", "wss://stream.binance.com:9443/ws/btcusdt@trade");
        variable("REST_URL", "https://api.binance.com/api/v3/trades");
        variable("HTTP_HOST", "http://0.0.0.0");
        variable("WS_FALLBACK_URL", "data-stream.binance.vision");
        variable("CLOUDWATCH_NAMESPACE", "AWS/mine");
        variables("WS_URL=wss://stream.testnet.binance.vision REST_URL=https://api.binance.com", "WS_URL", "REST_URL");
    }

    private void proxies() {
        variable("HTTPS_PROXY", "socks5://proxy.example.com:1080");
        variable("HTTPS_PROXY", "https://proxy.example.com:3128");
        variable("HTTPS_PROXY", "http://");
        variable("HTTPS_PROXY", "http://me:" + SECRET + "@proxy.example.com:99999");
        variable("HTTP_PROXY", "proxy.example.com:99999");
        variable("ALL_PROXY", "socks5://127.0.0.1:1080");
        variable("ALL_PROXY", "http://me:" + SECRET + "%@proxy.example.com");
        variable("NO_PROXY", "10.0.0.0/99");
        variables("NO_PROXY=https://example.com", "NO_PROXY", "URL");
        variables("https_proxy=socks4://127.0.0.1", "https_proxy");
    }

    private void stores() {
        variable("RAW_BUCKET", "https://my-bucket.s3.amazonaws.com/");
        variable("RAW_BUCKET", "file:./spool");
        variable("S3_ENCRYPTION", "foo");
        variable("S3_ENCRYPTION", "aws:kms:");
        variable("S3_ADDRESSING", "host");
        variable("S3_CONDITIONAL_PUT", "maybe");
        variable("S3_CHECKSUM", "md5");
        variable("ALLOW_HTTP_ENDPOINT", "maybe");
        variable("AWS_REGION", "eu-west-1a");
        String ip = "AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000";
        variables("RAW_BUCKET=my-bucket S3_ADDRESSING=virtual " + ip, "S3_ADDRESSING", "127.0.0.1");
        String open = "http://203.0.113.7:9000";
        variables(
                "RAW_BUCKET=my-bucket AWS_ENDPOINT_URL_S3=" + open, "AWS_ENDPOINT_URL_S3", "203.0.113.7", "ALLOW_HTTP");
        variables("RAW_BUCKET=my-bucket AWS_ENDPOINT_URL=" + open, "AWS_ENDPOINT_URL", "203.0.113.7", "ALLOW_HTTP");
        variables("RAW_BUCKET=my-bucket AWS_MAX_ATTEMPTS=abc", "AWS_MAX_ATTEMPTS", "abc");
        variables("RAW_BUCKET=my-bucket AWS_USE_FIPS_ENDPOINT=maybe", "AWS_USE_FIPS_ENDPOINT", "maybe", "true");
        variables("RAW_BUCKET=my-bucket AWS_REGION=eu-west-1 AWS_PROFILE=nosuch", "AWS_PROFILE", "nosuch");
    }

    private void files() {
        file("`.env` with `SYMBOLS=ETHUSDT`", write(".env", "SYMBOLS=ETHUSDT\n"), ".env", "SYMBOLS");
        file("`.env` with a line without `=`", write(".env", "SYMBOL BTCUSDT\n"), ".env");
        String yaml = "configs/collector.yaml";
        file("YAML `spool: {fsync_intervall: 1s}`", write(yaml, "spool:\n  fsync_intervall: 1s\n"), "fsync_intervall");
        file("YAML `spool: {fsync_interval: soon}`", write(yaml, "spool:\n  fsync_interval: soon\n"), "soon");
        file("YAML that is none", write(yaml, "spool: [\n"), "collector.yaml");
        file("YAML `spool: {fsync_interval: }`", write(yaml, "spool:\n  fsync_interval:\n"), "fsync_interval");
        file("YAML `spool: 1s`", write(yaml, "spool: 1s\n"), "spool", "section");
        file("YAML `feed: [1, 2]`", write(yaml, "feed: [1, 2]\n"), "feed");
        file("YAML `RAW_BUCKET: my-bucket`", write(yaml, "RAW_BUCKET: my-bucket\n"), "RAW_BUCKET");
        String twice = "spool:\n  fsync_interval: 1s\n  fsync_interval: 2s\n";
        file("YAML with `fsync_interval` twice", write(yaml, twice), "line 3", "fsync_interval");
        file("YAML with a tab", write(yaml, "spool:\n\tfsync_interval: 1s\n"), "line 2", "TAB");
        file("`.env` with `SYMBOL` twice", write(".env", "SYMBOL=BTCUSDT\nSYMBOL=ETHUSDT\n"), "line 2", "SYMBOL");
        file("`.env` that is a directory", write(".env/a-file", ""), ".env");
        variable("COLLECTOR_CONFIG", ".");
        Setup profiles = write("aws-config", "[default\n");
        Map<String, String> bucket = Map.of("RAW_BUCKET", "my-bucket");
        rows.add(new Row("`AWS_CONFIG_FILE` with `[default`", bucket, profiles, "", 78, List.of("aws-config")));
    }

    private void commands() {
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

    @Test
    void everyVariableHasARow() throws Exception {
        rows();
        List<String> variables = Pattern.compile("(?m)^#? ?([A-Z][A-Z0-9_]+)=")
                .matcher(Files.readString(Path.of(".env.example")))
                .results()
                .map(match -> match.group(1) + "=")
                .toList();

        assertThat(variables).hasSizeGreaterThan(20);
        assertThat(rows.stream().map(Row::shown).collect(Collectors.joining("\n")))
                .contains(variables);
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
        environment.put("WS_URL", "ws://127.0.0.1:1");
        environment.put("REST_URL", "http://127.0.0.1:1");
        environment.put("AWS_CONFIG_FILE", home.resolve("aws-config").toString());
        environment.put(
                "AWS_SHARED_CREDENTIALS_FILE", home.resolve("aws-credentials").toString());
        environment.putAll(row.environment());
        String[] arguments =
                row.arguments().isEmpty() ? new String[0] : row.arguments().split(" ");
        try (CollectorProcess process = CollectorProcess.start(home, environment, arguments)) {
            int code = process.endsWithin(PATIENCE) ? process.awaitExit() : STILL_RUNNING;
            String text = process.text()
                    .replace(home.toRealPath().toString(), "/here")
                    .replace(home.toString(), "/here");
            text = text.replaceAll("(?m)^.* - collector - (INFO|WARN) - .*\\R?", "")
                    .replaceAll("(?m)^\\S+ \\S+ - collector - ", "");
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
        if (text.contains(SECRET)) {
            wrong.add("a password: " + input);
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
                names the help of the command; it is left out here, as are log lines below ERROR. Paths begin with the
                working directory, `/here`.

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
