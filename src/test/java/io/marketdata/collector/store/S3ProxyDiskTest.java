package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.route.S3Dialect.Encryption;
import io.marketdata.collector.testkit.BucketReader;
import io.marketdata.collector.testkit.S3ProxyServer;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the store contract against a third-party server that cannot encrypt. */
class S3ProxyDiskTest extends ObjectStoreContract {

    @TempDir
    private static Path folder;

    private static S3ProxyServer server;
    private static ObjectStore store;
    private static BucketReader reader;

    @BeforeAll
    static void start() {
        server = S3ProxyServer.onDisk(folder);
        store = in(S3Dialect.STRICT.with(Encryption.NONE));
        reader = new BucketReader(
                server.uri(), S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY, S3ProxyServer.BUCKET, null);
    }

    private static ObjectStore in(S3Dialect dialect) {
        return S3Stores.of(
                server.uri(), S3ProxyServer.BUCKET, S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY, dialect);
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
    void refusalOfTheEncryptionHeaderIsExplained() {
        byte[] body = {1};
        try (ObjectStore strict = in(S3Dialect.STRICT)) {
            assertThatThrownBy(() -> strict.put("raw/x", body, Sha256.of(body), ContentType.GZIP))
                    .hasMessageContaining("HTTP 501 NotImplemented");
        }
    }
}
