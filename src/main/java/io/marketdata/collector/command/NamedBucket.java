package io.marketdata.collector.command;

import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.config.StoreTarget;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The settings of a command with an option that names a bucket in place of {@code RAW_BUCKET}. */
final class NamedBucket {

    private NamedBucket() {}

    /** @param bucket {@code s3://NAME}, {@code NAME} or {@code file:DIR}; null: {@code RAW_BUCKET} */
    static Settings settings(Terminal terminal, String option, @Nullable String bucket) throws SettingsException {
        if (bucket == null) {
            return StartSettings.load();
        }
        String name = bucket.startsWith("s3://") ? bucket.substring("s3://".length()) : bucket;
        try {
            StoreTarget.parse(name, Path.of("").toAbsolutePath());
        } catch (IllegalArgumentException e) {
            throw terminal.wrong(
                    option + " " + bucket + ": " + e.getMessage() + "; allowed: " + StoreTarget.ALLOWED, e);
        }
        return StartSettings.resolve(SettingsLoader.ofProcess().storingIn(name).load());
    }
}
