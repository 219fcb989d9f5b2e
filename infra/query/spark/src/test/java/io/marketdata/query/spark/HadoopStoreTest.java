package io.marketdata.query.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the store of directories, through Hadoop's file system of this machine; S3A has the same interface. */
class HadoopStoreTest {

    private static final byte[] BODY = "body".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OTHER = "other".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private ObjectStore directory;
    private HadoopStore hadoop;

    @BeforeEach
    void open() throws IOException, StoreException {
        directory = new DirectoryObjectStore(folder);
        for (String key : new String[] {"raw/symbol=%E5%B8%81/1/b", "raw/symbol=%E5%B8%81/1/a", "raw/symbol=A/2/c"}) {
            directory.put(key, BODY, Sha256.of(BODY), ContentType.TEXT);
        }
        RawLocalFileSystem files = new RawLocalFileSystem();
        files.initialize(folder.toUri(), new Configuration());
        hadoop = new HadoopStore(files, new org.apache.hadoop.fs.Path("file://" + folder));
    }

    @Test
    void listsAndReadsWhatIsThere() throws StoreException {
        for (String prefix : new String[] {"raw/", "raw/symbol=%E5%B8%81/", "raw/none/"}) {
            assertThat(hadoop.folders(prefix)).isEqualTo(directory.folders(prefix));
            assertThat(hadoop.list(prefix, "").objects())
                    .isEqualTo(directory.list(prefix, "").objects());
        }
        assertThat(hadoop.list("raw/symbol=%E5%B8%81/", "raw/symbol=%E5%B8%81/1/a")
                        .objects())
                .hasSize(1);
        assertThat(hadoop.get("raw/symbol=A/2/c", 3)).contains("bod".getBytes(StandardCharsets.UTF_8));
        assertThat(hadoop.get("raw/symbol=A/2/d", 3)).isEmpty();
    }

    @Test
    void replacesBelowCompactOnly() throws StoreException {
        hadoop.replace("compact/a/b", BODY, Sha256.of(BODY), ContentType.TEXT);
        hadoop.replace("compact/a/b", OTHER, Sha256.of(OTHER), ContentType.TEXT);

        assertThat(directory.get("compact/a/b", 10)).contains(OTHER);
        assertThatThrownBy(() -> hadoop.replace("raw/symbol=A/2/c", OTHER, Sha256.of(OTHER), ContentType.TEXT))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> hadoop.put("raw/new", OTHER, Sha256.of(OTHER), ContentType.TEXT))
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> hadoop.replace("compact/a/b", OTHER, Sha256.of(BODY), ContentType.TEXT))
                .isInstanceOf(StoreException.class);
    }
}
