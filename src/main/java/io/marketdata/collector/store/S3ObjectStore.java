package io.marketdata.collector.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * Stores objects in an S3 bucket. Each put is one request with SSE AES256, our SHA-256 for S3 to verify, and
 * {@code If-None-Match: *}, and succeeds only if the response repeats that digest.
 *
 * <p>The client is built at the first put: without a region building fails, and the collector must keep recording until
 * the operator fixes that.
 */
public final class S3ObjectStore implements ObjectStore {

    // S3 closes idle connections after about 5 s, and the usual rotation is 5 s: every second put would find its
    // connection closed (JuliaCloud/AWSCore.jl issue 35; reproduced against a server that does so).
    private static final Duration MAX_IDLE = Duration.ofSeconds(3);

    // Above this size the client sends Expect: 100-continue: a refusal then arrives as an error code instead of a
    // broken pipe. Manifests are smaller; for them the extra round trip is not worth it.
    private static final long EXPECT_CONTINUE_BYTES = 2_048;

    private final S3Options options;
    private final AwsCredentialsProvider credentials;

    @GuardedBy("this")
    private @Nullable S3Client client;

    /** Uses the SDK's default credentials chain: environment, profile, role of the machine. */
    public S3ObjectStore(S3Options options) {
        this(options, DefaultCredentialsProvider.builder().build());
    }

    S3ObjectStore(S3Options options, AwsCredentialsProvider credentials) {
        this.options = options;
        this.credentials = credentials;
    }

    @Override
    public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        PutObjectRequest request = PutObjectRequest.builder()
                .bucket(options.bucket())
                .key(key)
                .contentType(type.mediaType())
                .serverSideEncryption(ServerSideEncryption.AES256)
                .checksumSHA256(sha256.base64())
                .ifNoneMatch("*")
                .build();
        PutObjectResponse response;
        try {
            response = client().putObject(request, RequestBody.fromBytes(body));
        } catch (SdkException e) {
            if (e instanceof S3Exception s3 && s3.statusCode() == 412) {
                return compareExisting(key, body, sha256);
            }
            throw S3Failure.of(e, object(key));
        }
        if (confirms(response.checksumSHA256(), response.eTag(), body, sha256)) {
            return PutOutcome.STORED;
        }
        // A 200 can carry an error in its body; the client reports success with an empty response.
        String unconfirmed = ": the response reports success but confirms neither our SHA-256 nor the MD5 as ETag, so"
                + " the object may not be stored; retrying";
        throw new StoreException(Kind.UNAVAILABLE, object(key) + unconfirmed);
    }

    /** After a 412: the object is from an earlier attempt of ours whose response was lost, or not ours. */
    private PutOutcome compareExisting(String key, byte[] body, Sha256 sha256) throws StoreException {
        HeadObjectRequest request = HeadObjectRequest.builder()
                .bucket(options.bucket())
                .key(key)
                .checksumMode(ChecksumMode.ENABLED)
                .build();
        try {
            HeadObjectResponse existing = client().headObject(request);
            return confirms(existing.checksumSHA256(), existing.eTag(), body, sha256)
                    ? PutOutcome.ALREADY_STORED
                    : PutOutcome.NAME_TAKEN;
        } catch (SdkException e) {
            if (e instanceof S3Exception s3 && (s3.statusCode() == 403 || s3.statusCode() == 404)) {
                // Unknown without s3:GetObject. A second object is a duplicate, which is allowed; trusting an object
                // that is not ours would lose trades.
                return PutOutcome.NAME_TAKEN;
            }
            throw S3Failure.of(e, object(key));
        }
    }

    /**
     * Whether a response proves that the store holds these bytes. The ETag of an object put in one request is its MD5,
     * except under KMS keys; it is used for servers that do not support SHA-256.
     */
    private static boolean confirms(@Nullable String checksum, @Nullable String eTag, byte[] body, Sha256 sha256) {
        return checksum != null ? checksum.equals(sha256.base64()) : eTag != null && eTag.equals(md5ETag(body));
    }

    private static String md5ETag(byte[] body) {
        try {
            byte[] md5 = MessageDigest.getInstance("MD5").digest(body);
            return '"' + HexFormat.of().formatHex(md5) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
    }

    private synchronized S3Client client() throws StoreException {
        if (client == null) {
            try {
                client = build();
            } catch (SdkException e) {
                throw S3Failure.of(e, describe());
            }
        }
        return client;
    }

    private S3Client build() {
        BackoffStrategy throttled = BackoffStrategy.exponentialDelay(Duration.ofSeconds(1), Duration.ofSeconds(10));
        RetryStrategy retry = AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(options.attempts())
                .backoffStrategy(BackoffStrategy.exponentialDelay(Duration.ofMillis(200), Duration.ofSeconds(5)))
                .throttlingBackoffStrategy(throttled)
                // Otherwise the client stops retrying after about 30 failed puts; the uploader paces an outage itself.
                .circuitBreakerEnabled(false)
                .build();
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials)
                .httpClient(httpClient().build())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_SUPPORTED)
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(options.endpoint() != null)
                        .expectContinueThresholdInBytes(EXPECT_CONTINUE_BYTES)
                        .build())
                .overrideConfiguration(o -> o.retryStrategy(retry)
                        .apiCallAttemptTimeout(options.attemptTimeout())
                        .apiCallTimeout(options.callTimeout()));
        Optional.ofNullable(options.region()).map(Region::of).ifPresent(builder::region);
        Optional.ofNullable(options.endpoint()).ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private Apache5HttpClient.Builder httpClient() {
        return Apache5HttpClient.builder()
                .connectionTimeout(Duration.ofSeconds(3))
                .socketTimeout(Duration.ofSeconds(10))
                .connectionMaxIdleTime(MAX_IDLE)
                .connectionTimeToLive(Duration.ofMinutes(5)) // to follow changes of S3's addresses
                .maxConnections(options.connections())
                .tcpKeepAlive(true);
    }

    private String object(String key) {
        return "s3://" + options.bucket() + "/" + key;
    }

    @Override
    public String describe() {
        return "s3://" + options.bucket() + (options.endpoint() == null ? "" : " at " + options.endpoint());
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
