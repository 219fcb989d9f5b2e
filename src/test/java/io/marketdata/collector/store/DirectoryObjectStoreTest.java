package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryObjectStoreTest extends ObjectStoreContract {

    private static final byte[] BODY = {1, 2, 3};

    @TempDir
    private Path folder;

    @Override
    ObjectStore store() {
        return new DirectoryObjectStore(folder.resolve("bucket"));
    }

    @Override
    byte[] read(String key) throws IOException {
        return Files.readAllBytes(folder.resolve("bucket").resolve(key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "raw/../../outside", "/etc/outside", "", "."})
    void keyOutsideTheBucketIsRefused(String key) {
        assertThatThrownBy(() -> store().put(key, BODY, Sha256.of(BODY), ContentType.JSON))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.REFUSED));
        assertThat(folder.resolve("outside")).doesNotExist();
    }

    @Test
    void noTemporaryFileStaysBehind() throws Exception {
        store().put("raw/a", BODY, Sha256.of(BODY), ContentType.JSON);
        store().put("raw/a", BODY, Sha256.of(BODY), ContentType.JSON);

        store().replace("quality/a", BODY, Sha256.of(BODY), ContentType.JSON);
        store().replace("quality/a", BODY, Sha256.of(BODY), ContentType.JSON);

        for (String name : List.of("raw", "quality")) {
            try (var files = Files.list(folder.resolve("bucket").resolve(name))) {
                assertThat(files)
                        .containsExactly(folder.resolve("bucket").resolve(name).resolve("a"));
            }
        }
    }

    @Test
    void listingSucceedsWhileObjectsAreStored() throws Exception {
        DirectoryObjectStore store = new DirectoryObjectStore(folder);
        CompletableFuture<Void> storing = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < 500; i++) {
                    store.put("raw/x/" + i, BODY, Sha256.of(BODY), ContentType.TEXT);
                }
            } catch (StoreException e) {
                throw new IllegalStateException(e);
            }
        });
        while (!storing.isDone()) {
            store.list("raw/", "");
        }
        storing.get();
        assertThat(store.list("raw/", "").objects()).hasSize(500);
    }

    @Test
    void unwritableBucketIsAFailure() throws Exception {
        Files.writeString(folder.resolve("bucket"), "a file where the directory should be");

        assertThatThrownBy(() -> store().put("raw/a", BODY, Sha256.of(BODY), ContentType.JSON))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("bucket");
    }
}
