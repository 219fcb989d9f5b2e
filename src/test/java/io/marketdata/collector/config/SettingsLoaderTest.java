package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsLoaderTest {

    @TempDir
    Path directory;

    @Test
    void aBucketNameIsAllThatMustBeStated() throws Exception {
        Settings settings = new SettingsLoader(Map.of("RAW_BUCKET", "my-trades"), directory).load();

        assertThat(settings.store()).isEqualTo(new StoreTarget.S3("my-trades", null, null));
    }
}
