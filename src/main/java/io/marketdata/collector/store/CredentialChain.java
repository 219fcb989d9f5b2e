package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's credentials chain with messages that an operator can act on: the SDK's own reason, for the source that is
 * configured and fails, and a remedy. Whatever the chain throws becomes a {@link ClientRefusal}: the files it reads may
 * change at any time, and the collector must keep recording. Any thread.
 */
final class CredentialChain implements AwsCredentialsProvider, SdkAutoCloseable {

    private static final String NONE = "no AWS credentials are found";
    private static final String ATTACH =
            "; attach a role to the machine, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

    private static final int SHOWN_CHARS = 400;

    /** What the SDK says about a source that is not configured at all. */
    private static final List<String> NOT_CONFIGURED = List.of(
            "Access key must be specified",
            "Either the environment variable AWS_WEB_IDENTITY_TOKEN_FILE",
            "neither AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "contained no credentials for profile 'default'",
            "IMDS credentials have been disabled",
            "Failed to load credentials from IMDS");

    private static final Pattern NEXT_SOURCE = Pattern.compile(", (?=\\w+CredentialsProvider\\()");
    private static final Pattern PROFILE = Pattern.compile("\\(profileName=([^,)]*)");

    private final AwsCredentialsProvider chain;

    CredentialChain(AwsCredentialsProvider chain) {
        this.chain = chain;
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return chain.resolveCredentials();
        } catch (RuntimeException e) {
            throw new ClientRefusal(message(String.valueOf(e.getMessage())));
        }
    }

    /** @param failure the SDK's message: {@code Unable to load … chain Chain([A(), …]) : [A(): reason, B(): reason]} */
    static String message(String failure) {
        int from = failure.indexOf(") : [");
        if (from < 0) {
            return NONE + ": " + escaped(failure) + "; correct the configuration of the AWS SDK";
        }
        List<String> sources = Arrays.stream(NEXT_SOURCE.split(failure.substring(from + ") : [".length())))
                .filter(source -> NOT_CONFIGURED.stream().noneMatch(source::contains))
                .toList();
        if (sources.isEmpty()) {
            return NONE + ATTACH;
        }
        String reasons = sources.stream().map(CredentialChain::reason).collect(Collectors.joining("; "));
        return NONE + ": " + escaped(reasons) + "; " + remedy(sources);
    }

    private static String reason(String source) {
        int from = source.indexOf("): ");
        int to = source.indexOf(": ProfileFile(");
        return source.substring(from < 0 ? 0 : from + "): ".length(), to < 0 ? source.length() : to)
                .replaceAll("]$", "");
    }

    private static String remedy(List<String> sources) {
        String all = String.join(" ", sources);
        Matcher named = PROFILE.matcher(all);
        String profile = named.find() ? escaped(named.group(1)) : "NAME";
        if (all.contains("SSO") || all.contains("sso login") || all.contains("Token")) {
            return "run: aws sso login --profile " + profile;
        }
        if (all.contains("'signin' service module")) {
            return "sessions of aws login are not supported; set credential_process = aws configure export-credentials"
                    + " --profile " + profile + " --format process in another profile, and AWS_PROFILE to that one";
        }
        return Optional.of(all)
                .filter(text -> text.contains("Secret key must be specified"))
                .map(text -> "set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID")
                .orElse("correct AWS_PROFILE or that source of credentials");
    }

    private static String escaped(String text) {
        return LogText.of(text, SHOWN_CHARS);
    }

    @Override
    public void close() {
        if (chain instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }

    @Override
    public String toString() {
        return "CredentialChain()";
    }
}
