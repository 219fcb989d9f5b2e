package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.route.ProxyRule;
import io.marketdata.collector.route.S3Dialect;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsLoaderTest {

    @TempDir
    Path directory;

    @Test
    void proxiesAreReadFromVariablesInEitherCase() throws Exception {
        Map<String, String> set =
                Map.of("https_proxy", "u:p@secure:1", "ALL_PROXY", "http://all:2", "no_proxy", ".example.com");
        Map<String, String> environment = new java.util.HashMap<>(set);
        environment.put("RAW_BUCKET", "my-trades");
        environment.put("LOCAL_DIR", directory.resolve("spool").toString());
        SettingsLoader loader = new SettingsLoader(environment, directory);
        ProxyRule proxies = loader.load().routes().proxies();
        assertThat(proxies.describe(URI.create("https://a.invalid")))
                .isEqualTo("through proxy secure:1 with a password (HTTPS_PROXY)");
        assertThat(proxies.describe(URI.create("http://a.invalid"))).isEqualTo("through proxy all:2 (ALL_PROXY)");
        assertThat(proxies.describe(URI.create("https://a.example.com"))).isEqualTo("directly");
        assertThat(proxies.describe(URI.create("http://127.0.0.1:9000"))).isEqualTo("directly");
    }

    @Test
    void everythingButTheBucketHasADefault() throws Exception {
        Path spool = Path.of(SettingsTable.LOCAL_DIR.defaultText());
        Assumptions.assumeTrue(
                Files.isWritable(Files.exists(spool) ? spool : spool.getParent()), spool + " belongs to another user");

        Settings settings = new SettingsLoader(Map.of("RAW_BUCKET", "my-trades"), directory).load();

        assertThat(settings)
                .isEqualTo(new Settings(
                        List.of(new Symbol("BTCUSDT")),
                        new InstanceId("local-001"),
                        new StoreTarget.S3("my-trades", null, null),
                        new Settings.Routes(ProxyRule.DIRECT, false, null, null),
                        new Settings.Feed(
                                List.of(URI.create("wss://stream.binance.com:9443")),
                                null,
                                2,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(45),
                                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30)),
                                60,
                                1024 * 1024,
                                Duration.ofHours(23),
                                Duration.ofHours(1),
                                Duration.ofSeconds(15),
                                Duration.ofSeconds(10)),
                        new Settings.Rest(
                                URI.create("https://api.binance.com"),
                                null,
                                Duration.ofMillis(500),
                                Duration.ofHours(24),
                                5_000_000,
                                1_200),
                        new Settings.Spool(
                                Path.of("/tmp/market-data"),
                                2_097_152,
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(60),
                                2L << 30,
                                256L << 20),
                        new Settings.Unparsed(256L << 20, 1L << 30),
                        new Settings.Upload(
                                2,
                                6,
                                4,
                                Duration.ofSeconds(15),
                                Duration.ofSeconds(75),
                                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60))),
                        new Settings.Index(true, Duration.ofMinutes(15)),
                        Duration.ofSeconds(25),
                        new Settings.CloudWatch(false, "MarketData/Collector", null, Duration.ofMinutes(1)),
                        new Settings.Watchdog(Duration.ofSeconds(15), Duration.ofMinutes(2)),
                        LogLevel.INFO,
                        8080,
                        "127.0.0.1",
                        List.of()));
    }

    @Test
    void bucketAndSpoolOfWhichOneContainsTheOtherAreRefused() throws Exception {
        Path real = Files.createDirectories(directory.resolve("real"));
        Files.createSymbolicLink(directory.resolve("linked"), real);
        for (String[] pair : new String[][] {
            {"file:data", "data"},
            {"file:data/bucket", "data"},
            {"file:data", "data/spool"},
            {"file:real/bucket", "linked"},
            {"file:linked", directory.resolve("real/spool/deep").toString()},
        }) {
            assertThatThrownBy(() -> load(Map.of("RAW_BUCKET", pair[0], "LOCAL_DIR", pair[1])))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContainingAll(
                            "RAW_BUCKET=", "LOCAL_DIR=", "one contains the other", "another directory");
        }
        load(Map.of("RAW_BUCKET", "file:data", "LOCAL_DIR", "data2"));
    }

    @ParameterizedTest
    @CsvSource({
        "S3_ENCRYPTION, SSE-S3",
        "S3_ENCRYPTION, aws:kms:",
        "S3_ENCRYPTION, aws:kms:a key",
        "S3_ADDRESSING, subdomain",
        "S3_CONDITIONAL_PUT, off",
        "S3_CHECKSUM, crc32",
    })
    void wordsThatNoStoreUnderstandsAreRefused(String setting, String value) {
        assertThatThrownBy(() -> load(Map.of(setting, value)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll(setting, value, "allowed: ");
    }

    @ParameterizedTest
    @CsvSource({
        "my-trades, http://10.0.0.1:9000, IP address",
        "my-trades, https://[::1]:9000, IP address",
        "my.trades, https://minio.internal, certificate",
        "my.trades, , certificate",
    })
    void bucketThatCannotBeASubdomainIsRefusedWithTheRemedy(String bucket, @Nullable String endpoint, String reason) {
        Map<String, String> settings = new HashMap<>(Map.of("RAW_BUCKET", bucket, "S3_ADDRESSING", "virtual"));
        if (endpoint != null) {
            settings.put("AWS_ENDPOINT_URL_S3", endpoint);
        }

        assertThatThrownBy(() -> load(settings))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll("S3_ADDRESSING", reason, "set S3_ADDRESSING=path");
        settings.put("S3_ADDRESSING", "path");
        assertThatCode(() -> load(settings)).doesNotThrowAnyException();
    }

    @Test
    void everyVariableIsRead() throws Exception {
        Settings settings = load(Map.ofEntries(
                Map.entry("SYMBOL", "ethusdt, BTCUSDT"),
                Map.entry("INSTANCE_ID", "tokyo-1"),
                Map.entry("LOCAL_DIR", "spool"),
                Map.entry("ROT_BYTES", "1 MiB"),
                Map.entry("ROT_SECS", "60"),
                Map.entry("AWS_REGION", "ap-northeast-1"),
                Map.entry("AWS_ENDPOINT_URL_S3", "http://localhost:4566/"),
                Map.entry("S3_ENCRYPTION", "AWS:kms:alias/Trades"),
                Map.entry("S3_ADDRESSING", "Path"),
                Map.entry("S3_CONDITIONAL_PUT", "CHECK"),
                Map.entry("S3_CHECKSUM", "Content-MD5"),
                Map.entry("LOG_LEVEL", "debug"),
                Map.entry("WS_URL", "ws://127.0.0.1:9443, ws://127.0.0.1:9444"),
                Map.entry("WS_FALLBACK_URL", "wss://data-stream.binance.vision"),
                Map.entry("WS_CONNECTIONS", "3"),
                Map.entry("REST_URL", "http://[::1]:8080"),
                Map.entry("BINANCE_API_KEY", "TopSecretKey0001"),
                Map.entry("CLOUDWATCH_METRICS", "On"),
                Map.entry("CLOUDWATCH_NAMESPACE", "My/Own"),
                Map.entry("HTTP_PORT", "0")));

        assertThat(settings.symbols()).containsExactly(new Symbol("ETHUSDT"), new Symbol("BTCUSDT"));
        assertThat(settings.instance()).isEqualTo(new InstanceId("tokyo-1"));
        assertThat(settings.spool().directory()).isEqualTo(directory.resolve("spool"));
        assertThat(settings.spool().rotateBytes()).isEqualTo(1024 * 1024);
        assertThat(settings.spool().rotateAge()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.store())
                .isEqualTo(new StoreTarget.S3(
                        "my-trades",
                        "ap-northeast-1",
                        URI.create("http://localhost:4566"),
                        new S3Dialect(
                                new S3Dialect.Encryption("aws:kms", "alias/Trades"),
                                S3Dialect.Addressing.PATH,
                                S3Dialect.ConditionalPut.CHECK,
                                S3Dialect.Checksum.CONTENT_MD5)));
        assertThat(String.join("\n", settings.describe()))
                .contains("S3_ENCRYPTION=aws:kms:alias/Trades S3_ADDRESSING=path S3_CONDITIONAL_PUT=check"
                        + " S3_CHECKSUM=content-md5");
        assertThat(settings.cloudWatch())
                .isEqualTo(new Settings.CloudWatch(true, "My/Own", "ap-northeast-1", Duration.ofMinutes(1)));
        assertThat(settings.logLevel()).isEqualTo(LogLevel.DEBUG);
        assertThat(settings.feed().urls())
                .containsExactly(URI.create("ws://127.0.0.1:9443"), URI.create("ws://127.0.0.1:9444"));
        assertThat(settings.feed().fallbackUrl()).hasToString("wss://data-stream.binance.vision");
        assertThat(settings.feed().connections()).isEqualTo(3);
        assertThat(settings.rest().apiKey()).isEqualTo("TopSecretKey0001");
        assertThat(settings.describe()).noneMatch(line -> line.contains("TopSecret"));
        assertThat(settings.rest().url()).hasToString("http://[::1]:8080");
        assertThat(settings.httpPort()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RAW_BUCKET          | My_Bucket                     | not a bucket name",
                "RAW_BUCKET          | file:                         | the path is empty",
                "SYMBOL              | ../../etc                     | not a symbol",
                "SYMBOL              | BTCUSDT,,ETHUSDT              | not a symbol",
                "SYMBOL              | BTCUSDT,btcusdt               | BTCUSDT is listed twice",
                "INSTANCE_ID         | a/b                           | not an instance id",
                "INSTANCE_ID         | a-rest                        | not an instance id",
                "LOCAL_DIR           | ~/spool                       | ~ and $NAME are not expanded here",
                "LOCAL_DIR           | ${HOME}/spool                 | ~ and $NAME are not expanded here",
                "CLOUDWATCH_METRICS  | yes                           | unknown value",
                "CLOUDWATCH_NAMESPACE | AWS/EC2                      | wrong format",
                "ROT_BYTES           | abc                           | not a number of bytes",
                "ROT_BYTES           | 1023                          | too small",
                "ROT_BYTES           | 65MiB                         | too large",
                "ROT_BYTES           | 999999999999MiB               | too large",
                "ROT_SECS            | -5                            | too small",
                "ROT_SECS            | 0                             | too small",
                "ROT_SECS            | 86401                         | too large",
                "ROT_SECS            | 2.5                           | not a whole number",
                "ROT_SECS            | 5s                            | not a whole number",
                "AWS_REGION          | ap northeast                  | not the code of a region",
                "AWS_REGION          | eu_west_1                     | not the code of a region",
                "AWS_ENDPOINT_URL_S3 | ftp://s3.amazonaws.com        | must start with",
                "LOG_LEVEL           | LOUD                          | unknown value",
                "WS_URL              | ws://stream.binance.com:9443  | ws:// would cross an open network",
                "WS_URL              | wss://stream.binance.com/ws   | has more than scheme, host and port",
                "REST_URL            | http://api.binance.com        | http:// would cross an open network",
                "COLLECTOR_CONFIG    | nowhere.yaml                  | the file does not exist",
                "COLLECTOR_CONFIG    | .                             | the file is not a regular file"
            })
    void invalidValueIsReportedWithItsVariableAndWhatIsAllowed(String variable, String value, String reason) {
        assertThat(problems(Map.of(variable, value)))
                .singleElement()
                .asString()
                .startsWith(variable + "=\"" + value + "\" (environment): " + reason)
                .contains("; allowed: ");
    }

    @Test
    void reportsEveryProblemAtOnceInTheOrderOfTheTable() throws Exception {
        write("blocker", "");
        write(".env", "ROT_BYTES=abc\nROT_BYTE=1");
        write("configs/collector.yaml", "rot_secs: -5\nfeed:\n  conect_timeout: 5s\nupload:\n  workers: 0\n");
        Map<String, String> environment = Map.of(
                "WS_URL", "ws://stream.binance.com:9443",
                "LOCAL_DIR", "blocker/spool",
                "SYMBOL", "../../etc");

        SettingsLoader loader = new SettingsLoader(environment, directory);

        String symbols = "2 to 32 letters and digits, for example BTCUSDT, or several separated by commas, each once";
        assertThatThrownBy(loader::load)
                .isInstanceOf(SettingsException.class)
                .hasMessage(String.join(
                        "\n",
                        ".env line 2: \"ROT_BYTE\" is not a setting; did you mean ROT_BYTES?",
                        "configs/collector.yaml line 3: \"feed.conect_timeout\" is not a setting;"
                                + " did you mean feed.connect_timeout?",
                        "RAW_BUCKET (where the objects go: an S3 bucket, or file:DIR) is not set, neither in the"
                                + " environment nor in .env nor in the YAML file; allowed: " + StoreTarget.ALLOWED,
                        "SYMBOL=\"../../etc\" (environment): not a symbol; allowed: " + symbols,
                        "LOCAL_DIR=\"blocker/spool\" (environment): \"" + directory.resolve("blocker")
                                + "\" is not a directory; allowed: a directory that exists or can be created, writable"
                                + " by this user",
                        "ROT_BYTES=\"abc\" (.env line 1): not a number of bytes and not a number with one of the units"
                                + " KiB, MiB, GiB; allowed: 1KiB to 64MiB, a number of bytes or a number with the unit KiB,"
                                + " MiB or GiB",
                        "ROT_SECS=\"-5\" (configs/collector.yaml line 1): too small; allowed: 1 to 86400, whole"
                                + " seconds",
                        "WS_URL=\"ws://stream.binance.com:9443\" (environment): ws:// would cross an open network"
                                + " unencrypted; allowed: wss://HOST[:PORT], or ws://HOST[:PORT] to a loopback"
                                + " address; no user, path, query or fragment; several separated by commas, each once",
                        "upload.workers=\"0\" (configs/collector.yaml line 5): too small; allowed: 1 to 16, a whole"
                                + " number"));
    }

    @Test
    void environmentPrecedesDotEnvYamlAndDefault() throws Exception {
        write("configs/collector.yaml", "instance_id: yaml\nsymbol: YAML\nrot_secs: 7\nrot_bytes: 1MiB\n");
        write(".env", "INSTANCE_ID=dot-env\nSYMBOL=DOTENV\nROT_SECS=8\n");

        Settings settings = load(Map.of("INSTANCE_ID", "environment", "ROT_SECS", " "));

        assertThat(settings.instance()).isEqualTo(new InstanceId("environment"));
        assertThat(settings.symbols()).containsExactly(new Symbol("DOTENV"));
        assertThat(settings.spool().rotateAge()).isEqualTo(Duration.ofSeconds(8));
        assertThat(settings.spool().rotateBytes()).isEqualTo(1024 * 1024);
        assertThat(settings.logLevel()).isEqualTo(LogLevel.INFO);
    }

    @Test
    void invalidValueThatIsOverriddenIsNotReported() throws Exception {
        write(".env", "ROT_SECS=never");

        assertThat(load(Map.of("ROT_SECS", "6")).spool().rotateAge()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void emptyValueCountsAsNotSet() throws Exception {
        write(
                "configs/collector.yaml",
                "symbol: ''\nlog_level: ''\nfeed:\n  # connect_timeout: 5s\nupload:\n  workers: \"\"\n");
        write(".env", "AWS_REGION=\nINSTANCE_ID=''\n");

        assertThat(load(Map.of("COLLECTOR_CONFIG", ""))).isEqualTo(load(Map.of("COLLECTOR_CONFIG", absent())));
    }

    @Test
    void yamlFileMayBeNamedInTheEnvironmentAndInDotEnv() throws Exception {
        write("a.yaml", "instance_id: a");
        write("b.yaml", "instance_id: b");
        write(".env", "COLLECTOR_CONFIG=a.yaml");

        assertThat(load(Map.of()).instance()).isEqualTo(new InstanceId("a"));
        assertThat(load(Map.of("COLLECTOR_CONFIG", directory.resolve("b.yaml").toString()))
                        .instance())
                .isEqualTo(new InstanceId("b"));
    }

    @Test
    void durationsAndSizesInYamlHaveUnits() throws Exception {
        write("configs/collector.yaml", """
                feed: {connect_timeout: 250ms, idle_timeout: 2m, reconnect_first: 2s, reconnect_max: 5m, max_frame: 64KiB}
                spool: {fsync_interval: 10ms, sweep_interval: 1h}
                upload: {workers: 16, gzip_level: 1, attempts: 1, attempt_timeout: 5s, call_timeout: 5s, retry_first: 1s, retry_max: 1h}
                shutdown: {budget: 90s}
                """);

        Settings settings = load(Map.of());

        assertThat(settings.feed().connectTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.feed().idleTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.feed().reconnect()).isEqualTo(new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(5)));
        assertThat(settings.feed().maxFrameBytes()).isEqualTo(64 * 1024);
        assertThat(settings.spool().fsyncInterval()).isEqualTo(Duration.ofMillis(10));
        assertThat(settings.spool().sweepInterval()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.upload())
                .isEqualTo(new Settings.Upload(
                        16,
                        1,
                        1,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        new Backoff(Duration.ofSeconds(1), Duration.ofHours(1))));
        assertThat(settings.shutdownBudget()).isEqualTo(Duration.ofSeconds(90));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "feed: {connect_timeout: 10}      | feed.connect_timeout=\"10\" | not a number with one of the units",
                "spool: {fsync_interval: 0s}      | spool.fsync_interval=\"0s\" | too small",
                "cloudwatch: {interval: 61s}      | cloudwatch.interval=\"61s\" | too large",
                "spool: {fsync_interval: 11s}     | spool.fsync_interval=\"11s\" | too large",
                "upload: {gzip_level: 10}           | upload.gzip_level=\"10\" | too large",
                "feed: {reconnect_max: 500ms}     | feed.reconnect_first=\"1s\" | longer than feed.reconnect_max",
                "upload: {call_timeout: 14s}        | upload.attempt_timeout=\"15s\" | longer than upload.call_timeout",
                "upload: {retry_first: 1m, retry_max: 59s} | upload.retry_first=\"1m\" | longer than upload.retry_max",
                "watchdog: {upload_limit: 14s}  | watchdog.recording_limit=\"15s\" | longer than watchdog.upload_limit",
                "gzip_level: 1                    | \"gzip_level\" | is not a setting; did you mean upload.gzip_level?",
                "RAW_BUCKET: x                    | \"RAW_BUCKET\" | is not a setting; did you mean raw_bucket?",
                "symbol: {a: b}                   | \"symbol.a\" | is not a setting; did you mean symbol?",
                "collector_config: x              | \"collector_config\" | is not a setting",
                "feed: fast                       | feed is a section | takes no value of its own",
                "kafka: {brokers: x}              | \"kafka.brokers\" | is not a setting; all of them are in",
                "feed: [1                         | configs/collector.yaml line | not YAML"
            })
    void invalidYamlFileIsReportedWithItsLine(String yaml, String name, String reason) throws Exception {
        write("configs/collector.yaml", yaml);

        assertThat(problems(Map.of()))
                .singleElement()
                .asString()
                .contains(name)
                .contains(reason)
                .containsAnyOf("configs/collector.yaml line ", "(default)")
                .doesNotContain("Exception");
    }

    @Test
    void refusesAFileThatIsTooLargeOrBinary() throws Exception {
        write("big.yaml", "#".repeat(TextFile.MAX_BYTES + 1));
        Files.write(directory.resolve("binary.yaml"), new byte[] {'a', ':', ' ', (byte) 0xFF});
        write("fits.yaml", "\uFEFFsymbol: ETHUSDT\n" + "#".repeat(TextFile.MAX_BYTES - 20));

        assertThat(problems(Map.of("COLLECTOR_CONFIG", "big.yaml")))
                .singleElement()
                .asString()
                .startsWith("COLLECTOR_CONFIG=\"big.yaml\" (environment): the file is larger than 64KiB; allowed: ");
        assertThat(problems(Map.of("COLLECTOR_CONFIG", "binary.yaml")))
                .singleElement()
                .asString()
                .contains("the file is not UTF-8 text");
        assertThat(load(Map.of("COLLECTOR_CONFIG", "fits.yaml")).symbols()).containsExactly(new Symbol("ETHUSDT"));
    }

    @Test
    void reportsADotEnvThatIsNotATextFile() throws Exception {
        Files.createDirectory(directory.resolve(".env"));

        assertThat(problems(Map.of()))
                .containsExactly(
                        ".env is not a regular file; it must be a text file of lines NAME=value, or be absent");
    }

    @Test
    void unknownNamesInDotEnvAreReportedExceptThoseOfAwsAndJavaAndNeverWithTheirValues() throws Exception {
        write(".env", """
                AWS_ACCESS_KEY_ID=hunter2
                AWS_SECRET_ACCESS_KEY=hunter2
                JAVA_OPTS=-Xmx64m
                BINANCE_SECRET=hunter2
                API_TOKEN='hunter2
                """);

        assertThat(problems(Map.of()))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).startsWith(".env line 5: a quoted value must end"))
                .anySatisfy(line -> assertThat(line).startsWith(".env line 4: \"BINANCE_SECRET\" is not a setting"))
                .noneSatisfy(line -> assertThat(line).contains("hunter2"));
    }

    @Test
    void noSettingIsNamedLikeASecretBecauseMessagesShowValues() {
        assertThat(SettingsTable.ALL)
                .noneSatisfy(setting -> assertThat(setting.name()).containsPattern("(?i)SECRET|TOKEN|PASSWORD"));
    }

    @Test
    void checkingTheDirectoriesChangesNothingOnTheDisk() throws Exception {
        Settings settings = load(Map.of("LOCAL_DIR", "a/b/c", "RAW_BUCKET", "file:x/y"));

        assertThat(settings.spool().directory()).isEqualTo(directory.resolve("a/b/c"));
        assertThat(settings.store()).isEqualTo(new StoreTarget.Directory(directory.resolve("x/y")));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void reportsADirectoryThatCannotBeCreated() throws Exception {
        write("file", "");
        Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nothing"));

        assertThat(problems(Map.of("LOCAL_DIR", "file")))
                .singleElement()
                .asString()
                .contains("is not a directory");
        assertThat(problems(Map.of("LOCAL_DIR", "file/a/b")))
                .singleElement()
                .asString()
                .contains("\"" + directory.resolve("file") + "\" is not a directory");
        assertThat(problems(Map.of("LOCAL_DIR", "dangling")))
                .singleElement()
                .asString()
                .contains("is not a directory");
        assertThat(problems(Map.of("RAW_BUCKET", "file:file/bucket")))
                .singleElement()
                .asString()
                .startsWith("RAW_BUCKET=\"file:file/bucket\" (environment): ");
    }

    @Test
    void reportsADirectoryThatIsNotWritable() throws Exception {
        Path readOnly = Files.createDirectory(
                directory.resolve("ro"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-x------")));
        Assumptions.assumeFalse(Files.isWritable(readOnly), "this user may write everywhere");

        assertThat(problems(Map.of("LOCAL_DIR", "ro/spool")))
                .singleElement()
                .asString()
                .contains("\"" + readOnly + "\" is not writable by this user");
    }

    @Test
    void acceptsASymbolicLinkToADirectory() throws Exception {
        Path real = Files.createDirectory(directory.resolve("real"));
        Files.createSymbolicLink(directory.resolve("link"), real);

        assertThat(load(Map.of("LOCAL_DIR", "link/spool")).spool().directory())
                .isEqualTo(directory.resolve("link/spool"));
    }

    @Test
    void refusesVeryLongValues() {
        String unit = "a-1.,:\"\\";
        String value = unit.repeat(100_000 / unit.length());

        for (Setting<?> setting : SettingsTable.ALL) {
            if (setting.variable() != null) {
                assertThat(problems(Map.of(setting.variable(), value)))
                        .singleElement()
                        .asString()
                        .startsWith(setting.variable() + "="
                                + (setting == SettingsTable.BINANCE_API_KEY ? "(not shown) " : "\"a-1.,"))
                        .hasSizeLessThan(600);
            }
        }
    }

    @Test
    void describesTheSettings() throws Exception {
        assertThat(load(Map.of("LOCAL_DIR", "/tmp", "SYMBOL", "BTCUSDT,ETHUSDT"))
                        .describe())
                .containsExactly(
                        "symbols BTCUSDT,ETHUSDT; instance local-001; log level INFO",
                        "store s3://my-trades; workers 2, gzip level 6, 4 requests per put, timeout 15s each, 75s in total,"
                                + " retry after 1s to 60s, index 15m after the hour",
                        "spool /tmp; rotation at 2MiB or 5s; fsync every 1s, sweep every 60s; at most 2GiB, keeps 256MiB of"
                                + " the disk free;"
                                + " unparsed frames at most 1GiB, 256MiB an hour",
                        "routes wss://stream.binance.com:9443 directly; REST https://api.binance.com directly",
                        "exchange wss://stream.binance.com:9443; 2 connections, connect timeout 10s, idle timeout 45s,"
                                + " replaced at 23h, reconnect after 1s to 30s, at most 60 attempts in 5m,"
                                + " frames up to 1MiB",
                        "backfill from https://api.binance.com after 500ms, for 24h, weight 1200 a minute, up to"
                                + " 5000000 trades",
                        "shutdown within 25s; thread limit 15s, for uploads 2m; health and metrics on"
                                + " 127.0.0.1, port 8080; CloudWatch off");
    }

    @Test
    void findsTheSpoolWithoutAnyOtherSetting() throws Exception {
        assertThat(new SettingsLoader(Map.of("LOCAL_DIR", "spool", "ROT_BYTES", "wrong"), directory).localDir())
                .isEqualTo(directory.toAbsolutePath().resolve("spool"));
        write(".env", "LOCAL_DIR=./elsewhere\n");
        assertThat(new SettingsLoader(Map.of(), directory).localDir())
                .isEqualTo(directory.toAbsolutePath().resolve("elsewhere"));
    }

    @Test
    void fileThatMaySetTheSpoolMustBeReadable() throws Exception {
        write("broken.yaml", "local_dir: [\n");
        SettingsLoader loader = new SettingsLoader(Map.of("COLLECTOR_CONFIG", "broken.yaml"), directory);

        assertThatThrownBy(loader::localDir)
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .isNotEmpty()
                                .noneMatch(problem -> problem.contains("RAW_BUCKET")));
    }

    private Settings load(Map<String, String> environment) throws SettingsException {
        Map<String, String> complete = new HashMap<>(Map.of("RAW_BUCKET", "my-trades", "LOCAL_DIR", "."));
        complete.putAll(environment);
        return new SettingsLoader(complete, directory).load();
    }

    private List<String> problems(Map<String, String> environment) {
        try {
            load(environment);
            throw new AssertionError("was accepted: " + environment.keySet());
        } catch (SettingsException e) {
            return e.problems();
        }
    }

    private String absent() throws IOException {
        write("empty.yaml", "");
        return "empty.yaml";
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }
}
