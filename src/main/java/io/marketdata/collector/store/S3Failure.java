package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.util.Set;
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

    private final S3Options options;
    private final String what;
    private final String permission;

    /**
     * @param what the object or bucket of the request
     * @param permission that the request needs, on {@code raw/*} if it does not name a folder
     */
    S3Failure(S3Options options, String what, String permission) {
        this.options = options;
        this.what = what;
        this.permission = permission;
    }

    StoreException of(SdkException e) {
        return e instanceof AwsServiceException answer ? of(S3Answer.of(answer), e) : withoutAnswer(e);
    }

    private StoreException withoutAnswer(SdkException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof ClientRefusal) {
            return new StoreException(Kind.REFUSED, what + ": " + message, e);
        }
        if (message.contains("Unable to load region")) {
            return new StoreException(Kind.REFUSED, what + ": no region is known; set AWS_REGION", e);
        }
        String fault = innermost(e);
        boolean noSubdomain = fault.startsWith("UnknownHostException")
                && fault.contains(options.bucket() + ".")
                && !new S3Requests(options).pathStyle();
        String remedy = noSubdomain && options.endpoint() != null
                ? "the name server knows no host of the bucket's name; set S3_ADDRESSING=path, or add it there"
                : "";
        return new StoreException(Kind.UNAVAILABLE, what + ": " + LogText.of(fault), remedy, e);
    }

    private StoreException of(S3Answer answer, SdkException e) {
        S3Remedy remedy = new S3Remedy(answer, options, permission);
        return new StoreException(kind(answer, remedy), what + ": " + answer.describe(), remedy.text(), e);
    }

    private static Kind kind(S3Answer answer, S3Remedy remedy) {
        int status = answer.status();
        if (DAMAGED.contains(answer.code())) {
            return Kind.CORRUPTED;
        }
        if (TEMPORARY.contains(answer.code()) || status == 429 || status == 409 || status == 408) {
            return Kind.UNAVAILABLE;
        }
        return status >= 500 && !remedy.isForTheOperator() ? Kind.UNAVAILABLE : Kind.REFUSED;
    }

    private static String innermost(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
