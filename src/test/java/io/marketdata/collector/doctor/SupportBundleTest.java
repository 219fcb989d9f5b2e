package io.marketdata.collector.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.config.SettingsLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupportBundleTest {

    @TempDir
    private Path folder;

    private Map<String, String> written(SupportBundle bundle) throws Exception {
        Path file = folder.resolve("bundle.zip");
        bundle.write(file);
        return read(file);
    }

    private static Map<String, String> read(Path file) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                texts.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    @Test
    void everySecretIsRemoved() throws Exception {
        List<String> secrets = List.of("hunter22", "hunter22-and-more");
        String log = "key hunter22-and-more, hunter22! AKIAIOSFODNN7EXAMPLE"
                + " GET /?X-Amz-Signature=abcdef0123&X-Amz-Security-Token=FwoGZX%2F&a=b Authorization: Signature=99aa\n";

        assertThat(written(new SupportBundle(secrets).with("log.txt", () -> log)))
                .containsEntry(
                        "log.txt",
                        "key [removed], [removed]! [removed]"
                                + " GET /?X-Amz-Signature=[removed]&X-Amz-Security-Token=[removed]&a=b Authorization:"
                                + " Signature=[removed]\n");
    }

    @Test
    void failingSourceIsReplacedByItsError() throws Exception {
        SupportBundle bundle = new SupportBundle(List.of())
                .with("health.json", () -> {
                    throw new IOException("no answer");
                })
                .with("long.txt", () -> "a".repeat(SupportBundle.MOST_CHARS) + "end");

        Map<String, String> texts = written(bundle);
        assertThat(texts).containsEntry("health.json", "Not available: java.io.IOException: no answer\n");
        assertThat(texts.get("long.txt")).hasSize(SupportBundle.MOST_CHARS).endsWith("aend");
    }

    @Test
    void existingFileIsKeptAndOnlyTheOwnerCanRead() throws Exception {
        Path file = folder.resolve("mine");
        new SupportBundle(List.of()).write(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        assertThatThrownBy(() -> new SupportBundle(List.of()).write(file))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void secretsAreFoundByNameInEnvironmentAndDotEnv() throws IOException {
        Files.writeString(folder.resolve(".env"), "AWS_SESSION_TOKEN=from-the-file\nSYMBOL=BTCUSDT\nRAW_BUCKET=b\n");

        assertThat(new SettingsLoader(
                                Map.of(
                                        "AWS_SECRET_ACCESS_KEY",
                                        "from-outside",
                                        "BINANCE_API_KEY",
                                        "abc",
                                        "HOME",
                                        "/home/me"),
                                folder)
                        .secrets())
                .containsExactly("from-outside", "from-the-file");
    }
}
