package io.marketdata.collector.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.doctor.Finding.Level;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.store.S3Stores;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.StoreKind;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.upload.ObjectStore;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Doctor's check of a bucket against stubs that answer as each store is documented to. */
class StoreSearchTest {

    private static final Pattern SETTING = Pattern.compile("(S3_[A-Z_]+)=(\\S+)(?= |$)");

    @TempDir
    private Path home;

    private final Map<String, String> environment = new LinkedHashMap<>();
    private StubS3 server;

    @BeforeEach
    void start() throws Exception {
        server = new StubS3();
        environment.put("RAW_BUCKET", "bucket");
        environment.put("AWS_REGION", "us-east-1");
        environment.put("LOCAL_DIR", home.resolve("spool").toString());
        environment.put(
                "AWS_ENDPOINT_URL_S3", "http://store.internal:" + server.uri().getPort());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Finding check() throws Exception {
        Settings settings = new SettingsLoader(environment, home).load();
        StoreTarget.S3 target = (StoreTarget.S3) settings.store();
        URI endpoint = Objects.requireNonNull(target.endpoint());
        Function<S3Dialect, ObjectStore> open =
                dialect -> S3Stores.of(endpoint, target.bucket(), "key", "secret", dialect);
        try (ObjectStore store = open.apply(target.dialect())) {
            List<Finding> findings = new StoreChecks(settings, store, open, new ManualTime()).bucket();
            assertThat(findings).hasSize(1);
            return findings.get(0);
        }
    }

    /** What the finding says to set: the words up to the number of tries. */
    private static Map<String, String> settings(Finding finding) {
        return SETTING.matcher(String.valueOf(finding.remedy()).replaceFirst("\\(.*", ""))
                .results()
                .collect(Collectors.toMap(
                        (MatchResult found) -> found.group(1),
                        found -> found.group(2),
                        (first, second) -> first,
                        LinkedHashMap::new));
    }

    @ParameterizedTest
    @CsvSource({
        "AWS_WITH_KMS_POLICY, S3_ENCRYPTION=aws:kms",
        "MINIO_WITHOUT_KMS, S3_ENCRYPTION=none",
        "RUSTFS_WITHOUT_KMS, S3_ENCRYPTION=none",
        "BACKBLAZE_B2, S3_CONDITIONAL_PUT=check S3_CHECKSUM=content-md5",
        "CLOUDFLARE_R2, S3_ENCRYPTION=none",
        "GOOGLE_CLOUD_STORAGE, S3_CONDITIONAL_PUT=check",
        "SEAWEEDFS_3_96, S3_CONDITIONAL_PUT=check",
        "ALIBABA_OSS, S3_ADDRESSING=virtual S3_CONDITIONAL_PUT=check",
        "OBJECT_LOCK_WITHOUT_SHA256, S3_CHECKSUM=content-md5",
    })
    void printsTheStrictestSettingsThatTheStoreAccepts(StoreKind kind, String expected) throws Exception {
        server.like(kind);

        Finding refused = check();

        assertThat(refused.level()).isEqualTo(Level.FAIL);
        assertThat(String.join("\n", refused.lines())).contains("works with the settings " + expected + " (");
        assertThat(server.requests()).as("requests").hasSizeLessThan(60);
        assertThat(server.objects().keySet()).allMatch(key -> key.startsWith("raw/doctor/_probe-"));

        environment.putAll(settings(refused));
        assertThat(check().level()).as("with " + settings(refused)).isEqualTo(Level.OK);
    }

    @ParameterizedTest
    @CsvSource({"AWS", "CEPH_RGW_16"})
    void storeThatWorksIsNotSearched(StoreKind kind) throws Exception {
        server.like(kind);

        assertThat(check().level()).isEqualTo(Level.OK);
        assertThat(server.objects()).hasSize(1);
    }

    /** Settings that were needed for another store. */
    @Test
    void settingsThatAskForTooLittleAreUndone() throws Exception {
        server.like(StoreKind.AWS_WITH_KMS_POLICY);
        environment.put("S3_ENCRYPTION", "NONE");
        environment.put("S3_ADDRESSING", "Path");
        environment.put("S3_CONDITIONAL_PUT", "Check");
        environment.put("S3_CHECKSUM", "Content-MD5");

        assertThat(settings(check()))
                .containsEntry("S3_ENCRYPTION", "aws:kms")
                .containsEntry("S3_CONDITIONAL_PUT", "require")
                .containsEntry("S3_CHECKSUM", "sha256")
                .hasSize(3);
    }

    @Test
    void keyOfTheSettingsIsTriedBeforeTheDefaultKey() throws Exception {
        server.script(request -> request.method().equals("PUT")
                        && !request.header("if-none-match").isEmpty()
                ? Optional.of(StubS3.error(501, "NotImplemented"))
                : Optional.empty());
        environment.put("S3_ENCRYPTION", "aws:kms:arn:aws:kms:eu-west-1:123456789012:key/1-2-3");

        assertThat(settings(check())).isEqualTo(Map.of("S3_CONDITIONAL_PUT", "check"));
    }

    @Test
    void reasonIsKeptWhereNoSettingsHelp() throws Exception {
        server.script(request -> Optional.of(StubS3.error(404, "NoSuchBucket")));

        assertThat(String.join("\n", check().lines()))
                .contains("HTTP 404 NoSuchBucket", "create the bucket", "No value of S3_ENCRYPTION", "18 combinations");
    }

    /** Some stores lock an account after several attempts with wrong keys. */
    @Test
    void unknownKeysAreTriedOnlyOnce() throws Exception {
        server.script(request -> Optional.of(StubS3.error(403, "InvalidAccessKeyId")));

        assertThat(check().remedy()).contains("credentials").doesNotContain("combination");
        assertThat(server.requests()).hasSize(1);
    }
}
