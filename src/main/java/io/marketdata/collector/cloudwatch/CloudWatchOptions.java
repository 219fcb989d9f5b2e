package io.marketdata.collector.cloudwatch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach CloudWatch. Its address is the SDK's business: {@code AWS_ENDPOINT_URL_CLOUDWATCH} in the environment names
 * another one.
 *
 * @param namespace that the metrics are put into
 * @param region null: the SDK's own chain finds it
 * @param callTimeout for one call with its retry
 */
public record CloudWatchOptions(String namespace, @Nullable String region, Duration callTimeout) {

    /** The longest that anybody waits for CloudWatch. */
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
}
