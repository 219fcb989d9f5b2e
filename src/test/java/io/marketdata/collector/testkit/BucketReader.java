package io.marketdata.collector.testkit;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** Reads a bucket of any S3 server, independently of the product's own store. */
public final class BucketReader implements AutoCloseable {

    private final S3Client s3;
    private final String bucket;

    /** @param trust null: the platform's */
    public BucketReader(URI endpoint, String accessKey, String secretKey, String bucket, @Nullable TrustManager trust) {
        Apache5HttpClient.Builder http = Apache5HttpClient.builder();
        if (trust != null) {
            http.tlsTrustManagersProvider(() -> new TrustManager[] {trust});
        }
        this.s3 = S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)))
                .httpClient(http.build())
                .build();
        this.bucket = bucket;
    }

    /** Makes the bucket. */
    public BucketReader create() {
        s3.createBucket(request -> request.bucket(bucket));
        return this;
    }

    /** Every object. */
    public Map<String, byte[]> objects() {
        Map<String, byte[]> objects = new LinkedHashMap<>();
        for (S3Object object : s3.listObjectsV2Paginator(r -> r.bucket(bucket)).contents()) {
            objects.put(object.key(), get(object.key()));
        }
        return objects;
    }

    public byte[] get(String key) {
        return s3.getObjectAsBytes(r -> r.bucket(bucket).key(key)).asByteArray();
    }

    /** The object's encryption as the server reports it. */
    public @Nullable ServerSideEncryption encryption(String key) {
        return s3.headObject(r -> r.bucket(bucket).key(key)).serverSideEncryption();
    }

    @Override
    public void close() {
        s3.close();
    }
}
