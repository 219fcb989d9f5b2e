package io.marketdata.collector.cloudwatch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach CloudWatch. The SDK chooses the address; {@code AWS_ENDPOINT_URL_CLOUDWATCH} in the environment overrides it.
 *
 * @param namespace of the metrics
 * @param region null: found by the SDK's own chain
 * @param callTimeout for one call including its retry
 */
public record CloudWatchOptions(String namespace, @Nullable String region, Duration callTimeout) {

    /** The longest that a thread waits for CloudWatch. */
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
}
