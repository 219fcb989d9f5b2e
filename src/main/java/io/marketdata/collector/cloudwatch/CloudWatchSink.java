package io.marketdata.collector.cloudwatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.store.AwsClients;
import io.marketdata.collector.store.AwsConfiguration;
import io.marketdata.collector.store.AwsConfigurationException;
import io.marketdata.collector.store.ClientRefusal;
import io.marketdata.collector.store.Rehearsal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClientBuilder;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;

/**
 * Publishes with {@code PutMetricData} of the AWS SDK. Needs the permission {@code cloudwatch:PutMetricData}. No time is
 * sent: CloudWatch then uses the time of arrival, and rejects nothing because of this machine's clock.
 *
 * <p>The client is built at the first call, because building it fails without a region.
 */
final class CloudWatchSink implements MetricSink {

    /** One request and one retry; what fails then is published with the next call. */
    private static final int ATTEMPTS = 2;

    private final CloudWatchOptions options;
    private final AwsClients clients;
    private final Consumer<CloudWatchClientBuilder> overrides;

    @GuardedBy("this")
    private @Nullable CloudWatchClient client;

    /**
     * @param overrides sets another address or other credentials than those that the SDK's own chain finds: environment,
     *     profile, role of the machine
     */
    CloudWatchSink(CloudWatchOptions options, Consumer<CloudWatchClientBuilder> overrides) {
        this(options, AwsClients.DIRECT, overrides);
    }

    /** @param clients gives the credentials and the way to the server */
    CloudWatchSink(CloudWatchOptions options, AwsClients clients) {
        this(options, clients, builder -> builder.credentialsProvider(clients.credentials()));
    }

    private CloudWatchSink(CloudWatchOptions options, AwsClients clients, Consumer<CloudWatchClientBuilder> overrides) {
        this.options = options;
        this.clients = clients;
        this.overrides = overrides;
    }

    /** Where the calls would go. */
    static URI address(CloudWatchOptions options) throws AwsConfigurationException {
        return AwsConfiguration.read(() -> Rehearsal.addressOf(http -> {
            Region region = AwsConfiguration.region(options.region()).orElse(Region.US_EAST_1);
            try (CloudWatchClient client = CloudWatchClient.builder()
                    .region(region)
                    .credentialsProvider(AwsConfiguration.UNUSED)
                    .httpClient(http)
                    .build()) {
                client.putMetricData(PutMetricDataRequest.builder()
                        .namespace(options.namespace())
                        .build());
            }
        }));
    }

    @Override
    public void put(List<Datum> data) throws PutException {
        try {
            client().putMetricData(PutMetricDataRequest.builder()
                    .namespace(options.namespace())
                    .metricData(data.stream().map(CloudWatchSink::datum).toList())
                    .build());
        } catch (AwsServiceException e) {
            throw new PutException(isRefusal(e) ? Outcome.REFUSED : Outcome.UNAVAILABLE, message(e), e);
        } catch (RuntimeException | LinkageError e) {
            // Any exception of the client: the collector must not end because its metrics cannot be published.
            throw withoutAnswer(e);
        } finally {
            // The client's timeouts use interrupts. A late one must not end the thread, and with it the process.
            Thread.interrupted();
        }
    }

    private static MetricDatum datum(Datum datum) {
        return MetricDatum.builder()
                .metricName(datum.number().metricName())
                .unit(StandardUnit.fromValue(datum.number().unit()))
                .dimensions(
                        Dimension.builder().name("Symbol").value(datum.symbol()).build())
                .value(datum.value())
                .build();
    }

    private static boolean isRefusal(AwsServiceException e) {
        return e.statusCode() / 100 == 4 && !e.isThrottlingException() && !e.isClockSkewException();
    }

    private String message(AwsServiceException e) {
        @Nullable
        String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
        String message = "HTTP " + e.statusCode() + " " + (code == null ? "without an error code" : LogText.of(code));
        return e.statusCode() != 401 && e.statusCode() != 403
                ? message
                : message + "; allow this role cloudwatch:PutMetricData for the namespace " + options.namespace()
                        + ", or set CLOUDWATCH_METRICS=off";
    }

    private static PutException withoutAnswer(Throwable e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Unable to load region")) {
            return new PutException(Outcome.REFUSED, "no region is known; set AWS_REGION", e);
        }
        if (e instanceof ClientRefusal) {
            return new PutException(Outcome.REFUSED, message + "; or set CLOUDWATCH_METRICS=off", e);
        }
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new PutException(
                Outcome.UNAVAILABLE, LogText.of(cause.getClass().getSimpleName() + ": " + cause.getMessage()), e);
    }

    private synchronized CloudWatchClient client() {
        if (client == null) {
            client = build();
        }
        return client;
    }

    private CloudWatchClient build() {
        Duration attemptTimeout = options.callTimeout().dividedBy(ATTEMPTS);
        CloudWatchClientBuilder builder = CloudWatchClient.builder()
                .httpClient(clients.http(() -> Apache5HttpClient.builder()
                        .connectionTimeout(attemptTimeout)
                        .socketTimeout(attemptTimeout)
                        // A connection that has been idle for a minute may be dead.
                        .connectionMaxIdleTime(Duration.ofSeconds(3))
                        .maxConnections(1)))
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .build())
                        .apiCallAttemptTimeout(attemptTimeout)
                        .apiCallTimeout(options.callTimeout()));
        Optional.ofNullable(options.region()).map(Region::of).ifPresent(builder::region);
        overrides.accept(builder);
        return builder.build();
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
