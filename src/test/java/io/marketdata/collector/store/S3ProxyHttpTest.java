package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.testkit.BucketReader;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

class S3ProxyHttpTest extends ObjectStoreContract {

    private static final byte[] BODY = {1, 2, 3};

    private static S3ProxyServer server;
    private static ObjectStore store;
    private static BucketReader reader;

    @BeforeAll
    static void start() {
        server = S3ProxyServer.http();
        store = S3Stores.of(server.uri(), S3ProxyServer.BUCKET, S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY);
        reader = new BucketReader(
                server.uri(), S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY, S3ProxyServer.BUCKET, null);
    }

    @AfterAll
    static void stop() {
        store.close();
        reader.close();
        server.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Override
    byte[] read(String key) {
        return reader.get(key);
    }

    @Test
    void storeEncryptsObjects() throws Exception {
        store.put("raw/encrypted", BODY, Sha256.of(BODY), ContentType.GZIP);

        assertThat(reader.encryption("raw/encrypted")).isEqualTo(ServerSideEncryption.AES256);
    }

    @Test
    void wrongSecretIsReported() {
        refused(S3ProxyServer.BUCKET, S3ProxyServer.ACCESS_KEY, "wrong", "SignatureDoesNotMatch");
    }

    @Test
    void unknownAccessKeyIsReported() {
        refused(S3ProxyServer.BUCKET, "nobody", "nothing", "InvalidAccessKeyId");
    }

    @Test
    void missingBucketIsReported() {
        refused("no-such-bucket", S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY, "RAW_BUCKET");
    }

    private static void refused(String bucket, String accessKey, String secretKey, String word) {
        try (ObjectStore wrong = S3Stores.of(server.uri(), bucket, accessKey, secretKey)) {
            assertThatThrownBy(() -> wrong.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.kind()).isEqualTo(StoreException.Kind.REFUSED);
                        assertThat(e).hasMessageContaining(word).hasMessageContaining("s3://" + bucket + "/raw/x");
                    });
        }
    }
}
