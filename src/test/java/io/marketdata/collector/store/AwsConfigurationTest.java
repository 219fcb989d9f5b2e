package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Sets JVM properties, which the SDK reads before the variables of the same meaning. The same with variables, on the jar, is
 * in AwsConfigurationIT.
 */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class AwsConfigurationTest {

    private static final String GARBAGE = "/gar bage%";

    @TempDir
    private Path folder;

    private final List<String> changed = new ArrayList<>();

    @BeforeEach
    void withoutTheFilesOfThisUser() throws Exception {
        set("aws.configFile", folder.resolve("config").toString());
        set("aws.sharedCredentialsFile", folder.resolve("credentials").toString());
        set("aws.disableEc2Metadata", "true");
    }

    @AfterEach
    void clear() {
        changed.forEach(System::clearProperty);
    }

    private void set(String property, String value) {
        changed.add(property);
        System.setProperty(property, value);
    }

    private static S3Options options(@Nullable URI endpoint) {
        return new S3Options(
                "trial",
                "eu-west-1",
                endpoint,
                4,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                1,
                io.marketdata.collector.route.S3Dialect.STRICT);
    }

    @Test
    void awsItselfIsTheDefault() throws Exception {
        AwsConfiguration.Bucket bucket = AwsConfiguration.bucket(options(null));
        assertThat(bucket.endpoint()).isNull();
        assertThat(bucket.address()).isEqualTo(URI.create("https://trial.s3.eu-west-1.amazonaws.com"));
        assertThat(bucket.regionIsUnusual()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(SdkSystemSetting.class)
    void garbageInASettingOfTheSdkIsHarmlessOrNamed(SdkSystemSetting setting) {
        if (setting.property() == null) {
            return; // has only a variable
        }
        set(setting.property(), GARBAGE);
        try {
            AwsConfiguration.bucket(options(null));
        } catch (AwsConfigurationException e) {
            assertThat(e).hasMessageContaining(setting.environmentVariable()).hasMessageContaining("correct or remove");
        }
    }

    @Test
    void garbageThatTheSdkRefusesIsFound() {
        set("aws.maxAttempts", "abc");
        assertThatThrownBy(() -> AwsConfiguration.bucket(options(null)))
                .isInstanceOf(AwsConfigurationException.class)
                .hasMessage("AWS_MAX_ATTEMPTS: not a whole number: \"abc\"; correct or remove it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\n[default\n",
                "[default]\nuse_fips_endpoint=yes\n",
                "[default]\ndefaults_mode=zzz\n",
                "[default]\nendpoint_url=no url\n",
            })
    void fileOfProfilesThatTheSdkRefusesIsNamed(String config) throws Exception {
        Files.writeString(folder.resolve("config"), config);
        assertThatThrownBy(() -> AwsConfiguration.bucket(options(null)))
                .isInstanceOf(AwsConfigurationException.class)
                .hasMessageContaining(folder.resolve("config").toString());
    }

    @Test
    void misspeltProfileIsNamed() throws Exception {
        Files.writeString(folder.resolve("config"), "[profile right]\nregion=eu-west-1\n");
        set("aws.profile", "rihgt");
        assertThatThrownBy(() -> AwsConfiguration.bucket(options(null)))
                .isInstanceOf(AwsConfigurationException.class)
                .hasMessageStartingWith("AWS_PROFILE: ")
                .hasMessageContaining("no profile rihgt");
    }

    /** Every combination of what can name an endpoint. */
    @Test
    void endpointIsTheOneThatTheSdkResolves() throws Exception {
        Map<String, Optional<URI>> seen = new HashMap<>();
        for (int i = 0; i < 64; i++) {
            clear();
            withoutTheFilesOfThisUser();
            boolean own = (i & 1) != 0;
            if (own) {
                set("aws.endpointUrlS3", "http://127.0.0.1:1");
            }
            if ((i & 2) != 0) {
                set("aws.endpointUrl", "http://127.0.0.1:2");
            }
            if ((i & 4) != 0) {
                set("aws.ignoreConfiguredEndpointUrls", "true");
            }
            Files.writeString(
                    folder.resolve("config"),
                    "[profile p]\n"
                            + ((i & 8) == 0 ? "" : "endpoint_url = http://127.0.0.1:3\n")
                            + ((i & 16) == 0 ? "" : "services = s\n")
                            + ((i & 32) == 0 ? "" : "ignore_configured_endpoint_urls = true\n")
                            + "[services s]\ns3 =\n  endpoint_url = http://127.0.0.1:4\n");
            set("aws.profile", "p");
            Optional<URI> sdk;
            try (S3Client client = S3Client.builder().region(Region.EU_WEST_1).build()) {
                sdk = client.serviceClientConfiguration().endpointOverride();
            }
            // The settings read AWS_ENDPOINT_URL_S3 as well.
            URI ofSettings = own ? URI.create("http://127.0.0.1:1") : null;
            AwsConfiguration.Bucket bucket = AwsConfiguration.bucket(options(ofSettings));
            assertThat(Optional.ofNullable(bucket.endpoint()))
                    .as("combination %d", i)
                    .isEqualTo(sdk);
            // By path at an endpoint of one's own, so that no name below it needs to exist.
            assertThat(bucket.address())
                    .as("combination %d", i)
                    .isEqualTo(sdk.orElse(URI.create("https://trial.s3.eu-west-1.amazonaws.com")));
            seen.put(Integer.toString(i), sdk);
        }
        assertThat(seen.values()).contains(Optional.empty()).hasSize(64);
        assertThat(seen.values().stream().distinct()).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"minio", "garage", "eu-isoe-west-9", "RegionOne"})
    void unusualRegionIsReportedUnlessTheBucketIsElsewhere(String region) throws Exception {
        assertThat(AwsConfiguration.bucket(options(null).at(region, null)).regionIsUnusual())
                .isTrue();
        URI elsewhere = URI.create("http://127.0.0.1:1");
        assertThat(AwsConfiguration.bucket(options(null).at(region, elsewhere)).regionIsUnusual())
                .isFalse();
    }
}
