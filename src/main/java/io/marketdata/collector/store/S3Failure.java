package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Reads an exception of the SDK: whose business it is, and what there is to do. */
final class S3Failure {

    /** What passes by itself although it is a 4xx. */
    private static final Set<String> PASSING = Set.of(
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
            "AccessDenied",
                    "allow this role s3:PutObject on raw/* of the bucket, and see whether a bucket policy denies it",
            "NoSuchBucket", "create the bucket or correct RAW_BUCKET",
            "InvalidAccessKeyId", "the credentials are unknown to the store; correct them or attach a role",
            "SignatureDoesNotMatch", "the secret key does not fit the access key; correct the credentials",
            "PermanentRedirect", "the bucket is in another region; set AWS_REGION",
            "AuthorizationHeaderMalformed", "the bucket is in another region; set AWS_REGION",
            "RequestTimeTooSkewed", "the clock of this machine is wrong; let chrony or ntpd set it",
            "AllAccessDisabled", "the account is blocked; ask AWS support");

    private S3Failure() {}

    /** @param what the object or bucket that was dealt with */
    static StoreException of(SdkException e, String what) {
        if (e instanceof AwsServiceException answer) {
            return of(answer, what);
        }
        String message = String.valueOf(e.getMessage());
        if (message.contains("Unable to load region")) {
            return new StoreException(Kind.REFUSED, what + ": no region is known; set AWS_REGION", e);
        }
        if (message.contains("Unable to load credentials")) {
            return new StoreException(
                    Kind.REFUSED,
                    what + ": no AWS credentials are found; attach a role to the machine, or set AWS_ACCESS_KEY_ID and"
                            + " AWS_SECRET_ACCESS_KEY",
                    e);
        }
        return new StoreException(Kind.UNAVAILABLE, what + ": " + LogText.of(innermost(e)), e);
    }

    private static StoreException of(AwsServiceException e, String what) {
        @Nullable
        String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
        String named = code == null ? "without an error code" : LogText.of(code);
        String message = what + ": HTTP " + e.statusCode() + " " + named;
        @Nullable
        String region = e.awsErrorDetails() == null
                ? null
                : e.awsErrorDetails()
                        .sdkHttpResponse()
                        .firstMatchingHeader("x-amz-bucket-region")
                        .orElse(null);
        if (region != null && e.statusCode() / 100 == 3) {
            message += "; the bucket is in " + LogText.of(region) + ", set AWS_REGION to that";
        } else if (code != null && REMEDIES.containsKey(code)) {
            message += "; " + REMEDIES.get(code);
        } else if (e.statusCode() / 100 == 4) {
            message += ": "
                    + LogText.of(String.valueOf(
                            e.awsErrorDetails() == null
                                    ? ""
                                    : e.awsErrorDetails().errorMessage()));
        }
        return new StoreException(kind(e.statusCode(), code), message, e);
    }

    private static Kind kind(int status, @Nullable String code) {
        if (code != null && DAMAGED.contains(code)) {
            return Kind.CORRUPTED;
        }
        if ((status >= 500 && status != 501) || status == 429 || status == 409 || status == 408) {
            return Kind.UNAVAILABLE;
        }
        return code != null && PASSING.contains(code) ? Kind.UNAVAILABLE : Kind.REFUSED;
    }

    private static String innermost(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
