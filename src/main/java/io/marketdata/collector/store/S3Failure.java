package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Translates exceptions of the SDK: who has to act, and what the remedy is. */
final class S3Failure {

    /** Error codes of 4xx responses that are temporary. */
    private static final Set<String> TEMPORARY = Set.of(
            "RequestTimeout",
            "RequestTimeTooSkewed",
            "RequestExpired",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "TooManyRequests",
            "ConditionalRequestConflict",
            "OperationAborted",
            "ExpiredToken",
            "TokenRefreshRequired");

    private static final Set<String> DAMAGED = Set.of("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch");

    private static final Map<String, String> REMEDIES = Map.of(
            "NoSuchBucket", "create the bucket or correct RAW_BUCKET",
            "InvalidAccessKeyId", "the credentials are unknown to the store; correct them or attach a role",
            "SignatureDoesNotMatch", "the secret key does not match the access key; correct the credentials",
            "PermanentRedirect", "the bucket is in another region; set AWS_REGION",
            "AuthorizationHeaderMalformed", "the bucket is in another region; set AWS_REGION",
            "RequestTimeTooSkewed", "the clock of this machine is wrong; synchronise it with chrony or ntpd",
            "AllAccessDisabled", "the account is blocked; contact AWS support");

    private S3Failure() {}

    /**
     * @param what the object or bucket of the request
     * @param permission that the request needs
     */
    static StoreException of(SdkException e, String what, String permission) {
        if (e instanceof AwsServiceException answer) {
            return of(answer, what, permission);
        }
        String message = String.valueOf(e.getMessage());
        if (e instanceof ClientRefusal) {
            return new StoreException(Kind.REFUSED, what + ": " + message, e);
        }
        if (message.contains("Unable to load region")) {
            return new StoreException(Kind.REFUSED, what + ": no region is known; set AWS_REGION", e);
        }
        return new StoreException(Kind.UNAVAILABLE, what + ": " + LogText.of(innermost(e)), e);
    }

    private static StoreException of(AwsServiceException e, String what, String permission) {
        @Nullable AwsErrorDetails details = e.awsErrorDetails();
        @Nullable String code = details == null ? null : details.errorCode();
        String named = code == null ? "without an error code" : LogText.of(code);
        String message = what + ": HTTP " + e.statusCode() + " " + named
                + (isDenied(e.statusCode(), code) ? allow(permission) : remedy(e.statusCode(), code, details));
        return new StoreException(kind(e.statusCode(), code), message, e);
    }

    private static boolean isDenied(int status, @Nullable String code) {
        return "AccessDenied".equals(code) || (status == 403 && code == null);
    }

    private static String allow(String permission) {
        String key =
                permission.equals("s3:GetObject") ? " (and kms:Decrypt on the key of an object under SSE-KMS)" : "";
        return "; allow this role " + permission + " on raw/* of the bucket" + key
                + ", and check whether a bucket policy denies it";
    }

    private static String remedy(int status, @Nullable String code, @Nullable AwsErrorDetails details) {
        Optional<String> region = Optional.ofNullable(details)
                .flatMap(answer -> answer.sdkHttpResponse().firstMatchingHeader("x-amz-bucket-region"));
        if (region.isPresent() && status / 100 == 3) {
            return "; the bucket is in " + LogText.of(region.get()) + ", set AWS_REGION to that";
        }
        if (code != null && REMEDIES.containsKey(code)) {
            return "; " + REMEDIES.get(code);
        }
        return status / 100 == 4
                ? ": " + LogText.of(details == null ? "" : String.valueOf(details.errorMessage()))
                : "";
    }

    private static Kind kind(int status, @Nullable String code) {
        if (code != null && DAMAGED.contains(code)) {
            return Kind.CORRUPTED;
        }
        if ((status >= 500 && status != 501) || status == 429 || status == 409 || status == 408) {
            return Kind.UNAVAILABLE;
        }
        return code != null && TEMPORARY.contains(code) ? Kind.UNAVAILABLE : Kind.REFUSED;
    }

    private static String innermost(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
