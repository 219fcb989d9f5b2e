package io.marketdata.collector.certificate;

import static io.marketdata.collector.certificate.CertifiedDay.DAY;
import static io.marketdata.collector.certificate.CertifiedDay.FIRST_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.marketdata.collector.testkit.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script in docs/CERTIFICATE.md, which knows nothing of this program, comes to the same results. */
@Tag("long")
class CertificateScriptTest {

    private final CertifiedDay day = new CertifiedDay(id -> id == FIRST_ID + 50);

    @TempDir
    Path dir;

    @SuppressWarnings("NullAway.Init")
    private Certificate certificate;

    @SuppressWarnings("NullAway.Init")
    private SigningKey key;

    @SuppressWarnings("NullAway.Init")
    private String publicKey;

    @BeforeAll
    static void python() {
        assumeTrue(Programs.onPath("python3"), "needs python3");
    }

    @BeforeEach
    void certify() throws IOException, InterruptedException {
        String page = Files.readString(Path.of("docs/CERTIFICATE.md"));
        Matcher script = Pattern.compile("(?s)```python\n(.*?)```").matcher(page);
        assertThat(script.find()).isTrue();
        Files.writeString(dir.resolve("check.py"), script.group(1));
        publicKey = SigningKey.generate(dir.resolve("key"));
        key = SigningKey.read(dir.resolve("key"));
        certificate = day.certificate(key);
        certificate.write(dir.resolve("certificate.json"));
        for (var object : day.bucket.objects().entrySet()) {
            Path file = dir.resolve("copy").resolve(object.getKey());
            Files.createDirectories(file.resolveSibling("."));
            Files.write(file, object.getValue());
        }
    }

    /** The exit code and the output. */
    private String run(@Nullable String requiredKey) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "check.py", "certificate.json", "copy"));
        if (requiredKey != null) {
            command.add(requiredKey);
        }
        Process process = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("output").toFile())
                .start();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + " " + Files.readString(dir.resolve("output"), StandardCharsets.UTF_8);
    }

    private void replace(String from, String to) throws IOException {
        String text = Files.readString(dir.resolve("certificate.json"));
        assertThat(text).contains(from);
        Files.writeString(dir.resolve("certificate.json"), text.replaceFirst(Pattern.quote(from), to));
    }

    private Path part(int number) {
        return dir.resolve("copy").resolve(certificate.parts().get(number).key());
    }

    @Test
    void goodDayIsProven() throws IOException, InterruptedException {
        assertThat(run(publicKey))
                .startsWith("0 PROVEN: BTCUSDT incomplete 86 trades 171 parts signed by " + publicKey);
        assertThat(run(null)).startsWith("0 PROVEN");
    }

    @Test
    void certificateWithoutASignatureIsProvenUnlessOneIsRequired() throws IOException, InterruptedException {
        Files.delete(dir.resolve("certificate.json"));
        day.certificate(null).write(dir.resolve("certificate.json"));

        assertThat(run(null)).startsWith("0 PROVEN").contains("not signed");
        assertThat(run(publicKey)).startsWith("1 DIFFERS: not signed by this key");
    }

    @Test
    void oneByteOfAPartIsFound() throws IOException, InterruptedException {
        byte[] bytes = Files.readAllBytes(part(9));
        bytes[bytes.length - 1] ^= 1;
        Files.write(part(9), bytes);

        assertThat(run(publicKey))
                .startsWith("1 DIFFERS: " + certificate.parts().get(9).key() + " is altered");
    }

    @Test
    void missingPartIsFound() throws IOException, InterruptedException {
        Files.delete(part(170));

        assertThat(run(publicKey))
                .startsWith("1 DIFFERS: " + certificate.parts().get(170).key() + " is missing");
    }

    @Test
    void partThatIsNotCertifiedIsFound() throws IOException, InterruptedException {
        Files.writeString(part(9).resolveSibling("part-i-3-" + (DAY.fromMs() + 1) + ".jsonl.gz"), "x");

        assertThat(run(publicKey)).startsWith("1 DIFFERS: ").contains("is not in the certificate");
    }

    @Test
    void changedCountsAreFound() throws IOException, InterruptedException {
        replace("\"count\":1,", "\"count\":2,");
        assertThat(run(publicKey)).startsWith("1 DIFFERS: the parts are not those of the root");

        replace("\"count\":2,", "\"count\":1,");
        replace("\"trades\":86,", "\"trades\":87,");
        assertThat(run(publicKey)).startsWith("1 DIFFERS: the statement is not that of the digest");
    }

    @Test
    void anotherSignatureAndAChangedOneAreFound() throws IOException, InterruptedException {
        String other = SigningKey.generate(dir.resolve("other"));
        assertThat(run(other)).startsWith("1 DIFFERS: not signed by this key");

        String byOther = SigningKey.read(dir.resolve("other"))
                .sign(certificate.canonicalBytes())
                .value();
        String own = key.sign(certificate.canonicalBytes()).value();
        replace(own, byOther);
        assertThat(run(publicKey)).startsWith("1 DIFFERS: the signature is not valid");

        replace(byOther, own.substring(0, 64) + (own.charAt(64) == '0' ? '1' : '0') + own.substring(65));
        assertThat(run(publicKey)).startsWith("1 DIFFERS: ").contains("signature");
    }
}
