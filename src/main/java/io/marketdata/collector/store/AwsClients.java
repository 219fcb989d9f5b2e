package io.marketdata.collector.store;

import io.marketdata.collector.route.ProxyRule;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hc.client5.http.DnsResolver;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * Builds the clients of AWS services: their credentials, and the way to their servers.
 *
 * @param proxies which proxy leads to which server
 * @param allowHttp whether requests without TLS may leave private networks
 */
public record AwsClients(ProxyRule proxies, boolean allowHttp) {

    /** Without a proxy, and without TLS only in private networks. */
    public static final AwsClients DIRECT = new AwsClients(ProxyRule.DIRECT, false);

    // S3 closes idle connections after about 5 s, and the usual rotation is 5 s: every second put would find its
    // connection closed (JuliaCloud/AWSCore.jl issue 35; reproduced against a server that does so).
    private static final Duration MAX_IDLE = Duration.ofSeconds(3);

    // Above this size the client sends Expect: 100-continue: a refusal then arrives as an error code instead of a
    // broken pipe. Manifests are smaller; for them the extra round trip is not worth it.
    private static final long EXPECT_CONTINUE_BYTES = 2_048;

    /** The SDK's default chain: environment, web identity, profile (SSO and roles too), role of the container or machine. */
    public AwsCredentialsProvider credentials() {
        return explaining(DefaultCredentialsProvider.builder().build());
    }

    /** Another chain, with the same messages when it finds none. */
    public static AwsCredentialsProvider explaining(AwsCredentialsProvider chain) {
        return new CredentialChain(chain);
    }

    /**
     * The HTTP client of one service.
     *
     * @param settings makes a builder with everything but the proxy, once for each proxy
     */
    public SdkHttpClient http(Supplier<Apache5HttpClient.Builder> settings) {
        return new AwsHttp(proxies, allowHttp, settings);
    }

    /** Why a request over http is refused, and what to do. */
    public static String openNetwork(URI target) {
        return "http://" + target.getHost()
                + " would cross an open network unencrypted, with the credentials' signature;"
                + " use https, or set ALLOW_HTTP_ENDPOINT=yes if others on that network may read and change the data";
    }

    S3Client s3(S3Options options, AwsCredentialsProvider credentials, DnsResolver names) {
        return s3(options, credentials, http(() -> s3Http(options.connections()).dnsResolver(names)));
    }

    static S3Client s3(S3Options options, AwsCredentialsProvider credentials, SdkHttpClient http) {
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
                .httpClient(http)
                // Our own digest is in the request; the client's would be in a trailer, which many servers refuse.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(new S3Requests(options).pathStyle())
                        // aws-chunked is refused by OSS, and stored as part of the object by others.
                        .chunkedEncodingEnabled(false)
                        .expectContinueThresholdInBytes(EXPECT_CONTINUE_BYTES)
                        .build())
                .overrideConfiguration(o -> o.retryStrategy(retry)
                        .addExecutionInterceptor(new BoundedAnswers())
                        .apiCallAttemptTimeout(options.attemptTimeout())
                        .apiCallTimeout(options.callTimeout()));
        Optional.ofNullable(options.region()).map(Region::of).ifPresent(builder::region);
        Optional.ofNullable(options.endpoint()).ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private static Apache5HttpClient.Builder s3Http(int connections) {
        return Apache5HttpClient.builder()
                .connectionTimeout(Duration.ofSeconds(3))
                .socketTimeout(Duration.ofSeconds(10))
                .connectionMaxIdleTime(MAX_IDLE)
                .connectionTimeToLive(Duration.ofMinutes(5)) // to follow changes of S3's addresses
                .maxConnections(connections)
                .tcpKeepAlive(true);
    }
}
