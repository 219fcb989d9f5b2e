package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileLocation;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.profiles.ProfileProperty;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.utils.SystemSetting;

/**
 * Reads the AWS SDK's own configuration once at the start: its variables, JVM properties and files. A mistake in there is
 * found before anything is recorded, and the endpoint is the one that the SDK itself resolves.
 */
public final class AwsConfiguration {

    /** Signs rehearsed requests, which are never sent. */
    public static final AwsCredentialsProvider UNUSED =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("rehearsal", "rehearsal"));

    /** Characters of a message of the SDK: that of a wrong truth value has 141, the allowed ones last. */
    private static final int MAX_REASON = 300;

    private AwsConfiguration() {}

    /**
     * Where a bucket's requests go.
     *
     * @param endpoint that replaces AWS's own; null: none
     * @param address scheme, host and port of the requests
     * @param regionIsUnusual whether the region is none that the SDK knows, and AWS's own endpoint is used
     */
    public record Bucket(@Nullable URI endpoint, URI address, boolean regionIsUnusual) {}

    /**
     * Resolves the endpoint: the one in the options unless configured endpoints are ignored, or else the one that the SDK's
     * configuration names.
     *
     * @throws AwsConfigurationException if the SDK cannot use its configuration
     */
    public static Bucket bucket(S3Options options) throws AwsConfigurationException {
        return read(() -> {
            Region region = region(options.region()).orElse(Region.US_EAST_1);
            S3Options plain = options.at(region.id(), null);
            URI configured = endpoint(plain);
            URI endpoint = options.endpoint() == null ? configured : ignoresEndpoints() ? null : options.endpoint();
            S3Options resolved = plain.at(region.id(), endpoint);
            boolean unusual = endpoint == null && !Region.regions().contains(region);
            return new Bucket(endpoint, address(resolved), unusual);
        });
    }

    /**
     * The region of the settings, or else of the environment or the profile. The instance is not asked: that would delay the
     * start of recording where there is no instance metadata.
     */
    public static Optional<Region> region(@Nullable String ofSettings) {
        if (ofSettings != null) {
            return Optional.of(Region.of(ofSettings));
        }
        AwsRegionProvider chain =
                new AwsRegionProviderChain(new SystemSettingsRegionProvider(), new AwsProfileRegionProvider());
        try {
            return Optional.ofNullable(chain.getRegion());
        } catch (SdkClientException e) {
            return Optional.empty();
        }
    }

    private static @Nullable URI endpoint(S3Options options) {
        try (S3Client client = AwsClients.s3(options, UNUSED, AwsClients.DIRECT.http(() -> {
            throw new IllegalStateException("never sends");
        }))) {
            return client.serviceClientConfiguration().endpointOverride().orElse(null);
        }
    }

    private static URI address(S3Options options) {
        return Rehearsal.addressOf(http -> {
            try (S3Client client = AwsClients.s3(options, UNUSED, http)) {
                client.putObject(put -> put.bucket(options.bucket()).key("rehearsal"), RequestBody.empty());
            }
        });
    }

    private static boolean ignoresEndpoints() {
        return SdkSystemSetting.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
                .getBooleanValue()
                .or(() -> profile()
                        .flatMap(profile -> profile.booleanProperty(ProfileProperty.IGNORE_CONFIGURED_ENDPOINT_URLS)))
                .orElse(false);
    }

    /**
     * Reads a part of the configuration.
     *
     * @throws AwsConfigurationException with what cannot be used, if the SDK throws anything
     */
    public static <T> T read(Supplier<T> reader) throws AwsConfigurationException {
        try {
            requireProfile();
            return reader.get();
        } catch (RuntimeException e) {
            throw new AwsConfigurationException(message(e), e);
        }
    }

    /** The SDK ignores a profile that does not exist, and looks for credentials elsewhere. */
    private static void requireProfile() throws AwsConfigurationException {
        boolean hasKey =
                SdkSystemSetting.AWS_ACCESS_KEY_ID.getNonDefaultStringValue().isPresent();
        Optional<String> wanted = ProfileFileSystemSetting.AWS_PROFILE.getNonDefaultStringValue();
        if (wanted.isPresent() && !hasKey && profile().isEmpty()) {
            String message =
                    "AWS_PROFILE: no profile " + LogText.of(wanted.get()) + " in " + files() + "; correct or remove it";
            throw new AwsConfigurationException(message);
        }
    }

    private static Optional<Profile> profile() {
        return ProfileFile.defaultProfileFile().profile(ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow());
    }

    private static String message(RuntimeException e) {
        String reason = reason(e);
        Predicate<String> repeated = text -> !text.isBlank() && reason.contains(text.strip());
        Predicate<String> repeatedValue = repeated.and(text -> !text.equals("true") && !text.equals("false"));
        String source = Stream.<Supplier<Optional<String>>>of(
                        AwsConfiguration::unreadableFile,
                        () -> variable(setting -> repeated.test(setting.environmentVariable())),
                        () -> property(property -> repeated.test(property.getKey())),
                        () -> variable(setting ->
                                repeatedValue.test(setting.getStringValue().orElse(""))),
                        () -> property(property -> repeatedValue.test(property.getValue())))
                .map(Supplier::get)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse("configuration of the AWS SDK (variables AWS_…, " + files() + ")");
        return source + ": " + LogText.of(reason, MAX_REASON) + "; correct or remove it";
    }

    private static String reason(Throwable e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String own = String.valueOf(e.getMessage());
        String inner = String.valueOf(cause.getMessage());
        if (cause instanceof NumberFormatException) {
            return inner.replace("For input string: ", "not a whole number: ");
        }
        return own.contains(inner) ? own : own + ": " + inner;
    }

    /** A file of profiles that cannot be read or parsed, if there is one. */
    private static Optional<String> unreadableFile() {
        Map<ProfileFile.Type, Optional<Path>> files = Map.of(
                ProfileFile.Type.CONFIGURATION, ProfileFileLocation.configurationFileLocation(),
                ProfileFile.Type.CREDENTIALS, ProfileFileLocation.credentialsFileLocation());
        return files.entrySet().stream()
                .filter(file -> file.getValue()
                        .filter(path -> !isUsable(path, file.getKey()))
                        .isPresent())
                .findFirst()
                .map(file -> "file " + LogText.of(String.valueOf(file.getValue().orElseThrow())));
    }

    private static boolean isUsable(Path path, ProfileFile.Type type) {
        try {
            ProfileFile.builder().content(path).type(type).build();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** The first variable that is set and matches. Those of endpoints are no settings of the SDK, and named by it. */
    private static Optional<String> variable(Predicate<SystemSetting> matches) {
        return Arrays.stream(SdkSystemSetting.values())
                .filter(setting -> setting.getNonDefaultStringValue().isPresent())
                .filter(matches)
                .map(SystemSetting::environmentVariable)
                .findFirst();
    }

    /** The first property of the profile that matches. */
    private static Optional<String> property(Predicate<Map.Entry<String, String>> matches) {
        return profile().stream()
                .flatMap(profile -> profile.properties().entrySet().stream())
                .filter(matches)
                .map(property -> property.getKey() + " of the profile in " + files())
                .findFirst();
    }

    private static String files() {
        return ProfileFileLocation.configurationFilePath() + " or " + ProfileFileLocation.credentialsFilePath();
    }
}
