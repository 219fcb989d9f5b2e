package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators and the world put into the environment, {@code .env} and the YAML file. */
class SettingsSourcesTest {

    @TempDir
    private Path directory;

    @BeforeEach
    void configs() throws IOException {
        Files.createDirectories(directory.resolve("configs"));
    }

    @Test
    void misspeltVariablesAreWarningsWithoutTheirValue() throws Exception {
        write(".env", "AWS_REGOIN=eu-west-1\n");
        Settings settings = load(Map.of("SYMBOLS", "ETHUSDT", "BINANCE_API_KYE", "TopSecretKey0001"));

        assertThat(settings.warnings())
                .containsExactly(
                        "\"BINANCE_API_KYE\" (environment) is not a setting and is ignored; did you mean BINANCE_API_KEY?",
                        "\"SYMBOLS\" (environment) is not a setting and is ignored; did you mean SYMBOL?",
                        "\"AWS_REGOIN\" (.env line 1) is not a setting and is ignored; did you mean AWS_REGION?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"feed:\n  idle_timeout:\n", "feed:\n  idle_timeout: ~\n", "feed: {idle_timeout: null}"})
    void aYamlKeyWithoutValueIsAProblem(String yaml) throws Exception {
        write("configs/collector.yaml", yaml);

        assertThat(problems(Map.of()))
                .singleElement()
                .asString()
                .startsWith("configs/collector.yaml line ")
                .contains("feed.idle_timeout has no value; write one, or remove the line");
    }

    @ParameterizedTest
    @CsvSource({
        "WS_URL, wss://stream.binance.com:9443/ws/btcusdt@trade, 'write wss://stream.binance.com:9443, the streams'",
        "WS_URL, wss://stream.binance.com:9443/stream?streams=btcusdt@trade, 'write wss://stream.binance.com:9443, the'",
        "REST_URL, https://api.binance.com/api/v3, write https://api.binance.com;",
        "AWS_REGION, eu-central-1a, an availability zone; its region is eu-central-1;",
        "AWS_REGION, us-west-2-lax-1a, an availability zone; its region is us-west-2;",
        "AWS_REGION, EU-CENTRAL-1, must be lower case: eu-central-1",
        "AWS_REGION, EU (Frankfurt), not the code of a region",
        "AWS_REGION, eu central 1, not the code of a region",
    })
    void aPastedValueIsShownAndExplained(String variable, String value, String explanation) throws Exception {
        assertThat(problems(Map.of(variable, value)))
                .singleElement()
                .asString()
                .contains(variable + "=\"" + value + "\"", explanation);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"us-east-1", "us-gov-west-1", "auto", "us-west-004", "ru-central1", "nyc3", "garage", "fr-par"})
    void regionsOfAwsAndOfOtherServersAreAllowed(String region) throws Exception {
        assertThat(load(Map.of("AWS_REGION", " " + region)).warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:secret@host.example",
                "https://user:sec/ret@host.example",
                "wss://a.example/x,wss://user:secret@host.example",
                "//secret@host.example/ws/btcusdt@trade"
            })
    void theUserInAUrlIsNotShown(String url) {
        assertThat(Problems.quoted(url)).contains("***@").doesNotContain("secret", "sec/ret");
    }

    @Test
    void anAtSignInThePathIsShown() {
        assertThat(Problems.quoted("wss://a.example:9443/ws/btcusdt@trade"))
                .isEqualTo("\"wss://a.example:9443/ws/btcusdt@trade\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {".env", "configs/collector.yaml"})
    void aFileThatOthersMayWriteIsRefused(String name) throws Exception {
        Path file = write(name, "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--rw-"));

        assertThat(problems(Map.of()))
                .singleElement()
                .asString()
                .contains(name, "may be written by other users", "chmod go-w " + file);
    }

    @Test
    void inAContainerEveryFileCameWithTheImageOrAMount() throws Exception {
        Files.setPosixFilePermissions(write(".env", ""), PosixFilePermissions.fromString("rw-rw-rw-"));
        FileTrust pod = FileTrust.of(Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1"));

        assertThat(pod).isEqualTo(new FileTrust(true));
        new SettingsLoader(Map.of("RAW_BUCKET", "my-trades", "LOCAL_DIR", "spool"), directory, pod).load();
    }

    @ParameterizedTest
    @ValueSource(strings = {".env", "configs/collector.yaml"})
    void aFileOfAnotherUserIsRefusedAlsoBehindALink(String name) throws Exception {
        Path file = write("foreign", "");
        try {
            Files.setAttribute(file, "unix:uid", 12_345);
        } catch (IOException e) {
            Assumptions.abort("not root: " + e.getMessage());
        }
        Files.createSymbolicLink(directory.resolve(name), file);

        assertThat(problems(Map.of()))
                .singleElement()
                .asString()
                .contains(name, "is owned by user 12345", "sudo chown");
    }

    @Test
    void theUsersOwnGroupMayWrite() throws Exception {
        Path file = write(".env", "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        String owner = Files.getOwner(file).getName();
        Assumptions.assumeTrue(Files.readAttributes(file, PosixFileAttributes.class)
                .group()
                .getName()
                .equals(owner));

        assertThat(load(Map.of()).warnings()).isEmpty();
    }

    @Test
    void secretsThatEveryUserMayReadAreAWarning() throws Exception {
        Path file = write(".env", "AWS_SECRET_ACCESS_KEY=abc\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(load(Map.of()).warnings()).singleElement().asString().contains("chmod 600 " + file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(load(Map.of()).warnings()).isEmpty();
    }

    @Test
    void anyBytesInTheFilesAndTheEnvironmentAreSettingsOrProblems() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Files.write(directory.resolve(".env"), noise(random, "RAW_BUCKET=\n#\"'\\export SYMBOL"));
            Files.write(
                    directory.resolve("configs/collector.yaml"), noise(random, "feed:\n idle_timeout &*!|{}[]-'\"~"));
            Map<String, String> environment = new HashMap<>();
            for (Setting<?> setting : SettingsTable.ALL) {
                if (setting.variable() != null && random.nextInt(3) == 0) {
                    environment.put(
                            setting.variable(),
                            new String(noise(random, "file:/,wss://@:[]%BTC-1s"), StandardCharsets.UTF_8)
                                    .replace("\0", ""));
                }
            }
            try {
                new SettingsLoader(environment, directory).load();
            } catch (SettingsException e) {
                assertThat(e.problems())
                        .as("seed %s", seed)
                        .isNotEmpty()
                        .allSatisfy(line -> assertThat(line).doesNotContain("\n", "\u001b"));
            }
        }
    }

    /** Text of an alphabet with some arbitrary bytes, sometimes as long as is read at all. */
    private static byte[] noise(Random random, String alphabet) {
        byte[] bytes = new byte[random.nextInt(10) == 0 ? TextFile.MAX_BYTES : random.nextInt(200)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = random.nextInt(400) == 0
                    ? (byte) random.nextInt(256)
                    : (byte) alphabet.charAt(random.nextInt(alphabet.length()));
        }
        return bytes;
    }

    private Settings load(Map<String, String> variables) throws SettingsException {
        Map<String, String> environment = new HashMap<>(Map.of("RAW_BUCKET", "my-trades", "LOCAL_DIR", "spool"));
        environment.putAll(variables);
        return new SettingsLoader(environment, directory, new FileTrust(false)).load();
    }

    private List<String> problems(Map<String, String> variables) {
        return catchThrowableOfType(SettingsException.class, () -> load(variables))
                .problems();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
