package io.marketdata.collector.store;

import io.marketdata.collector.route.S3Dialect;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a bucket.
 *
 * @param region if null, the SDK's default chain finds it (environment, profile, instance metadata)
 * @param endpoint null for AWS
 * @param attempts number of requests for one put, including the first
 * @param attemptTimeout for one request
 * @param callTimeout for all requests of a put together
 * @param connections largest number of open connections; one per thread that uploads
 * @param dialect what the requests look like
 */
public record S3Options(
        String bucket,
        @Nullable String region,
        @Nullable URI endpoint,
        int attempts,
        Duration attemptTimeout,
        Duration callTimeout,
        int connections,
        S3Dialect dialect) {

    /** The same bucket in a region and at an endpoint. */
    S3Options at(String newRegion, @Nullable URI newEndpoint) {
        return new S3Options(
                bucket, newRegion, newEndpoint, attempts, attemptTimeout, callTimeout, connections, dialect);
    }

    /** The same bucket with another number of connections. */
    public S3Options connections(int newConnections) {
        return new S3Options(bucket, region, endpoint, attempts, attemptTimeout, callTimeout, newConnections, dialect);
    }
}
