package io.marketdata.query.command;

import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.command.Allowed;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.query.duck.WorkDirectory;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A mixin for commands that read the bucket. */
@Command // picocli requires it of a mixin
final class BucketOption {

    @Option(
            names = "--bucket",
            paramLabel = "BUCKET",
            description = "A bucket's name or file:DIR (default: RAW_BUCKET).")
    private @Nullable String bucket;

    @Allowed(least = "1", most = "256")
    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "64",
            description = "Requests to the bucket at once (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Directory for DuckDB's library, temporary files and hours that were read (default:"
                    + " market-data-query in $$XDG_CACHE_HOME or ~/.cache). It must not be mounted noexec.")
    private @Nullable Path work;

    ObjectStore open() throws SettingsException {
        SettingsLoader loader = SettingsLoader.ofProcess();
        String name = bucket != null && bucket.startsWith("s3://") ? bucket.substring("s3://".length()) : bucket;
        Settings settings = StartSettings.resolve((name == null ? loader : loader.storingIn(name)).load());
        return Recording.openStore(settings, requests);
    }

    WorkDirectory work() throws IOException {
        return WorkDirectory.open(work);
    }

    int requests() {
        return requests;
    }
}
