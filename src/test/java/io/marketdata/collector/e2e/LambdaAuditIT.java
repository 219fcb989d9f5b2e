package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.store.S3Stores;
import io.marketdata.collector.testkit.LambdaRuntime;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The daily audit of the jar under AWS's own runtime client for Java, as Lambda starts it. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class LambdaAuditIT {

    private static final String CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
    private static final Period DAY = Period.day(LocalDate.of(2025, 1, 15));
    private static final String AGAIN = "{\"day\":\"2025-01-15\",\"symbols\":[\"BTCUSDT\"]}";
    private static final String FOLDER = "quality/exchange=binance/symbol=BTCUSDT/dt=2025-01-15/";

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsTheNativeLibraryOfTheClient() {
        String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        Assumptions.assumeTrue(
                machine.toLowerCase(Locale.ROOT).matches("linux (amd64|x86_64|aarch64)"),
                "the runtime client has no library for " + machine);
    }

    /** The classpath of Lambda: the function, and the client with what it needs. */
    private static String classpath() {
        return System.getProperty("collector.jar")
                + File.pathSeparator
                + Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(path -> path.contains("aws-lambda-java-"))
                        .collect(Collectors.joining(File.pathSeparator));
    }

    private Process start(LambdaRuntime runtime, Map<String, String> settings) throws Exception {
        ProcessBuilder function = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classpath(),
                        CLIENT,
                        "io.marketdata.collector.daily.AuditHandler::handleRequest")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        Map<String, String> environment = function.environment();
        environment.clear();
        environment.putAll(Map.of(
                "AWS_LAMBDA_RUNTIME_API", runtime.address(),
                "AWS_LAMBDA_FUNCTION_NAME", "audit",
                "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024",
                "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/audit",
                "AWS_LAMBDA_LOG_STREAM_NAME", "stream",
                "_HANDLER", "io.marketdata.collector.daily.AuditHandler::handleRequest",
                "AWS_REGION", "us-east-1",
                "AWS_ACCESS_KEY_ID", S3ProxyServer.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY", S3ProxyServer.SECRET_KEY));
        environment.putAll(settings);
        return function.start();
    }

    private static Map<String, String> s3(String address) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("RAW_BUCKET", S3ProxyServer.BUCKET);
        settings.put("AWS_ENDPOINT_URL_S3", address);
        return settings;
    }

    private RecordedDay recorded(Period day, LongPredicate isMissed) {
        return new RecordedDay(Trades.BTCUSDT, "a", 60)
                .record(RecordedDay.issued(700, day.fromMs(), day.toMs(), 600_000), isMissed);
    }

    private String log() throws Exception {
        return Files.readString(folder.resolve("log"));
    }

    private List<JsonNode> numbers() throws Exception {
        ObjectMapper json = new ObjectMapper();
        return log().lines()
                .filter(line -> line.startsWith("{\"_aws\""))
                .map(line -> {
                    try {
                        return json.readTree(line);
                    } catch (Exception e) {
                        throw new AssertionError(line, e);
                    }
                })
                .toList();
    }

    @Test
    void yesterdayIsVerifiedInADirectoryAndOneProcessTakesSeveralInvocations() throws Exception {
        Period yesterday = Period.yesterday(System.currentTimeMillis());
        Path bucket = folder.resolve("bucket");
        recorded(yesterday, id -> false).writeTo(bucket);
        recorded(DAY, id -> id == 710).writeTo(bucket);
        try (LambdaRuntime runtime = new LambdaRuntime()) {
            Process function = start(runtime, Map.of("RAW_BUCKET", "file:./bucket", "SYMBOL", "BTCUSDT"));
            try {
                assertThat(runtime.invoke("{}"))
                        .isEqualTo(new LambdaRuntime.Result(
                                "response", "{\"day\":\"" + yesterday + "\",\"verdicts\":{\"BTCUSDT\":\"complete\"}}"));
                assertThat(runtime.invoke("{\"days\":1}").body())
                        .contains("IllegalArgumentException", "unknown member days");
                assertThat(runtime.invoke(AGAIN).body()).contains("\"incomplete\"");
            } finally {
                function.destroyForcibly().waitFor();
            }
        }
        assertThat(numbers()).extracting(line -> line.get("Complete").asInt()).containsExactly(1, 0);
        assertThat(numbers().get(1).get("MissingTrades").asInt()).isEqualTo(1);
        assertThat(bucket.resolve(FOLDER + "certificate.json")).isNotEmptyFile();
    }

    @Test
    void gapInAnS3BucketIsReportedAndNothingButQualityIsWritten() throws Exception {
        RecordedDay day = recorded(DAY, id -> id >= 720 && id < 724);
        try (S3ProxyServer server = S3ProxyServer.http();
                LambdaRuntime runtime = new LambdaRuntime()) {
            Map<String, String> settings = s3(server.uri().toString());
            ObjectStore bucket =
                    S3Stores.of(server.uri(), S3ProxyServer.BUCKET, S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY);
            for (Map.Entry<String, byte[]> object : day.objects().entrySet()) {
                bucket.put(object.getKey(), object.getValue(), Sha256.of(object.getValue()), ContentType.GZIP);
            }
            Process function = start(runtime, settings);
            try {
                LambdaRuntime.Result result = runtime.invoke(AGAIN);
                assertThat(result.path()).as(result.body()).isEqualTo("response");
                assertThat(result.body())
                        .isEqualTo("{\"day\":\"2025-01-15\",\"verdicts\":{\"BTCUSDT\":\"incomplete\"}}");
                assertThat(runtime.invoke(AGAIN).path()).isEqualTo("response");
                assertThat(bucket.list("", "").objects())
                        .extracting(Listing.StoredObject::key)
                        .filteredOn(key -> !day.objects().containsKey(key))
                        .containsExactly(FOLDER + "certificate.json", FOLDER + "report.html", FOLDER + "report.json");
            } finally {
                function.destroyForcibly().waitFor();
            }
        }
        assertThat(numbers()).hasSize(2).allSatisfy(line -> {
            assertThat(line.get("MissingTrades").asInt()).isEqualTo(4);
            assertThat(line.get("Complete").asInt()).isZero();
        });
        assertThat(log()).contains("BTCUSDT 2025-01-15: its report is below " + FOLDER);
    }

    @Test
    void storeThatRefusesIsAnErrorOfTheInvocationWithTheRemedyAndNoNumberOfTrades() throws Exception {
        try (StubS3 server = new StubS3();
                LambdaRuntime runtime = new LambdaRuntime()) {
            server.script(request -> Optional.of(StubS3.error(403, "AccessDenied")));
            Process function = start(runtime, s3(server.uri().toString()));
            try {
                LambdaRuntime.Result result = runtime.invoke(AGAIN);
                assertThat(result.path()).isEqualTo("error");
                assertThat(result.body())
                        .contains("AuditFailedException", "BTCUSDT 2025-01-15 could not be verified", "s3:ListBucket")
                        .contains("s3:PutObject on quality/*");
            } finally {
                function.destroyForcibly().waitFor();
            }
        }
        assertThat(numbers()).singleElement().satisfies(line -> {
            assertThat(line.get("Verdict").asText()).isEqualTo("unknown");
            assertThat(line.has("MissingTrades")).isFalse();
        });
    }
}
