package io.marketdata.collector.store;

import io.marketdata.collector.route.S3Dialect;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Builds S3 stores for tests, with short timeouts and the credentials of the test server. */
public final class S3Stores {

    private S3Stores() {}

    public static S3ObjectStore of(URI endpoint, String bucket, String accessKey, String secretKey) {
        return of(endpoint, bucket, accessKey, secretKey, S3Dialect.STRICT);
    }

    /** @param endpoint names below .internal lead to this machine */
    public static S3ObjectStore of(URI endpoint, String bucket, String accessKey, String secretKey, S3Dialect dialect) {
        Duration attempt = Duration.ofSeconds(3);
        return new S3ObjectStore(
                new S3Options(bucket, "us-east-1", endpoint, 4, attempt, Duration.ofSeconds(20), 8, dialect),
                AwsClients.DIRECT,
                StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)),
                NAMES);
    }

    /** As a name server that knows every host below .internal. */
    private static final DnsResolver NAMES = new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            return host.endsWith(".internal")
                    ? new InetAddress[] {InetAddress.getLoopbackAddress()}
                    : SystemDefaultDnsResolver.INSTANCE.resolve(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) throws UnknownHostException {
            return SystemDefaultDnsResolver.INSTANCE.resolveCanonicalHostname(host);
        }
    };
}
