package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar with the AWS SDK's own configuration: what it cannot use, and every source of temporary credentials. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
class AwsConfigurationIT {

    /** What the fake of STS and SSO gives out. */
    private static final String KEY = "ASIATEMPORARYKEY";

    private static final String TOKEN = "temporary-session-token";

    @TempDir
    private Path folder;

    private ExchangeSimulator exchange;
    private StubS3 s3;
    private HttpServer issuer;

    @BeforeEach
    void servers() throws Exception {
        exchange = Exchange.inventing(Trades.BTCUSDT, 50, true);
        s3 = new StubS3();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        issuer.createContext("/", request -> {
            String query = new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean ofSso = request.getRequestURI().getPath().equals("/federation/credentials");
            byte[] answer = (ofSso ? ssoAnswer() : stsAnswer(query)).getBytes(StandardCharsets.UTF_8);
            request.sendResponseHeaders(200, answer.length);
            request.getResponseBody().write(answer);
            request.close();
        });
        issuer.start();
    }

    @AfterEach
    void close() throws Exception {
        issuer.stop(0);
        s3.close();
        exchange.close();
    }

    private static String ssoAnswer() {
        return "{\"roleCredentials\":{\"accessKeyId\":\"" + KEY
                + "\",\"secretAccessKey\":\"secret\",\"sessionToken\":\"" + TOKEN + "\",\"expiration\":4102444800000}}";
    }

    private static String stsAnswer(String query) {
        String action = query.contains("AssumeRoleWithWebIdentity") ? "AssumeRoleWithWebIdentity" : "AssumeRole";
        return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action + "Result>"
                + "<Credentials><AccessKeyId>" + KEY + "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
                + "<SessionToken>" + TOKEN
                + "</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
                + "</" + action + "Result></" + action + "Response>";
    }

    /** Of a collector without keys in the environment, whose home directory is the test's folder. */
    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(Exchange.environment(exchange, folder, s3.uri()));
        environment.remove("AWS_ACCESS_KEY_ID");
        environment.remove("AWS_SECRET_ACCESS_KEY");
        environment.put("HOME", folder.toString());
        environment.put("ROT_SECS", "1");
        String address = "http://127.0.0.1:" + issuer.getAddress().getPort();
        environment.put("AWS_ENDPOINT_URL_STS", address);
        environment.put("AWS_ENDPOINT_URL_SSO", address);
        return environment;
    }

    private void uploadsWithTemporaryCredentials(Map<String, String> environment) throws Exception {
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            Await.until("an object is stored", () -> !s3.objects().isEmpty() || !collector.isAlive());
            assertThat(s3.puts()).as(collector.text()).isNotEmpty().allSatisfy(put -> {
                assertThat(put.header("authorization")).contains("Credential=" + KEY + "/");
                assertThat(put.header("x-amz-security-token")).isEqualTo(TOKEN);
            });
            collector.stop();
        }
    }

    private void config(String text) throws Exception {
        Files.createDirectories(folder.resolve(".aws"));
        Files.writeString(folder.resolve(".aws/config"), text);
    }

    @Test
    void webIdentity() throws Exception {
        Map<String, String> environment = environment();
        environment.put("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/collector");
        environment.put(
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                Files.writeString(folder.resolve("token"), "jwt").toString());
        uploadsWithTemporaryCredentials(environment);
    }

    @Test
    void profileThatAssumesARole() throws Exception {
        config("[profile p]\nrole_arn=arn:aws:iam::111122223333:role/collector\nsource_profile=base\n"
                + "[profile base]\naws_access_key_id=AKIABASE\naws_secret_access_key=secret\n");
        Map<String, String> environment = environment();
        environment.put("AWS_PROFILE", "p");
        uploadsWithTemporaryCredentials(environment);
    }

    @Test
    void profileOfIdentityCenter() throws Exception {
        String start = "https://example.awsapps.com/start";
        config("[profile p]\nsso_start_url=" + start + "\nsso_region=us-east-1\nsso_account_id=111122223333\n"
                + "sso_role_name=collector\n");
        byte[] sha1 = java.security.MessageDigest.getInstance("SHA-1").digest(start.getBytes(StandardCharsets.UTF_8));
        Path cache = Files.createDirectories(folder.resolve(".aws/sso/cache"));
        Files.writeString(
                cache.resolve(HexFormat.of().formatHex(sha1) + ".json"),
                "{\"startUrl\":\"" + start + "\",\"region\":\"us-east-1\",\"accessToken\":\"t\","
                        + "\"expiresAt\":\"2100-01-01T00:00:00Z\"}");
        Map<String, String> environment = environment();
        environment.put("AWS_PROFILE", "p");
        uploadsWithTemporaryCredentials(environment);
    }

    @Test
    void credentialProcess() throws Exception {
        config("[profile p]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"" + KEY
                + "\",\"SecretAccessKey\":\"secret\",\"SessionToken\":\"" + TOKEN + "\"}'\n");
        Map<String, String> environment = environment();
        environment.put("AWS_PROFILE", "p");
        uploadsWithTemporaryCredentials(environment);
    }

    /** Also with a proxy: the credentials of a container never go through it. */
    @Test
    void roleOfAContainer() throws Exception {
        issuer.createContext("/container", request -> {
            byte[] answer = ("{\"AccessKeyId\":\"" + KEY + "\",\"SecretAccessKey\":\"secret\",\"Token\":\"" + TOKEN
                            + "\",\"Expiration\":\"2100-01-01T00:00:00Z\"}")
                    .getBytes(StandardCharsets.UTF_8);
            request.sendResponseHeaders(200, answer.length);
            request.getResponseBody().write(answer);
            request.close();
        });
        Map<String, String> environment = environment();
        environment.put(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://127.0.0.1:" + issuer.getAddress().getPort() + "/container");
        environment.put("HTTP_PROXY", "http://127.0.0.1:9");
        environment.put("HTTPS_PROXY", "http://127.0.0.1:9");
        uploadsWithTemporaryCredentials(environment);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "AWS_MAX_ATTEMPTS; abc; AWS_MAX_ATTEMPTS: ",
                "AWS_USE_FIPS_ENDPOINT; yes; AWS_USE_FIPS_ENDPOINT: ",
                "AWS_PROFILE; misspelt; AWS_PROFILE: no profile misspelt",
                "AWS_CONFIG_FILE; garbled; garbled: Expected a profile definition on line 1",
                "AWS_ENDPOINT_URL_S3; http://8.8.8.8:9000; http://8.8.8.8 would cross an open network",
                "AWS_ENDPOINT_URL; http://8.8.8.8:9000; http://8.8.8.8 would cross an open network",
            })
    void whatCannotBeUsedIsASettingError(String name, String value, String message) throws Exception {
        Files.writeString(folder.resolve("garbled"), "garbage");
        Map<String, String> environment = environment();
        if (name.equals("AWS_ENDPOINT_URL")) {
            environment.remove("AWS_ENDPOINT_URL_S3");
        }
        environment.put(name, value);
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(78);
            assertThat(collector.text()).contains(message).doesNotContain("\tat ");
        }
    }

    @Test
    void genericEndpointIsAddressedByPath() throws Exception {
        Map<String, String> environment = environment();
        environment.put("AWS_ENDPOINT_URL", environment.remove("AWS_ENDPOINT_URL_S3"));
        environment.put("AWS_ACCESS_KEY_ID", KEY);
        environment.put("AWS_SECRET_ACCESS_KEY", "secret");
        environment.put("AWS_SESSION_TOKEN", TOKEN);
        uploadsWithTemporaryCredentials(environment);
        assertThat(s3.objects().keySet()).allMatch(key -> List.of("raw").contains(key.split("/")[0]));
    }
}
