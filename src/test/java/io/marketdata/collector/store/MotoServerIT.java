package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.e2e.RecordedInto;
import io.marketdata.collector.testkit.BucketReader;
import io.marketdata.collector.testkit.MotoServer;
import io.marketdata.collector.upload.ObjectStore;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the store contract against moto, an independent S3 server, if {@code moto_server} is on the path; else skipped.
 */
class MotoServerIT extends ObjectStoreContract {

    private static final String BUCKET = "recorded-trades";
    private static final String KEY = "test";

    private static URI endpoint;
    private static ObjectStore store;
    private static BucketReader reader;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        endpoint = MotoServer.orSkip();
        store = S3Stores.of(endpoint, BUCKET, KEY, KEY);
        reader = new BucketReader(endpoint, KEY, KEY, BUCKET, null).create();
    }

    @AfterAll
    static void stop() {
        if (store != null) {
            store.close();
            reader.close();
        }
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Override
    byte[] read(String key) {
        return reader.get(key);
    }

    /** moto 5 ignores the digest and returns none; the ETag decides. */
    @Override
    boolean checksDigests() {
        return false;
    }

    @Test
    void jarRecordsIntoMoto() throws Exception {
        try (BucketReader own = new BucketReader(endpoint, KEY, KEY, "recorded-by-the-jar", null).create()) {
            RecordedInto.s3(folder, endpoint, "recorded-by-the-jar", KEY, KEY, own::objects);

            assertThat(own.objects().keySet())
                    .allSatisfy(key -> assertThat(own.encryption(key)).hasToString("AES256"));
        }
    }
}
