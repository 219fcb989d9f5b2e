package io.marketdata.collector.store;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a bucket.
 *
 * @param region null: the SDK's own chain finds it (environment, profile, instance metadata)
 * @param endpoint null: AWS. Set, the bucket is addressed in the path
 * @param attempts requests for one put, the first included
 * @param attemptTimeout for one request
 * @param callTimeout for all requests of a put together
 * @param connections most connections at a time; one per thread that puts
 */
public record S3Options(
        String bucket,
        @Nullable String region,
        @Nullable URI endpoint,
        int attempts,
        Duration attemptTimeout,
        Duration callTimeout,
        int connections) {}
