package io.marketdata.collector.store;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Builds S3 stores for tests, with short timeouts and the credentials of the test server. */
public final class S3Stores {

    private S3Stores() {}

    public static S3ObjectStore of(URI endpoint, String bucket, String accessKey, String secretKey) {
        return new S3ObjectStore(
                new S3Options(bucket, "us-east-1", endpoint, 4, Duration.ofSeconds(3), Duration.ofSeconds(20), 8),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)));
    }
}
