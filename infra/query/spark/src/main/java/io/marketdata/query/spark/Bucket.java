package io.marketdata.query.spark;

import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A bucket as executors find it: its address, and the settings of Hadoop's file systems.
 *
 * @param root {@code s3a://my-trades} or {@code file:///data/bucket}
 */
record Bucket(String root, HashMap<String, String> hadoop) implements Serializable {

    static Bucket of(String root, Configuration hadoop) {
        HashMap<String, String> settings = new HashMap<>();
        for (Map.Entry<String, String> setting : hadoop) {
            settings.put(setting.getKey(), setting.getValue());
        }
        return new Bucket(root, settings);
    }

    ObjectStore open() {
        Path path = new Path(root);
        if ("file".equals(path.toUri().getScheme())) {
            return new DirectoryObjectStore(java.nio.file.Path.of(path.toUri().getPath()));
        }
        Configuration configuration = new Configuration(false);
        hadoop.forEach(configuration::set);
        try {
            return new HadoopStore(FileSystem.get(path.toUri(), configuration), path);
        } catch (IOException e) {
            throw new UncheckedIOException(root + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** How Spark names an object, up to its key. */
    String prefix() {
        return new Path(root).toString() + "/";
    }
}
