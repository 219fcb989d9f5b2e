package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.e2e.RecordedInto;
import io.marketdata.collector.testkit.BucketReader;
import io.marketdata.collector.upload.ObjectStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Runs the store contract against LocalStack in a container, if a Docker engine is present; skipped otherwise.
 * {@code LOCALSTACK_IMAGE} selects another image that serves S3 on port 4566.
 */
@Testcontainers(disabledWithoutDocker = true)
class LocalStackIT extends ObjectStoreContract {

    // The last tag that runs without an account token (testcontainers-java issue 11568).
    private static final String PINNED = "localstack/localstack:4.14.0";
    private static final String BUCKET = "recorded-trades";

    @Container
    private static final LocalStackContainer LOCALSTACK = container();

    private static ObjectStore store;
    private static BucketReader reader;

    @TempDir
    private Path folder;

    @SuppressWarnings("resource") // closed by the extension
    private static LocalStackContainer container() {
        String replaced = System.getenv("LOCALSTACK_IMAGE");
        DockerImageName image = DockerImageName.parse(replaced == null ? PINNED : replaced);
        LocalStackContainer container =
                new LocalStackContainer(image.asCompatibleSubstituteFor("localstack/localstack")).withServices("s3");
        if (replaced != null) {
            // A replacement is built locally, and need not print LocalStack's "Ready.".
            container.withImagePullPolicy(name -> false);
            container.setWaitStrategy(Wait.forHttp("/")
                    .forPort(4_566)
                    .forStatusCodeMatching(status -> status < 500)
                    .withStartupTimeout(Duration.ofMinutes(1)));
        }
        return container;
    }

    @BeforeAll
    static void start() {
        URI endpoint = LOCALSTACK.getEndpoint();
        store = S3Stores.of(endpoint, BUCKET, LOCALSTACK.getAccessKey(), LOCALSTACK.getSecretKey());
        reader =
                new BucketReader(endpoint, LOCALSTACK.getAccessKey(), LOCALSTACK.getSecretKey(), BUCKET, null).create();
    }

    @AfterAll
    static void stop() {
        store.close();
        reader.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Override
    byte[] read(String key) {
        return reader.get(key);
    }

    /** LocalStack does; another image may not. */
    @Override
    boolean checksDigests() {
        return System.getenv("LOCALSTACK_IMAGE") == null;
    }

    @Test
    void jarRecordsIntoLocalStack() throws Exception {
        String bucket = "recorded-by-the-jar";
        try (BucketReader own = new BucketReader(
                        LOCALSTACK.getEndpoint(), LOCALSTACK.getAccessKey(), LOCALSTACK.getSecretKey(), bucket, null)
                .create()) {
            RecordedInto.s3(
                    folder,
                    LOCALSTACK.getEndpoint(),
                    bucket,
                    LOCALSTACK.getAccessKey(),
                    LOCALSTACK.getSecretKey(),
                    own::objects);

            assertThat(own.objects().keySet())
                    .allSatisfy(key -> assertThat(own.encryption(key)).hasToString("AES256"));
        }
    }
}
