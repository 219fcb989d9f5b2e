package io.marketdata.collector.store;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.route.S3Dialect.Addressing;
import io.marketdata.collector.route.S3Dialect.Checksum;
import io.marketdata.collector.route.S3Dialect.ConditionalPut;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** The requests to one bucket, in the dialect of its store. */
final class S3Requests {

    private final String bucket;
    private final S3Dialect dialect;
    private final boolean pathStyle;

    S3Requests(S3Options options) {
        this.bucket = options.bucket();
        this.dialect = options.dialect();
        this.pathStyle = dialect.addressing() == Addressing.PATH
                || (dialect.addressing() == Addressing.AUTO && options.endpoint() != null);
    }

    /** Whether the bucket's name is in the path, and not in the host's name. */
    boolean pathStyle() {
        return pathStyle;
    }

    /** Whether the store does not refuse to overwrite, so that the name must be looked up before a put. */
    boolean mustCheckFirst() {
        return dialect.conditionalPut() == ConditionalPut.CHECK;
    }

    PutObjectRequest put(String key, byte[] body, Sha256 sha256, ContentType type) {
        PutObjectRequest.Builder request = unconditional(key, body, sha256, type);
        return mustCheckFirst() ? request.build() : request.ifNoneMatch("*").build();
    }

    /** A put that overwrites. */
    PutObjectRequest replace(String key, byte[] body, Sha256 sha256, ContentType type) {
        return unconditional(key, body, sha256, type).build();
    }

    private PutObjectRequest.Builder unconditional(String key, byte[] body, Sha256 sha256, ContentType type) {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder().bucket(bucket).key(key).contentType(type.mediaType());
        if (dialect.encryption().algorithm() != null) {
            request.serverSideEncryption(dialect.encryption().algorithm())
                    .ssekmsKeyId(dialect.encryption().kmsKey());
        }
        if (dialect.checksum() == Checksum.SHA256) {
            request.checksumSHA256(sha256.base64());
        } else if (dialect.checksum() == Checksum.CONTENT_MD5) {
            request.contentMD5(Base64.getEncoder().encodeToString(Confirmation.md5(body)));
        }
        return request;
    }

    GetObjectRequest get(String key) {
        return GetObjectRequest.builder().bucket(bucket).key(key).build();
    }

    /** As many keys as S3 gives in one answer, 1,000. */
    ListObjectsV2Request list(String prefix, String after) {
        ListObjectsV2Request.Builder request =
                ListObjectsV2Request.builder().bucket(bucket).prefix(prefix);
        return after.isEmpty() ? request.build() : request.startAfter(after).build();
    }

    /** @param next the token of the answer before; null at first */
    ListObjectsV2Request folders(String prefix, @Nullable String next) {
        return ListObjectsV2Request.builder()
                .bucket(bucket)
                .prefix(prefix)
                .delimiter("/")
                .continuationToken(next)
                .build();
    }

    HeadObjectRequest head(String key) {
        return HeadObjectRequest.builder().bucket(bucket).key(key).build();
    }
}
